package io.sallyport.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// An upstream that does not answer `/stall`, answers `/drip` with the beginning of a long body, and `/` as it should.
/// A query says whose request it is.
public final class StallingUpstream implements AutoCloseable {
    private final ServerSocket server;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final ConcurrentMap<String, Semaphore> arrived = new ConcurrentHashMap<>();

    public StallingUpstream() {
        try {
            server = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
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
        byte[] bytes = new byte[4096];
        try (socket) {
            InputStream in = socket.getInputStream();
            // A request's head is short enough to come in one piece.
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                String read = new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
                if (!read.contains(" HTTP/1.1\r\n")) {
                    continue;
                }
                requests.incrementAndGet();
                int query = read.indexOf('?') + 1;
                if (query > 0) {
                    arrivals(read.substring(query, read.indexOf(' ', query))).release();
                }
                if (read.startsWith("GET /drip")) {
                    answer(socket, "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nbegun");
                } else if (read.startsWith("GET / ")) {
                    answer(socket, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                }
            }
        } catch (IOException gone) {
            // What it was built for.
            return;
        } finally {
            open.decrementAndGet();
        }
    }

    private static void answer(Socket socket, String response) throws IOException {
        socket.getOutputStream().write(response.getBytes(StandardCharsets.ISO_8859_1));
    }

    public int port() {
        return server.getLocalPort();
    }

    public int openConnections() {
        return open.get();
    }

    /// Those whose head has arrived.
    public int requests() {
        return requests.get();
    }

    private Semaphore arrivals(String query) {
        return arrived.computeIfAbsent(query, _ -> new Semaphore(0));
    }

    /// Waits for the heads of so many requests with that query, but not for long: they may not come.
    public void awaitRequests(String query, int count) {
        try {
            arrivals(query).tryAcquire(count, 1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
