package io.sallyport.testing;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// An HTTP/2 client whose requests say what they are told to: an authority that the handshake did not name, fields that
/// a library would not send. One request at a time.
public final class RawHttp2Client implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;

    private final Socket socket;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private int stream = 1;

    /// In plain text, with prior knowledge.
    public RawHttp2Client(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /// Over a socket that is connected already, such as one with TLS that has agreed on `h2`.
    public RawHttp2Client(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) PATIENCE.toMillis());
        in = new DataInputStream(socket.getInputStream());
        socket.getOutputStream().write(Http2Frames.preface().take());
    }

    /// GET, and the head of its response.
    ///
    /// @param more names and values of further fields
    public Http2Headers get(String scheme, String authority, String path, String... more) throws IOException {
        List<String> fields =
                new ArrayList<>(List.of(":method", "GET", ":scheme", scheme, ":authority", authority, ":path", path));
        fields.addAll(List.of(more));
        return request(fields.toArray(String[]::new));
    }

    /// A request without a body, and the head of its response.
    ///
    /// @param fields names and values, the pseudo-header fields first
    public Http2Headers request(String... fields) throws IOException {
        int asked = stream;
        stream += 2;
        socket.getOutputStream()
                .write(new Http2Frames()
                        .fields(asked, Http2Frames.END_STREAM, fields)
                        .take());
        return readHead(asked);
    }

    /// Whatever comes before it is passed over; no response in these tests needs more than one frame for its head.
    ///
    /// @throws IOException where the stream is reset instead, with the error's code
    public Http2Headers readHead(int of) throws IOException {
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.readByte();
            int on = in.readInt();
            byte[] payload = in.readNBytes(length);
            if (payload.length < length) {
                throw new EOFException("closed within a frame");
            }
            if (type == RST_STREAM && on == of) {
                throw new IOException("reset with " + ByteBuffer.wrap(payload).getInt());
            }
            if (type == HEADERS) {
                Http2Headers head = decode(on, payload);
                if (on == of) {
                    return head;
                }
            }
        }
    }

    private Http2Headers decode(int on, byte[] block) throws IOException {
        try {
            return decoder.decodeHeaders(on, Unpooled.wrappedBuffer(block));
        } catch (Http2Exception malformed) {
            throw new IOException(malformed);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
