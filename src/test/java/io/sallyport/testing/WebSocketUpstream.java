package io.sallyport.testing;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/// An upstream that agrees to every WebSocket (RFC 6455, 4.2.2) and then follows a script.
public final class WebSocketUpstream implements AutoCloseable {
    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;

    private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// What to do with one WebSocket, on a thread of its own.
    public interface Script {
        void serve(Connection connection) throws IOException;
    }

    /// A frame, unmasked.
    public record Frame(boolean last, int opcode, byte[] payload) {}

    private final ServerSocket server;
    private final Script script;
    private final AtomicInteger open = new AtomicInteger();

    private WebSocketUpstream(Script script) throws IOException {
        this.script = script;
        server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public static WebSocketUpstream start(Script script) {
        try {
            return new WebSocketUpstream(script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Sends every frame back, the closing one last.
    public static WebSocketUpstream echo() {
        return start(connection -> {
            Frame frame;
            do {
                frame = connection.readFrame();
                connection.writeFrame(frame);
            } while (frame.opcode() != CLOSE);
        });
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.incrementAndGet();
                Thread.ofVirtual().start(() -> run(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void run(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            script.serve(new Connection(socket));
        } catch (IOException gone) {
            // The test sees that at its own end.
            return;
        } finally {
            open.decrementAndGet();
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    public int openConnections() {
        return open.get();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// One WebSocket, past its handshake.
    public static final class Connection {
        private final DataInputStream in;
        private final OutputStream out;

        private Connection(Socket socket) throws IOException {
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            out = socket.getOutputStream();
            String key = "";
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
                    key = line.substring("sec-websocket-key:".length()).strip();
                }
            }
            String head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.US_ASCII));
        }

        private static String accept(String key) {
            try {
                byte[] digest = MessageDigest.getInstance("SHA-1")
                        .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
                return Base64.getEncoder().encodeToString(digest);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        public Frame readFrame() throws IOException {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            int length = second & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = Math.toIntExact(in.readLong());
            }
            byte[] mask = in.readNBytes((second & 0x80) == 0 ? 0 : 4);
            byte[] payload = new byte[length];
            in.readFully(payload);
            for (int i = 0; i < payload.length && mask.length > 0; i++) {
                payload[i] ^= mask[i & 3];
            }
            return new Frame((first & 0x80) != 0, first & 0x0f, payload);
        }

        public void writeFrame(Frame frame) throws IOException {
            int length = frame.payload().length;
            byte[] head = new byte[10];
            head[0] = (byte) ((frame.last() ? 0x80 : 0) | frame.opcode());
            int size = 2;
            if (length < 126) {
                head[1] = (byte) length;
            } else if (length < 1 << 16) {
                head[1] = 126;
                head[2] = (byte) (length >> 8);
                head[3] = (byte) length;
                size = 4;
            } else {
                head[1] = 127;
                for (int i = 0; i < 8; i++) {
                    head[2 + i] = (byte) ((long) length >>> (56 - 8 * i));
                }
                size = 10;
            }
            out.write(head, 0, size);
            out.write(frame.payload());
            out.flush();
        }

        /// Bytes as they come, below the frames; -1 at the end.
        public int read(byte[] into) throws IOException {
            return in.read(into);
        }

        public void write(byte[] bytes) throws IOException {
            out.write(bytes);
        }
    }
}
