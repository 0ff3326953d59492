package io.sallyport.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.StandardConstants;

/// An HTTPS server that answers every request with 200 and its name, and remembers who called and by which server name.
public final class TlsUpstream implements AutoCloseable {
    private final SSLServerSocket server;
    private final String body;
    private final List<String> serverNames = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile int accepted;

    private TlsUpstream(String body, Issued identity, TestCertificates clients) throws IOException {
        this.body = body;
        TestCertificates[] trusted = clients == null ? new TestCertificates[0] : new TestCertificates[] {clients};
        server = (SSLServerSocket) TlsClients.of(identity, trusted)
                .getServerSocketFactory()
                .createServerSocket(0, 128, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(clients != null);
        SSLParameters parameters = server.getSSLParameters();
        parameters.setSNIMatchers(List.of(new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
            @Override
            public boolean matches(SNIServerName name) {
                serverNames.add(new String(name.getEncoded(), StandardCharsets.US_ASCII));
                return true;
            }
        }));
        server.setSSLParameters(parameters);
        Thread.ofVirtual().start(this::accept);
    }

    public static TlsUpstream start(String body, Issued identity) {
        return start(body, identity, null);
    }

    /// @param clients the authority whose certificates clients must show; null for none
    public static TlsUpstream start(String body, Issued identity, TestCertificates clients) {
        try {
            return new TlsUpstream(body, identity, clients);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) server.accept();
                accepted++;
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            socket.startHandshake();
            for (String head = head(socket.getInputStream()); !head.isEmpty(); head = head(socket.getInputStream())) {
                requests.add(head);
                String answer = "HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body;
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException gone) {
            // What the test looks at is what came before.
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.append((char) b);
            if (head.length() >= 4 && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                return head.toString();
            }
        }
        return "";
    }

    public int port() {
        return server.getLocalPort();
    }

    /// Connections, whatever became of them.
    public int connectionCount() {
        return accepted;
    }

    /// The server names of all ClientHellos.
    public List<String> serverNames() {
        return List.copyOf(serverNames);
    }

    /// The heads of all requests.
    public List<String> requests() {
        return List.copyOf(requests);
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
