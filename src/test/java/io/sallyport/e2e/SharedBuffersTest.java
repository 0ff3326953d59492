package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections of one event loop read into the same buffers, one after the other: whatever is kept of a message
/// whose rest is yet to come, in plain text or of a TLS record, no other connection's bytes may end up in it.
class SharedBuffersTest {
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final Issued SERVER =
            AUTHORITY.leaf("server").dns("shop.example").issue();
    private static final int CLIENTS = 12;
    private static final int REQUESTS = 60;
    private static final int MOST_BYTES = 6_000;

    /// Passes on what a client sends, in pieces that end anywhere.
    private static final class Cutter implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final int to;

        Cutter(int to) throws IOException {
            this.to = to;
            Thread.ofVirtual().start(this::accept);
        }

        int port() {
            return server.getLocalPort();
        }

        private void accept() {
            try {
                for (int seed = 0; ; seed++) {
                    Socket client = server.accept();
                    Socket gateway = new Socket(InetAddress.getLoopbackAddress(), to);
                    gateway.setTcpNoDelay(true);
                    client.setTcpNoDelay(true);
                    Random random = new Random(seed);
                    Thread.ofVirtual().start(() -> relay(client, gateway, random));
                    Thread.ofVirtual().start(() -> relay(gateway, client, null));
                }
            } catch (IOException closed) {
                // The test is over.
            }
        }

        private static void relay(Socket from, Socket to, Random random) {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] bytes = new byte[16 * 1024];
                for (int count = in.read(bytes); count > 0; count = in.read(bytes)) {
                    for (int sent = 0; sent < count; ) {
                        int piece = random == null ? count : Math.min(count - sent, 1 + random.nextInt(900));
                        out.write(bytes, sent, piece);
                        sent += piece;
                        if (random != null && random.nextBoolean()) {
                            Thread.yield();
                        }
                    }
                }
            } catch (IOException closed) {
                // The other direction ends as well.
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static void echo(RawUpstream.Connection connection) throws IOException {
        for (String request = connection.readRequest(); request != null; request = connection.readRequest()) {
            String body = request.substring(request.indexOf("\r\n\r\n") + 4);
            String path = request.split(" ", 3)[1];
            connection.write(
                    "HTTP/1.1 200 OK\r\nx-path: " + path + "\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noConnectionSeesAnothersBytes(boolean tls) throws Exception {
        String http = "port: {number: 80, name: http, protocol: HTTP}, hosts: [\"*\"]";
        String https = "port: {number: 443, name: https, protocol: HTTPS}, hosts: [\"*\"],"
                + " tls: {mode: SIMPLE, credentialName: shop}";
        try (RawUpstream upstream = RawUpstream.start(SharedBuffersTest::echo);
                TestGateway gateway = TestGateway.builder()
                        .secret("shop", SERVER)
                        .start(Yaml.gateway(http + "}, {" + https)
                                + Yaml.service("shop.internal", upstream.port())
                                + Yaml.forwardAll("shop.example", "shop.internal"));
                Cutter cutter = new Cutter(gateway.port(tls ? 443 : 80));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                clients.add(threads.submit((Callable<Void>) () -> {
                    converse(cutter.port(), tls, number);
                    return null;
                }));
            }
            for (Future<Void> client : clients) {
                client.get();
            }
        }
    }

    private static void converse(int port, boolean tls, int number) throws IOException {
        Random random = new Random(number);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        if (tls) {
            socket = TlsClients.of(null, AUTHORITY).getSocketFactory().createSocket(socket, "shop.example", port, true);
        }
        try (RawClient client = new RawClient(socket)) {
            for (int i = 0; i < REQUESTS; i++) {
                String path = "/" + Character.toString('a' + number).repeat(1 + random.nextInt(300)) + "/" + i;
                String body = Character.toString('A' + number).repeat(random.nextInt(MOST_BYTES));
                client.send("POST " + path + " HTTP/1.1\r\nHost: shop.example\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body);
                String response = client.readResponse();

                assertThat(response).contains("x-path: " + path + "\r\n").endsWith("\r\n\r\n" + body);
            }
        }
    }
}
