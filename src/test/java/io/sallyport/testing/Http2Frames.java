package io.sallyport.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Frames of an HTTP/2 client, byte by byte (RFC 9113, section 4): for what no client library would send.
public final class Http2Frames {
    public static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int CANCEL = 8;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /// The connection's preface with empty settings.
    public static Http2Frames preface() {
        Http2Frames frames = new Http2Frames();
        frames.bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return frames.frame(SETTINGS, 0, 0, new byte[0]);
    }

    /// A request's head, its fields as literals without an index (RFC 7541, 6.2.2).
    public Http2Frames headers(int stream, int flags, String method, String authority, String path) {
        return fields(stream, flags, ":method", method, ":scheme", "http", ":authority", authority, ":path", path);
    }

    /// A block of fields, the pseudo-fields among them, as literals without an index.
    ///
    /// @param namesAndValues one after the other
    public Http2Frames fields(int stream, int flags, String... namesAndValues) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            field(block, namesAndValues[i], namesAndValues[i + 1]);
        }
        return frame(HEADERS, flags | END_HEADERS, stream, block.toByteArray());
    }

    public Http2Frames data(int stream, int flags, String body) {
        return frame(DATA, flags, stream, body.getBytes(StandardCharsets.US_ASCII));
    }

    public Http2Frames cancel(int stream) {
        return frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, CANCEL});
    }

    private static void field(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        text(block, name);
        text(block, value);
    }

    /// A text without Huffman's code: its length, an integer with a prefix of seven bits (RFC 7541, 5.1 and 5.2), and
    /// its
    /// bytes.
    private static void text(ByteArrayOutputStream block, String text) {
        int most = 0x7f;
        block.write(Math.min(text.length(), most));
        if (text.length() >= most) {
            int rest = text.length() - most;
            for (; rest >= 0x80; rest >>= 7) {
                block.write(rest & 0x7f | 0x80);
            }
            block.write(rest);
        }
        block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private Http2Frames frame(int type, int flags, int stream, byte[] payload) {
        bytes.write(payload.length >> 16);
        bytes.write(payload.length >> 8);
        bytes.write(payload.length);
        bytes.write(type);
        bytes.write(flags);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes.write(stream >> shift);
        }
        bytes.writeBytes(payload);
        return this;
    }

    /// What was written since the last call.
    public byte[] take() {
        byte[] all = bytes.toByteArray();
        bytes.reset();
        return all;
    }
}
