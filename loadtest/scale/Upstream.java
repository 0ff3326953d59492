package scale;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Answers every request with 200, on a thread for each connection. Requests have no bodies.
final class Upstream implements AutoCloseable {
    private static final byte[] RESPONSE =
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n".getBytes(StandardCharsets.US_ASCII);
    private static final int END = '\r' << 24 | '\n' << 16 | '\r' << 8 | '\n';

    private final ServerSocket server;

    Upstream() throws IOException {
        server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            int last = 0;
            for (int b = in.read(); b >= 0; b = in.read()) {
                last = last << 8 | b;
                if (last == END) {
                    socket.getOutputStream().write(RESPONSE);
                }
            }
        } catch (IOException gone) {
            // The gateway closes connections that it does not need.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
