package io.sallyport.testing;

import io.netty.buffer.Unpooled;
import io.sallyport.tls.ClientHelloReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// An HTTPS server that answers every request with 200 and its name, and remembers who called and by which server name.
public final class TlsUpstream implements AutoCloseable {
    private final ServerSocket server;
    private final SSLContext context;
    private final boolean needClientAuth;
    private final String body;
    private final List<String> serverNames = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile int accepted;
    private volatile String version;

    private TlsUpstream(String body, Issued identity, TestCertificates clients) throws IOException {
        this.body = body;
        TestCertificates[] trusted = clients == null ? new TestCertificates[0] : new TestCertificates[] {clients};
        needClientAuth = clients != null;
        context = TlsClients.of(identity, trusted);
        server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
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
                Socket socket = server.accept();
                accepted++;
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket plain) {
        try (plain;
                SSLSocket socket = secured(plain)) {
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

    /// The JDK's engine does not tell the server name in this process, where the gateway has it disabled.
    private SSLSocket secured(Socket plain) throws IOException {
        ClientHelloReader reader = new ClientHelloReader();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        ClientHelloReader.Result result = ClientHelloReader.Result.NEED_MORE;
        while (result == ClientHelloReader.Result.NEED_MORE) {
            int b = plain.getInputStream().read();
            if (b < 0) {
                throw new EOFException();
            }
            read.write(b);
            result = reader.read(Unpooled.wrappedBuffer(new byte[] {(byte) b}));
        }
        if (result == ClientHelloReader.Result.COMPLETE && reader.hello().serverName() != null) {
            serverNames.add(reader.hello().serverName());
        }
        SSLSocket socket = (SSLSocket)
                context.getSocketFactory().createSocket(plain, new ByteArrayInputStream(read.toByteArray()), true);
        socket.setNeedClientAuth(needClientAuth);
        if (version != null) {
            socket.setEnabledProtocols(new String[] {version});
        }
        return socket;
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

    /// @param protocol `TLSv1.2` or `TLSv1.3`: from now on no other
    public TlsUpstream speaking(String protocol) {
        version = protocol;
        return this;
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
