package io.sallyport.telemetry;

import io.netty.util.AsciiString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes of log lines, reused from batch to batch. Everything it writes is printable ASCII and the line feeds that
/// [#endLine] puts: whatever a client sends cannot end a line, forge one or reach a terminal as a control sequence.
public final class LineBuffer {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int FIRST_PRINTABLE = 0x20;
    private static final int DELETE = 0x7f;

    private byte[] bytes;
    private int length;

    public LineBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    int length() {
        return length;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(bytes, 0, length);
    }

    void clear() {
        length = 0;
    }

    public LineBuffer put(char ascii) {
        room(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    /// A text of ours, in ASCII.
    @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) is the copy without a decision on encoding
    public LineBuffer put(String ascii) {
        int more = ascii.length();
        room(more);
        ascii.getBytes(0, more, bytes, length);
        length += more;
        return this;
    }

    /// A text of ours as [#put(String)] takes it: the bytes of its UTF-8, each as one character.
    static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    public LineBuffer put(long number) {
        if (number < 0) {
            return put(Long.toString(number));
        }
        int digits = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        return padded(number, digits);
    }

    /// The last `digits` digits, with zeros in front.
    LineBuffer padded(long number, int digits) {
        room(digits);
        long rest = number;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    /// A text of anybody's for a field in quotes: quotes, backslashes and what is not printable are escaped, `\xHH` for
    /// the characters of a header's bytes.
    LineBuffer quoted(CharSequence text, int longest) {
        return escaped(text, longest, false);
    }

    /// A text of anybody's for a field without quotes, which a space would end.
    public LineBuffer bare(CharSequence text, int longest) {
        return escaped(text, longest, true);
    }

    /// A text of anybody's inside a JSON string (RFC 8259, section 7).
    LineBuffer json(CharSequence text, int longest) {
        int end = Math.min(text.length(), longest);
        for (int i = plain(text, end, false); i < end; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                put('\\').put(c);
            } else if (c >= FIRST_PRINTABLE && c < DELETE) {
                put(c);
            } else {
                put("\\u").hex(c >>> 8).hex(c);
            }
        }
        return end < text.length() ? put("...") : this;
    }

    LineBuffer endLine() {
        return put('\n');
    }

    private LineBuffer escaped(CharSequence text, int longest, boolean bare) {
        int end = Math.min(text.length(), longest);
        for (int i = plain(text, end, bare); i < end; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                put('\\').put(c);
            } else if (c > 0xff) {
                put("\\u").hex(c >>> 8).hex(c);
            } else if (c < FIRST_PRINTABLE || c >= DELETE || bare && c == ' ') {
                put("\\x").hex(c);
            } else {
                put(c);
            }
        }
        return end < text.length() ? put("...") : this;
    }

    /// Puts what stands before the first character that must be escaped: with most texts, that is all of it.
    ///
    /// @return how many characters that was
    private int plain(CharSequence text, int end, boolean bare) {
        room(end);
        int count = text instanceof AsciiString ascii
                ? plain(ascii.array(), ascii.arrayOffset(), end, bare)
                : plainCharacters(text, end, bare);
        length += count;
        return count;
    }

    private int plain(byte[] from, int offset, int end, boolean bare) {
        byte[] to = bytes;
        int start = length;
        for (int i = 0; i < end; i++) {
            byte b = from[offset + i];
            if (!isPlain(b, bare)) {
                return i;
            }
            to[start + i] = b;
        }
        return end;
    }

    private int plainCharacters(CharSequence text, int end, boolean bare) {
        byte[] to = bytes;
        int start = length;
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (!isPlain(c, bare)) {
                return i;
            }
            to[start + i] = (byte) c;
        }
        return end;
    }

    private static boolean isPlain(int c, boolean bare) {
        return c < DELETE && c >= FIRST_PRINTABLE && c != '"' && c != '\\' && !(bare && c == ' ');
    }

    private LineBuffer hex(int value) {
        room(2);
        bytes[length++] = HEX[value >>> 4 & 0xf];
        bytes[length++] = HEX[value & 0xf];
        return this;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
