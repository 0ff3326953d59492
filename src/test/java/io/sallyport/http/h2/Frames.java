package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Frames byte by byte, so that a test can send what no codec would.
public final class Frames {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PUSH_PROMISE = 5;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;
    public static final int PADDED = 8;

    private Frames() {}

    public static ByteBuf preface() {
        return Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII);
    }

    public static ByteBuf frame(int type, int flags, int stream, ByteBuf payload) {
        ByteBuf frame = Unpooled.buffer(9 + payload.readableBytes());
        frame.writeMedium(payload.readableBytes())
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream);
        return frame.writeBytes(payload);
    }

    public static ByteBuf frame(int type, int flags, int stream) {
        return frame(type, flags, stream, Unpooled.EMPTY_BUFFER);
    }

    public static ByteBuf settings(int... idsAndValues) {
        ByteBuf payload = Unpooled.buffer();
        for (int i = 0; i < idsAndValues.length; i += 2) {
            payload.writeShort(idsAndValues[i]).writeInt(idsAndValues[i + 1]);
        }
        return frame(SETTINGS, 0, 0, payload);
    }

    public static ByteBuf settingsAck() {
        return frame(SETTINGS, ACK, 0);
    }

    public static ByteBuf data(int stream, String text, boolean end) {
        return data(stream, text.getBytes(StandardCharsets.US_ASCII), end);
    }

    public static ByteBuf data(int stream, byte[] bytes, boolean end) {
        return frame(DATA, end ? END_STREAM : 0, stream, Unpooled.wrappedBuffer(bytes));
    }

    public static ByteBuf reset(int stream, int code) {
        return frame(RST_STREAM, 0, stream, Unpooled.buffer().writeInt(code));
    }

    public static ByteBuf windowUpdate(int stream, int increment) {
        return frame(WINDOW_UPDATE, 0, stream, Unpooled.buffer().writeInt(increment));
    }

    public static ByteBuf ping(long data) {
        return frame(PING, 0, 0, Unpooled.buffer().writeLong(data));
    }

    public static ByteBuf pingAck(long data) {
        return frame(PING, ACK, 0, Unpooled.buffer().writeLong(data));
    }

    public static ByteBuf goAway(int lastStream, int code) {
        return frame(GOAWAY, 0, 0, Unpooled.buffer().writeInt(lastStream).writeInt(code));
    }

    /// @param fields names and values in turn
    public static ByteBuf headers(int stream, boolean end, String... fields) {
        return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block(fields));
    }

    public static ByteBuf get(int stream, String path) {
        return headers(stream, true, request("GET", path));
    }

    public static ByteBuf post(int stream, String path, String... more) {
        return headers(stream, false, request("POST", path, more));
    }

    public static String[] request(String method, String path, String... more) {
        String[] base = {":method", method, ":scheme", "http", ":path", path, ":authority", "a.example"};
        String[] all = Arrays.copyOf(base, base.length + more.length);
        System.arraycopy(more, 0, all, base.length, more.length);
        return all;
    }

    /// HPACK literals without indexing and without Huffman coding (RFC 7541, 6.2.2). Characters are bytes.
    public static ByteBuf block(String... fields) {
        ByteBuf block = Unpooled.buffer();
        for (int i = 0; i < fields.length; i += 2) {
            block.writeByte(0);
            string(block, fields[i]);
            string(block, fields[i + 1]);
        }
        return block;
    }

    public static void string(ByteBuf block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        integer(block, bytes.length);
        block.writeBytes(bytes);
    }

    private static void integer(ByteBuf block, int value) {
        if (value < 127) {
            block.writeByte(value);
            return;
        }
        block.writeByte(127);
        int rest = value - 127;
        while (rest >= 128) {
            block.writeByte((rest & 127) | 128);
            rest >>= 7;
        }
        block.writeByte(rest);
    }
}
