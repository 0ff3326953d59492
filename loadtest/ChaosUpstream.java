import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Endpoints that misbehave on command. A process of its own: prints its ports in one line, then reads lines such as
/// `2 HANG` and answers each with `done`.
public final class ChaosUpstream {
    /// What an endpoint does from now on, to new requests and new connections.
    enum Mode {
        OK,
        /// Nobody listens, and open connections are reset.
        REFUSE,
        /// Requests are read and never answered.
        HANG,
        /// The connection is reset in the middle of the response.
        RESET,
        /// Status 500.
        ERROR,
        /// An answer after [#SLOW_MILLIS].
        SLOW,
        /// REFUSE and OK in turns of [#BLINK_MILLIS].
        BLINK
    }

    private static final long SLOW_MILLIS = 300;
    private static final long BLINK_MILLIS = 300;

    private static final byte[] GOOD = ascii("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n");
    private static final byte[] BAD = ascii("HTTP/1.1 500 No\r\ncontent-length: 3\r\n\r\nno\n");
    private static final byte[] HALF = ascii("HTTP/1.1 200 OK\r\ncontent-length: 300\r\n\r\nhalf");

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int port;
    private volatile Mode mode = Mode.OK;
    private volatile ServerSocket server;

    private ChaosUpstream() throws IOException {
        server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        port = server.getLocalPort();
        Thread.ofPlatform().daemon().start(() -> accept(server));
        Thread.ofPlatform().daemon().start(this::blink);
    }

    /// @param args how many endpoints
    public static void main(String[] args) throws IOException {
        ChaosUpstream[] all = new ChaosUpstream[Integer.parseInt(args[0])];
        StringBuilder ports = new StringBuilder();
        for (int i = 0; i < all.length; i++) {
            all[i] = new ChaosUpstream();
            ports.append(all[i].port).append(' ');
        }
        System.out.println(ports.toString().strip());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            all[Integer.parseInt(words[0])].become(Mode.valueOf(words[1]));
            System.out.println("done");
        }
    }

    private synchronized void become(Mode next) throws IOException {
        mode = next;
        if (next == Mode.REFUSE) {
            down();
        } else {
            up();
        }
    }

    private void down() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    private void up() throws IOException {
        if (server.isClosed()) {
            ServerSocket again = new ServerSocket();
            again.setReuseAddress(true);
            again.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
            server = again;
            Thread.ofPlatform().daemon().start(() -> accept(again));
        }
    }

    private void blink() {
        try {
            while (true) {
                Thread.sleep(BLINK_MILLIS);
                synchronized (this) {
                    if (mode == Mode.BLINK && server.isClosed()) {
                        up();
                    } else if (mode == Mode.BLINK) {
                        down();
                    }
                }
            }
        } catch (IOException | InterruptedException end) {
            System.err.println(end);
        }
    }

    private void accept(ServerSocket from) {
        while (true) {
            try {
                Socket socket = from.accept();
                open.add(socket);
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
            while (HttpClientConnection.readLine(in) != null) {
                for (String field = HttpClientConnection.readLine(in); field != null && !field.isEmpty(); ) {
                    field = HttpClientConnection.readLine(in);
                }
                answer(socket);
            }
        } catch (IOException | InterruptedException gone) {
            // The gateway, or this endpoint's mode, has closed the connection.
        } finally {
            open.remove(socket);
        }
    }

    private void answer(Socket socket) throws IOException, InterruptedException {
        OutputStream out = socket.getOutputStream();
        switch (mode) {
            case OK, REFUSE, BLINK -> out.write(GOOD);
            case ERROR -> out.write(BAD);
            case SLOW -> {
                Thread.sleep(SLOW_MILLIS);
                out.write(GOOD);
            }
            case RESET -> {
                out.write(HALF);
                out.flush();
                socket.setSoLinger(true, 0);
                socket.close();
            }
            case HANG -> {
                while (mode == Mode.HANG) {
                    Thread.sleep(50);
                }
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
