package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes heads into an array that is kept from one to the next, and from there into the socket's buffer at once.
/// One an event loop: a head is written in one go.
final class HeadWriter {
    private static final FastThreadLocal<HeadWriter> CURRENT = new FastThreadLocal<>() {
        @Override
        protected HeadWriter initialValue() {
            return new HeadWriter();
        }
    };
    private static final int START_BYTES = 4 * 1024;
    private static final int KEPT_BYTES = 64 * 1024;
    private static final String HEX = "0123456789ABCDEF";

    private byte[] bytes = new byte[START_BYTES];
    private int length;

    private HeadWriter() {}

    /// This thread's writer, empty.
    static HeadWriter begin() {
        HeadWriter writer = CURRENT.get();
        writer.length = 0;
        return writer;
    }

    HeadWriter put(byte[] text) {
        ensure(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
        return this;
    }

    HeadWriter put(char c) {
        ensure(1);
        bytes[length++] = (byte) c;
        return this;
    }

    /// ASCII, or at most Latin-1.
    @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) is the copy without a decision on encoding
    HeadWriter put(String text) {
        ensure(text.length());
        text.getBytes(0, text.length(), bytes, length);
        length += text.length();
        return this;
    }

    HeadWriter put(AsciiString text) {
        int count = text.length();
        ensure(count);
        System.arraycopy(text.array(), text.arrayOffset(), bytes, length, count);
        length += count;
        return this;
    }

    /// A request target: what no target contains (blank space, control characters, all but ASCII) is percent-encoded,
    /// so that a rewritten path cannot end the line that it stands in.
    HeadWriter putTarget(String target) {
        int start = length;
        int end = start + target.length();
        put(target);
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) > 0x7e) {
                end = -1;
            }
        }
        if (end < 0 || FieldSyntax.endOfTarget(bytes, start, end) < end) {
            length = start;
            for (byte b : target.getBytes(StandardCharsets.UTF_8)) {
                putEncoded(b);
            }
        }
        return this;
    }

    private void putEncoded(byte b) {
        if (b > ' ' && b < 0x7f && b != '#') {
            put((char) b);
        } else {
            put('%').put(HEX.charAt(b >> 4 & 15)).put(HEX.charAt(b & 15));
        }
    }

    /// @param number not negative
    HeadWriter putDecimal(long number) {
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        ensure(digits);
        length += digits;
        long rest = number;
        for (int at = length; digits > 0; digits--) {
            bytes[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return this;
    }

    HeadWriter crlf() {
        ensure(2);
        bytes[length++] = '\r';
        bytes[length++] = '\n';
        return this;
    }

    HeadWriter field(AsciiString name, AsciiString value) {
        return put(name).put(':').put(' ').put(value).crlf();
    }

    private void field(Headers headers, int index) {
        AsciiString name = headers.name(index);
        int valueLength = headers.valueLength(index);
        int size = name.length() + valueLength + 4;
        ensure(size);
        byte[] to = bytes;
        int at = length;
        System.arraycopy(name.array(), name.arrayOffset(), to, at, name.length());
        at += name.length();
        to[at++] = ':';
        to[at++] = ' ';
        headers.copyValue(index, to, at);
        at += valueLength;
        to[at++] = '\r';
        to[at] = '\n';
        length += size;
    }

    /// All fields but those that the connection writes itself: whatever a rule of the configuration set, the framing
    /// is not changed by it.
    HeadWriter fields(Headers headers) {
        int count = headers.size();
        for (int i = 0; i < count; i++) {
            if (!isOwn(headers.name(i))) {
                field(headers, i);
            }
        }
        return this;
    }

    void writeTo(ByteBuf out) {
        out.writeBytes(bytes, 0, length);
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[START_BYTES];
        }
    }

    int length() {
        return length;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static boolean isOwn(AsciiString name) {
        return switch (name.length()) {
            case 4 -> name.equals(HeaderNames.HOST);
            case 6 -> name.equals(HeaderNames.EXPECT);
            case 14 -> name.equals(HeaderNames.CONTENT_LENGTH);
            default -> HopByHop.isHopByHop(name);
        };
    }

    private void ensure(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
