package io.sallyport.e2e.hostile;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/// An HTTP/2 client with prior knowledge that sends exactly the frames it is told to.
public final class H2Client implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;
    private final SentFrame.Parser parser = new SentFrame.Parser();
    private final ArrayDeque<SentFrame> received = new ArrayDeque<>();

    public H2Client(int port) throws IOException {
        this(port, Frames.settings());
    }

    public H2Client(int port, ByteBuf settings) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = socket.getInputStream();
        send(Frames.preface(), settings, Frames.settingsAck());
    }

    /// A request's fields to `shop.example`, where `changes` (names and values in turn) replace or, with a null value,
    /// remove a field of that name, or come behind the others.
    public static String[] request(String method, String path, String... changes) {
        List<String> fields = new ArrayList<>(
                List.of(":method", method, ":scheme", "http", ":path", path, ":authority", "shop.example"));
        for (int i = 0; i < changes.length; i += 2) {
            int at = changes[i].startsWith(":") ? fields.indexOf(changes[i]) : -1;
            if (at < 0) {
                fields.addAll(Arrays.asList(changes).subList(i, i + 2));
            } else if (changes[i + 1] == null) {
                fields.subList(at, at + 2).clear();
            } else {
                fields.set(at + 1, changes[i + 1]);
            }
        }
        return fields.toArray(String[]::new);
    }

    /// The port that it connects from.
    public int port() {
        return socket.getLocalPort();
    }

    public H2Client send(ByteBuf... frames) throws IOException {
        ByteBuf all = Unpooled.wrappedBuffer(frames);
        socket.getOutputStream().write(ByteBufUtil.getBytes(all));
        socket.getOutputStream().flush();
        return this;
    }

    public H2Client send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /// The next frame of that kind; others before it are skipped. Null at the end of the connection.
    public SentFrame await(Predicate<SentFrame> wanted) throws IOException {
        for (SentFrame frame = next(); frame != null; frame = next()) {
            if (wanted.test(frame)) {
                return frame;
            }
        }
        return null;
    }

    /// HEADERS or RST_STREAM of the stream.
    public SentFrame answer(int stream) throws IOException {
        return await(frame ->
                frame.stream() == stream && (frame.type() == Frames.HEADERS || frame.type() == Frames.RST_STREAM));
    }

    /// The data of the stream up to its end, whatever frames carry it. A reset or a GOAWAY that comes first is named
    /// behind it.
    public String body(int stream) throws IOException {
        StringBuilder body = new StringBuilder();
        for (SentFrame frame = next(); frame != null; frame = next()) {
            if (frame.type() == Frames.GOAWAY || (frame.stream() == stream && frame.type() == Frames.RST_STREAM)) {
                return body + "|" + frame;
            }
            if (frame.stream() == stream && frame.type() == Frames.DATA) {
                body.append(new String(frame.payload(), StandardCharsets.ISO_8859_1));
            }
            if (frame.stream() == stream && frame.ends()) {
                return body.toString();
            }
        }
        return body + "|connection closed";
    }

    public SentFrame goAway() throws IOException {
        return await(frame -> frame.type() == Frames.GOAWAY);
    }

    private SentFrame next() throws IOException {
        byte[] buffer = new byte[16 * 1024];
        while (received.isEmpty()) {
            int count;
            try {
                count = in.read(buffer);
            } catch (java.net.SocketException reset) {
                return null;
            }
            if (count < 0) {
                return null;
            }
            received.addAll(parser.parse(Unpooled.wrappedBuffer(buffer, 0, count)));
        }
        return received.poll();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
