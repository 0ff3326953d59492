package io.sallyport.http.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/// Writes a message of Protocol Buffers (protobuf.dev, Encoding). As in proto3, a field with its default value is left
/// out: an empty text, no bytes, 0; a message within is written even where it is empty, for its presence says
/// something.
///
/// All is written into one growing buffer: the length of a message is put in when it ends.
public final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;
    private static final int MOST_OF_VARINT = 10;
    private static final int MOST_OF_BYTE = 0x7f;
    private static final int FIRST_CAPACITY = 256;
    /// Characters from which on it is cheaper to have the JDK encode a whole text.
    private static final int LONG_TEXT = 16;

    private static final long NOT_ASCII = 0x8080808080808080L;
    private static final VarHandle BIG_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LITTLE_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int length;
    /// Bytes of the last field that are not written here.
    private int announced;

    /// An integer, enum or bool (0 or 1).
    public ProtoWriter number(int field, long value) {
        if (value != 0) {
            tag(field, VARINT);
            varint(value);
        }
        return this;
    }

    /// The same, also where it is 0: within a oneof that says which of its fields there is.
    public ProtoWriter always(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    public ProtoWriter fixed64(int field, long value) {
        if (value != 0) {
            tag(field, FIXED64);
            littleEndian(value);
        }
        return this;
    }

    /// A number with a fraction, also where it is 0.
    public ProtoWriter float64(int field, double value) {
        tag(field, FIXED64);
        littleEndian(Double.doubleToRawLongBits(value));
        return this;
    }

    public ProtoWriter fixed32(int field, int value) {
        if (value != 0) {
            tag(field, FIXED32);
            ensure(Integer.BYTES);
            for (int i = 0; i < Integer.BYTES; i++) {
                bytes[length++] = (byte) (value >>> i * Byte.SIZE);
            }
        }
        return this;
    }

    public ProtoWriter text(int field, CharSequence value) {
        if (!value.isEmpty()) {
            int start = open(field);
            utf8(value, 0, value.length());
            close(start);
        }
        return this;
    }

    public ProtoWriter bytes(int field, byte[] value) {
        if (value.length > 0) {
            begin(field, value.length);
            raw(value);
        }
        return this;
    }

    public ProtoWriter message(int field, Consumer<ProtoWriter> content) {
        int start = open(field);
        content.accept(this);
        close(start);
        return this;
    }

    /// A text or bytes that the caller sends behind [#toBytes], so that nobody has to copy them. It is the last field,
    /// also of each message around it.
    ///
    /// @param length 0 leaves the field out
    public ProtoWriter announce(int field, int length) {
        if (length > 0) {
            begin(field, length);
            announced = length;
        }
        return this;
    }

    // In parts.

    /// Begins a message, a text or bytes, whose content follows.
    ///
    /// @return for [#close]
    public int open(int field) {
        return open(field, 1);
    }

    /// Begins what is likely to need that many bytes for its length: where it does, nothing has to be moved.
    ///
    /// @return for [#close(int,int)]
    public int open(int field, int lengthBytes) {
        tag(field, LENGTH);
        ensure(lengthBytes);
        length += lengthBytes;
        return length;
    }

    /// Ends what that call has begun.
    public void close(int start) {
        close(start, 1);
    }

    /// @param lengthBytes as it was begun with
    public void close(int start, int lengthBytes) {
        int size = length - start;
        if (lengthBytes == 1 && size + announced <= MOST_OF_BYTE) {
            bytes[start - 1] = (byte) (size + announced);
            return;
        }
        int more = sizeOf((long) size + announced) - lengthBytes;
        if (more != 0) {
            ensure(Math.max(0, more));
            System.arraycopy(bytes, start, bytes, start + more, size);
        }
        length = start - lengthBytes;
        varint((long) size + announced);
        length += size;
    }

    /// Content as it is.
    public void raw(byte[] content) {
        raw(content, content.length);
    }

    /// Content as another writer has it.
    public void copy(ProtoWriter content) {
        raw(content.bytes, content.length);
    }

    private void raw(byte[] content, int size) {
        ensure(size);
        System.arraycopy(content, 0, bytes, length, size);
        length += size;
    }

    /// Content: the whole text, as UTF-8.
    public void utf8(CharSequence text) {
        utf8(text, 0, text.length());
    }

    /// Content as UTF-8; half of a character is a question mark.
    public void utf8(CharSequence text, int from, int to) {
        if (text instanceof String string && to - from == string.length() && to - from >= LONG_TEXT) {
            raw(string.getBytes(StandardCharsets.UTF_8));
            return;
        }
        ensure(3 * (to - from));
        int i = from;
        if (text instanceof String string) {
            i = ascii(string, from, to);
        } else if (text instanceof AsciiString string) {
            i = ascii(string, from, to);
        }
        while (i < to) {
            i = encoded(text, i, to);
        }
    }

    /// What most texts have nothing but.
    ///
    /// @return where it ends
    private int ascii(String text, int from, int to) {
        byte[] out = bytes;
        int at = length - from;
        int i = from;
        for (; i < to; i++) {
            char c = text.charAt(i);
            if (c > MOST_OF_BYTE) {
                break;
            }
            out[at + i] = (byte) c;
        }
        length = at + i;
        return i;
    }

    private int ascii(AsciiString text, int from, int to) {
        byte[] in = text.array();
        int start = text.arrayOffset();
        int i = from;
        while (i + Long.BYTES <= to && ((long) LITTLE_ENDIAN.get(in, start + i) & NOT_ASCII) == 0) {
            i += Long.BYTES;
        }
        while (i < to && in[start + i] >= 0) {
            i++;
        }
        System.arraycopy(in, start + from, bytes, length, i - from);
        length += i - from;
        return i;
    }

    private int encoded(CharSequence text, int at, int to) {
        char c = text.charAt(at);
        if (c < 0x80) {
            bytes[length++] = (byte) c;
        } else if (c < 0x800) {
            bytes[length++] = (byte) (0xc0 | c >> 6);
            bytes[length++] = (byte) (0x80 | c & 0x3f);
        } else if (!Character.isSurrogate(c)) {
            bytes[length++] = (byte) (0xe0 | c >> 12);
            bytes[length++] = (byte) (0x80 | c >> 6 & 0x3f);
            bytes[length++] = (byte) (0x80 | c & 0x3f);
        } else if (at + 1 < to && Character.isSurrogatePair(c, text.charAt(at + 1))) {
            int point = Character.toCodePoint(c, text.charAt(at + 1));
            bytes[length++] = (byte) (0xf0 | point >> 18);
            bytes[length++] = (byte) (0x80 | point >> 12 & 0x3f);
            bytes[length++] = (byte) (0x80 | point >> 6 & 0x3f);
            bytes[length++] = (byte) (0x80 | point & 0x3f);
            return at + 2;
        } else {
            bytes[length++] = '?';
        }
        return at + 1;
    }

    /// Content: a number that is not negative, in decimal digits.
    public void decimal(long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        ensure(digits);
        long rest = value;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /// Content: the eight bytes of a number, the highest first.
    public void bigEndian(long value) {
        ensure(Long.BYTES);
        BIG_ENDIAN.set(bytes, length, value);
        length += Long.BYTES;
    }

    /// Content: the eight bytes of a number, the lowest first.
    public void littleEndian(long value) {
        ensure(Long.BYTES);
        LITTLE_ENDIAN.set(bytes, length, value);
        length += Long.BYTES;
    }

    private void begin(int field, int size) {
        tag(field, LENGTH);
        varint(size);
    }

    private void tag(int field, int type) {
        if (announced > 0) {
            throw new IllegalStateException("a field after the one that is announced as the last");
        }
        int tag = field << 3 | type;
        if (tag <= MOST_OF_BYTE) {
            ensure(1);
            bytes[length++] = (byte) tag;
        } else {
            varint(tag);
        }
    }

    private void varint(long value) {
        ensure(MOST_OF_VARINT);
        long rest = value;
        while ((rest & ~(long) MOST_OF_BYTE) != 0) {
            bytes[length++] = (byte) (rest & MOST_OF_BYTE | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    private static int sizeOf(long varint) {
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(varint) + 6) / 7);
    }

    private void ensure(int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    /// Bytes written so far.
    public int size() {
        return length;
    }

    /// Takes back what was written behind that size.
    public void truncate(int size) {
        length = size;
        announced = 0;
    }

    /// What was written, without a copy: nothing may be written as long as the buffer is in use.
    public ByteBuf toBuffer() {
        return Unpooled.wrappedBuffer(bytes, 0, length);
    }

    public byte[] toBytes() {
        return toBytes(0);
    }

    /// What was written behind that size.
    public byte[] toBytes(int from) {
        return Arrays.copyOfRange(bytes, from, length);
    }
}
