package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.upstream.PoolUsage;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Mirrors that fail, hang or fall behind, and requests that come to nothing.
class MirrorFailureTest extends MirroringFixture {
    /// An upstream that reads fast and answers with how much it was.
    private static HttpServer counting() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            long length = exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
            byte[] answer = Long.toString(length).getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void aMirrorThatRefusesIsNotNoticed() throws Exception {
        audit.close();
        try (TestGateway gateway = serving(audit, mirror("audit.internal"));
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(GET).readResponse()).endsWith("hello");
            awaitMirrored(gateway, FAILED);
        }
    }

    /// Far more than any buffer on the way to a mirror that reads nothing: the request goes through at once.
    @Test
    void aMirrorThatDoesNotReadIsCutAndTheRequestDoesNotWait() throws Exception {
        int length = 16 << 20;
        HttpServer counting = counting();
        try (RawUpstream deaf = RawUpstream.start(_ -> hold());
                TestGateway gateway = serving(counting.getAddress().getPort(), deaf.port(), mirror("audit.internal"));
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: " + length + "\r\n\r\n");
            client.send(new byte[length]);

            assertThat(client.readResponse()).endsWith("\r\n\r\n" + length);
            awaitMirrored(gateway, CUT);
        } finally {
            counting.stop(0);
        }
    }

    @Test
    void aMirrorThatDoesNotAnswerEndsWithTheRoutesTimeout() throws Exception {
        try (RawUpstream silent = RawUpstream.start(connection -> {
                    connection.readRequest();
                    hold();
                });
                TestGateway gateway = serving(silent, mirror("audit.internal"), "timeout: 0.3s");
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(GET).readResponse()).endsWith("hello");
            awaitMirrored(gateway, FAILED);
        }
    }

    @Test
    void mirrorsThatHangDoNotPileUpWithoutEnd() throws Exception {
        try (RawUpstream silent = RawUpstream.start(_ -> hold());
                TestGateway gateway = serving(silent, mirror("audit.internal"));
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 0; i < 300; i++) {
                assertThat(client.send(GET).readResponse()).endsWith("hello");
            }
            assertThat(gateway.mirrored()).hasSize(300 - 256).allMatch(one -> one.startsWith("DROPPED "));
            released.countDown();
            silent.close();
            await().until(() -> gateway.mirrored().size() == 300);
            await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
        }
    }

    @Test
    void aRequestThatIsCutCutsItsMirror() throws Exception {
        try (TestGateway gateway = serving(audit, mirror("audit.internal"))) {
            try (RawClient client = new RawClient(gateway.port(80))) {
                client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 10\r\n\r\nhalf");
                await().until(() -> audit.received().endsWith("half"));
            }
            awaitMirrored(gateway, CUT);
        }
    }

    @Test
    void anAbortedRequestIsNotMirrored() throws Exception {
        try (TestGateway gateway = serving(
                        audit,
                        mirror("audit.internal"),
                        "fault: {delay: {fixedDelay: 0.1s, percentage: {value: 100}},"
                                + " abort: {httpStatus: 503, percentage: {value: 100}}}");
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 4\r\n\r\nbody");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 503 ");
            assertThat(audit.connectionCount()).isZero();
            assertThat(gateway.mirrored()).isEmpty();
        }
    }
}
