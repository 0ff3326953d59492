import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Answers every request with 200, one to `/slow` after a while, on a thread for each connection.
public final class Upstream implements AutoCloseable {
    /// Long enough for some generations to come and go meanwhile.
    private static final long SLOW_MILLIS = 250;

    private final ServerSocket server;
    private final byte[] response;

    Upstream() throws IOException {
        this("upstream");
    }

    /// @param name which its answers carry, as `x-upstream`
    Upstream(String name) throws IOException {
        response = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx-upstream: %s\r\n\r\nok\n"
                .formatted(name)
                .getBytes(StandardCharsets.US_ASCII);
        server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(this::accept);
    }

    /// By itself, until its input ends; says its port first.
    public static void main(String[] args) throws IOException {
        try (Upstream upstream = new Upstream()) {
            System.out.println(upstream.port());
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String line = HttpClientConnection.readLine(in); line != null; line = HttpClientConnection.readLine(in)) {
                boolean slow = line.contains(" /slow ");
                long length = 0;
                for (String field = HttpClientConnection.readLine(in); field != null && !field.isEmpty(); ) {
                    if (field.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                        length = Long.parseLong(field.substring("content-length:".length()).strip());
                    }
                    field = HttpClientConnection.readLine(in);
                }
                in.skipNBytes(length);
                if (slow) {
                    Thread.sleep(SLOW_MILLIS);
                }
                socket.getOutputStream().write(response);
            }
        } catch (IOException | InterruptedException gone) {
            // The gateway closes connections that it does not need; a request that is lost by that shows at the client.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
