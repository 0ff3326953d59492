package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A client that ends its side of a TLS connection after its request gets the response nevertheless.
@Timeout(60)
class TlsHalfCloseTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued issued = authority.leaf("a").dns("a.example").issue();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);

    /// Keeps what is written until it is told to send it in one piece.
    private static final class Corked extends Socket {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean corked;

        /// With room for little of a large answer.
        Corked(int port) throws IOException {
            setReceiveBufferSize(4096);
            setSoTimeout(20_000);
            connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            OutputStream out = super.getOutputStream();
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    if (corked) {
                        kept.write(bytes, offset, length);
                    } else {
                        out.write(bytes, offset, length);
                    }
                }
            };
        }

        /// The end of the stream would go ahead of what is kept.
        @Override
        public void shutdownOutput() {}

        void uncork() throws IOException {
            corked = false;
            super.getOutputStream().write(kept.toByteArray());
        }
    }

    private TestGateway start(RawUpstream upstream) {
        return TestGateway.builder()
                .secret("a", issued)
                .start(TlsForwardingTest.gateway(TlsForwardingTest.tlsServer("a.example", "a", 443))
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.forwardAll("a.example", "up.internal"));
    }

    /// Answers when it is told to.
    private RawUpstream late() {
        return RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                asked.countDown();
                await(answer);
                connection.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate");
            }
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private SSLSocket secure(Socket plain, String protocol) throws IOException {
        return secure(plain, protocol, "http/1.1");
    }

    private SSLSocket secure(Socket plain, String protocol, String application) throws IOException {
        SSLSocket socket = (SSLSocket) TlsClients.of(null, authority)
                .getSocketFactory()
                .createSocket(plain, "a.example", plain.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {protocol});
        parameters.setApplicationProtocols(new String[] {application});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /// Sends a request and the client's end.
    private static void sendAndEnd(Corked plain, SSLSocket socket, byte[] request, boolean inOnePiece)
            throws IOException {
        plain.corked = inOnePiece;
        socket.getOutputStream().write(request);
        socket.shutdownOutput();
        if (inOnePiece) {
            plain.uncork();
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void theResponseCompletes(boolean inOnePiece) throws Exception {
        try (RawUpstream upstream = late();
                TestGateway gateway = start(upstream);
                Corked plain = new Corked(gateway.port(443));
                SSLSocket socket = secure(plain, "TLSv1.3")) {
            sendAndEnd(plain, socket, GET.getBytes(StandardCharsets.US_ASCII), inOnePiece);
            await(asked);
            answer.countDown();

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("late");
        }
    }

    /// The gateway's own answer is written before the read that brought the request has ended.
    @ParameterizedTest
    @CsvSource({"TLSv1.2, false", "TLSv1.2, true", "TLSv1.3, false", "TLSv1.3, true"})
    void soDoesAnAnswerOfTheGateway(String protocol, boolean inOnePiece) throws Exception {
        try (TestGateway gateway = TestGateway.builder()
                        .secret("a", issued)
                        .start(TlsForwardingTest.gateway(TlsForwardingTest.tlsServer("a.example", "a", 443))
                                + Yaml.virtualService(
                                        "a.example", "- directResponse: {status: 200, body: {string: own}}"));
                Corked plain = new Corked(gateway.port(443));
                SSLSocket socket = secure(plain, protocol)) {
            sendAndEnd(plain, socket, GET.getBytes(StandardCharsets.US_ASCII), inOnePiece);

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("own");
        }
    }

    /// What the engine has encrypted still waits for the socket when it reads the client's end.
    @ParameterizedTest
    @CsvSource({"TLSv1.2", "TLSv1.3"})
    void aLargeOneIsSentToItsEnd(String protocol) throws Exception {
        String body = "x".repeat(900_000);
        try (TestGateway gateway = TestGateway.builder()
                        .secret("a", issued)
                        .start(TlsForwardingTest.gateway(TlsForwardingTest.tlsServer("a.example", "a", 443))
                                + Yaml.virtualService(
                                        "a.example", "- directResponse: {status: 200, body: {string: " + body + "}}"));
                Corked plain = new Corked(gateway.port(443));
                SSLSocket socket = secure(plain, protocol)) {
            sendAndEnd(plain, socket, GET.getBytes(StandardCharsets.US_ASCII), true);

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                            .endsWith("\r\n\r\n" + body))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2", "TLSv1.3"})
    void aRequestThatWasSentAheadIsAnsweredNext(String protocol) throws Exception {
        try (RawUpstream upstream = late();
                TestGateway gateway = start(upstream);
                Socket plain = new Socket(InetAddress.getLoopbackAddress(), gateway.port(443));
                SSLSocket socket = secure(plain, protocol)) {
            socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
            await(asked);
            socket.getOutputStream()
                    .write(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            answer.countDown();

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                            .split("HTTP/1.1 200 ", -1))
                    .hasSize(3);
        }
    }

    /// TLS 1.3 hides which record it is, and the endpoint may be waiting for what looks alike.
    ///
    /// @param inOnePiece with the request, and what is sent ahead
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void anUpgradedConnectionEndsByHalves(boolean inOnePiece) throws Exception {
        String upgrade = GET.replace(
                "\r\n\r\n",
                "\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readRequest();
                    connection.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
                    asked.countDown();
                    StringBuilder heard = new StringBuilder();
                    for (int read = connection.read(); read >= 0; read = connection.read()) {
                        heard.append((char) read);
                    }
                    connection.write(heard + ", bye");
                });
                TestGateway gateway = start(upstream);
                Corked plain = new Corked(gateway.port(443));
                SSLSocket socket = secure(plain, "TLSv1.2")) {
            if (inOnePiece) {
                sendAndEnd(plain, socket, (upgrade + "hello").getBytes(StandardCharsets.US_ASCII), true);
            } else {
                socket.getOutputStream().write(upgrade.getBytes(StandardCharsets.US_ASCII));
                await(asked);
                sendAndEnd(plain, socket, "hello".getBytes(StandardCharsets.US_ASCII), false);
            }

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 101 ")
                    .endsWith("\r\n\r\nhello, bye");
        }
    }

    /// Nothing can be answered any more: the connection does not stay open for as long as it may be idle.
    @ParameterizedTest
    @CsvSource({"TLSv1.2", "TLSv1.3"})
    void anHttp2ConnectionEndsWithItsClient(String protocol) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("late");
                TestGateway gateway = start(upstream);
                Corked plain = new Corked(gateway.port(443));
                SSLSocket socket = secure(plain, protocol, "h2")) {
            ByteBuf request = Unpooled.wrappedBuffer(
                    Frames.preface(), Frames.settings(), Frames.headers(1, true, H2Client.request("GET", "/")));
            sendAndEnd(plain, socket, ByteBufUtil.getBytes(request), true);

            plain.setSoTimeout(10_000);
            while (plain.getInputStream().read() >= 0) {
                // Whatever it still sends.
            }
        }
    }
}
