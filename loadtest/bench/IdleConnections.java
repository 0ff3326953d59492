package bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// Connections that had one request each and stay open.
final class IdleConnections implements AutoCloseable {
    private static final int AT_ONCE = 32;
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: bench.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /// Enough of the answer to know that there is one: head and body come in one piece.
    private static final String OK = "HTTP/1.1 200";

    private final List<Socket> sockets;

    private IdleConnections(List<Socket> sockets) {
        this.sockets = sockets;
    }

    /// @param tls null for plain text
    static IdleConnections open(int count, int port, SSLContext tls) throws InterruptedException, IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Callable<Socket>> tasks = IntStream.range(0, count)
                    .mapToObj(i -> (Callable<Socket>) () -> open(port, tls))
                    .toList();
            List<Future<Socket>> opened = threads.invokeAll(tasks);
            return new IdleConnections(opened.stream().map(IdleConnections::get).toList());
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }

    private static Socket open(int port, SSLContext tls) throws IOException {
        Socket socket = tls == null
                ? new Socket("127.0.0.1", port)
                : tls.getSocketFactory().createSocket("127.0.0.1", port);
        socket.getOutputStream().write(REQUEST);
        String answer = new String(socket.getInputStream().readNBytes(OK.length()));
        if (!answer.equals(OK)) {
            throw new IOException("an idle connection was answered with " + answer);
        }
        return socket;
    }

    private static Socket get(Future<Socket> future) {
        try {
            return future.get();
        } catch (InterruptedException | ExecutionException failed) {
            throw new UncheckedIOException(new IOException(failed));
        }
    }

    /// Checks nothing: the certificate is the bench's own.
    static SSLContext anyCertificate() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManager all = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        context.init(null, new TrustManager[] {all}, null);
        return context;
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
