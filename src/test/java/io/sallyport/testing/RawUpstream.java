package io.sallyport.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// An upstream that speaks bytes: what the gateway sent it is kept as it came, and a script says what it answers. It
/// has no parser of its own that could hide what the gateway does.
public final class RawUpstream implements AutoCloseable {
    /// What to do with one connection, on a thread of its own.
    public interface Script {
        void serve(Connection connection) throws IOException;
    }

    /// What to do with one request, which has been read.
    public interface Answer {
        void send(Connection connection, String head) throws IOException;
    }

    /// Of a body at once: byte by byte, some megabytes take longer than their client waits.
    private static final int LONGEST_READ = 64 * 1024;

    private final ServerSocket server;
    private final Script script;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();

    private RawUpstream(Script script, ServerSocket server) {
        this.script = script;
        this.server = server;
        Thread.ofVirtual().start(this::accept);
    }

    public static RawUpstream start(Script script) {
        return start("127.0.0.1", 0, script);
    }

    /// Behind TLS.
    public static RawUpstream startTls(Issued identity, Script script) {
        return startTls("127.0.0.1", identity, script);
    }

    /// At this address, behind TLS.
    public static RawUpstream startTls(String address, Issued identity, Script script) {
        try {
            return new RawUpstream(
                    script,
                    TlsClients.of(identity)
                            .getServerSocketFactory()
                            .createServerSocket(0, 512, InetAddress.ofLiteral(address)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// At this address; 0 for any port.
    public static RawUpstream start(String address, int port, Script script) {
        try {
            return new RawUpstream(script, new ServerSocket(port, 512, InetAddress.ofLiteral(address)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Answers every request that has a head, and a body by Content-Length or chunked, with the same bytes.
    public static RawUpstream answering(String response) {
        return start(sending(response));
    }

    /// The script that answers every request with these bytes.
    public static Script sending(String response) {
        return perRequest((connection, _) -> connection.write(response));
    }

    /// The script that answers one request after the other.
    public static Script perRequest(Answer answer) {
        return connection -> {
            for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                answer.send(connection, head);
            }
        };
    }

    /// Answers every request with 200 and this body.
    public static RawUpstream ok(String body) {
        return answering("HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Connection connection = new Connection(server.accept());
                connections.add(connection);
                open.incrementAndGet();
                Thread.ofVirtual().start(() -> run(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void run(Connection connection) {
        try (connection) {
            script.serve(connection);
        } catch (IOException gone) {
            connection.failure = gone;
        } finally {
            open.decrementAndGet();
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    public String address() {
        return "127.0.0.1";
    }

    public int connectionCount() {
        return connections.size();
    }

    public int openConnections() {
        return open.get();
    }

    /// All bytes of all connections so far, in the order in which the connections came.
    public String received() {
        StringBuilder all = new StringBuilder();
        connections.forEach(connection -> all.append(connection.received()));
        return all.toString();
    }

    public List<Connection> connections() {
        return List.copyOf(connections);
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Connection connection : connections) {
                connection.close();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// One connection of the gateway's.
    public static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();
        private volatile IOException failure;

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
        }

        public String received() {
            synchronized (received) {
                return received.toString(StandardCharsets.ISO_8859_1);
            }
        }

        public IOException failure() {
            return failure;
        }

        /// One byte, or -1 at the end.
        public int read() throws IOException {
            int b = in.read();
            if (b >= 0) {
                synchronized (received) {
                    received.write(b);
                }
            }
            return b;
        }

        /// Up to and including the empty line; null at the end of the connection.
        public String readHead() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
                int b = read();
                if (b < 0) {
                    return null;
                }
                head.append((char) b);
            }
            return head.toString();
        }

        /// A whole request, head and body; null at the end of the connection.
        public String readRequest() throws IOException {
            String head = readHead();
            if (head == null) {
                return null;
            }
            String lower = head.toLowerCase(java.util.Locale.ROOT);
            int length = lower.indexOf("\r\ncontent-length:");
            if (length >= 0) {
                int from = length + "\r\ncontent-length:".length();
                return head
                        + readBytes(Integer.parseInt(lower.substring(from, lower.indexOf("\r\n", from))
                                .strip()));
            }
            return lower.contains("\r\ntransfer-encoding: chunked") ? head + readChunks() : head;
        }

        public String readBytes(int count) throws IOException {
            StringBuilder bytes = new StringBuilder();
            byte[] part = new byte[Math.min(count, LONGEST_READ)];
            while (bytes.length() < count) {
                int read = in.read(part, 0, Math.min(part.length, count - bytes.length()));
                if (read < 0) {
                    throw new IOException("ended after " + bytes.length() + " of " + count + " bytes");
                }
                synchronized (received) {
                    received.write(part, 0, read);
                }
                bytes.append(new String(part, 0, read, StandardCharsets.ISO_8859_1));
            }
            return bytes.toString();
        }

        public String readLine() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int b = read(); b != '\n'; b = read()) {
                if (b < 0) {
                    throw new IOException("ended within a line: " + line);
                }
                line.append((char) b);
            }
            return line.append('\n').toString();
        }

        private String readChunks() throws IOException {
            StringBuilder all = new StringBuilder();
            while (true) {
                String size = readLine();
                all.append(size);
                int length = Integer.parseInt(size.strip().split(";")[0], 16);
                if (length == 0) {
                    String line;
                    do {
                        line = readLine();
                        all.append(line);
                    } while (!line.equals("\r\n"));
                    return all.toString();
                }
                all.append(readBytes(length)).append(readLine());
            }
        }

        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        public void write(byte[] bytes) throws IOException {
            out.write(bytes);
            out.flush();
        }

        /// Closes with a reset instead of an orderly end.
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        public void shutdownOutput() throws IOException {
            socket.shutdownOutput();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
