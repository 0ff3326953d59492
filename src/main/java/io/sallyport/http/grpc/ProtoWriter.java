package io.sallyport.http.grpc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Writes a message of Protocol Buffers (protobuf.dev, Encoding). As in proto3, a field with its default value is left
/// out: an empty text, no bytes, 0; a message within is written even where it is empty, for its presence says
/// something.
public final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int LENGTH = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
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

    public ProtoWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    public ProtoWriter bytes(int field, byte[] value) {
        if (value.length > 0) {
            begin(field, value.length);
            out.writeBytes(value);
        }
        return this;
    }

    public ProtoWriter message(int field, Consumer<ProtoWriter> content) {
        ProtoWriter inner = new ProtoWriter();
        content.accept(inner);
        byte[] value = inner.toBytes();
        begin(field, value.length + inner.announced);
        out.writeBytes(value);
        announced = inner.announced;
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

    private void begin(int field, int length) {
        tag(field, LENGTH);
        varint(length);
    }

    private void tag(int field, int type) {
        if (announced > 0) {
            throw new IllegalStateException("a field after the one that is announced as the last");
        }
        varint((long) field << 3 | type);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    public byte[] toBytes() {
        return out.toByteArray();
    }
}
