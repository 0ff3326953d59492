package io.sallyport.http.grpc;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads a message of Protocol Buffers field by field (protobuf.dev, Encoding). A field that is not read is skipped, so
/// unknown ones are. Nothing is read beyond the message's end, and nested messages are readers of their own: no input
/// makes it recurse.
///
/// ```
/// while (reader.next()) {
///     switch (reader.field()) {
///         case 1 -> name = reader.text();
///         default -> {}
///     }
/// }
/// ```
public final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int field;
    private int type;
    /// The field's value has not been read.
    private boolean pending;

    public ProtoReader(byte[] message) {
        this(message, 0, message.length);
    }

    private ProtoReader(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    /// Goes to the next field.
    ///
    /// @return false at the message's end
    public boolean next() throws ProtoException {
        if (pending) {
            skip();
        }
        if (at == end) {
            return false;
        }
        long tag = varint();
        long number = tag >>> 3;
        if (number < 1 || tag > 0xffff_ffffL) {
            throw new ProtoException("a field has no valid number");
        }
        field = (int) number;
        type = (int) tag & 7;
        pending = true;
        return true;
    }

    /// The number of the field that [#next()] went to.
    public int field() {
        return field;
    }

    /// An integer, enum or bool. The low bits count, as with every reader of this format.
    public long number() throws ProtoException {
        expect(VARINT);
        return varint();
    }

    public boolean flag() throws ProtoException {
        return number() != 0;
    }

    public String text() throws ProtoException {
        int length = length();
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, at, length))
                    .toString();
            at += length;
            return text;
        } catch (CharacterCodingException e) {
            throw new ProtoException("a text is not UTF-8");
        }
    }

    public byte[] bytes() throws ProtoException {
        int length = length();
        byte[] value = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return value;
    }

    /// A message within this one, which is not copied.
    public ProtoReader message() throws ProtoException {
        int length = length();
        ProtoReader inner = new ProtoReader(bytes, at, at + length);
        at += length;
        return inner;
    }

    private int length() throws ProtoException {
        expect(LENGTH);
        long length = varint();
        if (length < 0 || length > end - at) {
            throw new ProtoException("a field is longer than its message");
        }
        return (int) length;
    }

    private void expect(int expected) throws ProtoException {
        if (!pending || type != expected) {
            throw new ProtoException("field " + field + " has wire type " + type);
        }
        pending = false;
    }

    private void skip() throws ProtoException {
        switch (type) {
            case VARINT -> number();
            case FIXED64 -> skipFixed(8);
            case LENGTH -> {
                int length = length();
                at += length;
            }
            case FIXED32 -> skipFixed(4);
            // Groups (3, 4) are not part of proto3; 6 and 7 are nothing.
            default -> throw new ProtoException("field " + field + " has wire type " + type);
        }
    }

    private void skipFixed(int length) throws ProtoException {
        if (length > end - at) {
            throw new ProtoException("a field is longer than its message");
        }
        at += length;
        pending = false;
    }

    private long varint() throws ProtoException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == end) {
                throw new ProtoException("the message ends within a number");
            }
            byte each = bytes[at++];
            value |= (each & 0x7fL) << shift;
            if (each >= 0) {
                return value;
            }
        }
        throw new ProtoException("a number has more than 10 bytes");
    }
}
