package io.sallyport.e2e.hostile;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawUpstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// An upstream's end of an HTTP/2 connection, frame by frame.
public final class Http2Script {
    private static final int PREFACE = 24;
    private static final int HEAD = 9;

    private final RawUpstream.Connection connection;
    private final DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder(false, 1 << 20);
    private final Map<String, String> fields = new HashMap<>();

    /// Reads the preface and sends SETTINGS.
    public Http2Script(RawUpstream.Connection connection) throws IOException {
        this(connection, Frames.settings());
    }

    /// Reads the preface and sends these SETTINGS.
    public Http2Script(RawUpstream.Connection connection, ByteBuf settings) throws IOException {
        this(connection, settings, Frames.settingsAck());
    }

    private Http2Script(RawUpstream.Connection connection, ByteBuf... frames) throws IOException {
        this.connection = connection;
        connection.readBytes(PREFACE);
        send(frames);
    }

    /// Reads the preface; the caller sends SETTINGS.
    static Http2Script silent(RawUpstream.Connection connection) throws IOException {
        return new Http2Script(connection, new ByteBuf[0]);
    }

    /// Reads up to and including the next HEADERS.
    ///
    /// @return its stream
    public int awaitHeaders() throws IOException {
        while (true) {
            String head = connection.readBytes(HEAD);
            String payload = connection.readBytes(length(head));
            if (head.charAt(3) == Frames.HEADERS) {
                decode(payload.getBytes(StandardCharsets.ISO_8859_1));
                return head.charAt(5) << 24 | head.charAt(6) << 16 | head.charAt(7) << 8 | head.charAt(8);
            }
        }
    }

    private void decode(byte[] block) throws IOException {
        fields.clear();
        try {
            for (var field : hpack.decodeHeaders(1, Unpooled.wrappedBuffer(block))) {
                fields.put(field.getKey().toString(), field.getValue().toString());
            }
        } catch (Http2Exception broken) {
            throw new IOException(broken);
        }
    }

    /// Those of the HEADERS read last; a name must not occur twice.
    public Map<String, String> fields() {
        return fields;
    }

    /// Reads up to and including the next DATA with something in it.
    public String awaitData() throws IOException {
        while (true) {
            String head = connection.readBytes(HEAD);
            String payload = connection.readBytes(length(head));
            if (head.charAt(3) == Frames.DATA && !payload.isEmpty()) {
                return payload;
            }
        }
    }

    private static int length(String head) {
        return head.charAt(0) << 16 | head.charAt(1) << 8 | head.charAt(2);
    }

    public void send(ByteBuf... frames) throws IOException {
        connection.write(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(frames)));
    }

    public void readToEnd() throws IOException {
        int b;
        do {
            b = connection.read();
        } while (b >= 0);
    }
}
