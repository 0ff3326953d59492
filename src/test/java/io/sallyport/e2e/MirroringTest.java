package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolBooks;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MirroringTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private static final String ANSWERED = "ANSWERED outbound|80||audit.internal";
    private static final String FAILED = "FAILED outbound|80||audit.internal";
    private static final String CUT = "CUT outbound|80||audit.internal";

    private static final String GRPC_GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 8080, name: grpc, protocol: GRPC}
                hosts: ["*"]
            ---
            """;

    private final RawUpstream upstream = RawUpstream.ok("hello");
    private final RawUpstream audit = RawUpstream.answering("HTTP/1.1 500 No\r\ncontent-length: 6\r\n\r\nfailed");
    private final CountDownLatch released = new CountDownLatch(1);

    @AfterEach
    void close() {
        released.countDown();
        upstream.close();
        audit.close();
    }

    private TestGateway serving(RawUpstream mirror, String... fields) {
        return serving(upstream.port(), mirror.port(), fields);
    }

    private static TestGateway serving(int shop, int audit, String... fields) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", shop)
                + Yaml.service("audit.internal", audit)
                + Yaml.virtualService(
                        "shop.example",
                        "- route: [{destination: {host: shop.internal, port: {number: 80}}}]\n  "
                                + String.join("\n  ", fields)));
    }

    private static String mirror(String host) {
        return "mirror: {host: %s, port: {number: 80}}".formatted(host);
    }

    private static void awaitMirrored(TestGateway gateway, String... outcomes) {
        await().untilAsserted(() -> assertThat(gateway.mirrored()).containsExactly(outcomes));
        await().untilAsserted(() -> assertThat(gateway.books()).allMatch(PoolBooks::isQuiet));
    }

    @Test
    void theMirrorGetsTheRequestAsTheUpstreamDoesWithAHostOfItsOwn() throws Exception {
        try (TestGateway gateway = serving(
                        audit,
                        mirror("audit.internal"),
                        "rewrite: {uri: /v2/}",
                        "headers: {request: {set: {x-shop: cart}}}");
                RawClient client = new RawClient(gateway.port(80))) {
            String response = client.send(
                            "POST /cart?id=1 HTTP/1.1\r\nHost: shop.example:8080\r\nContent-Length: 5\r\n\r\nitem1")
                    .readResponse();

            assertThat(response).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nhello");
            awaitMirrored(gateway, ANSWERED);
            assertThat(audit.received())
                    .startsWith("POST /v2/cart?id=1 HTTP/1.1\r\nhost: shop.example-shadow:8080\r\n")
                    .contains("\r\nx-shop: cart\r\n", "\r\nx-forwarded-for: 127.0.0.1\r\n")
                    .endsWith("\r\n\r\nitem1");
            // How often it was tried is told of the request alone: a copy is sent once.
            String original = upstream.received().replace("x-envoy-attempt-count: 1\r\n", "");
            assertThat(audit.received().replace("-shadow", "")).isEqualTo(original);
            assertThat(gateway.facts()).singleElement().satisfies(facts -> {
                assertThat(facts.status).isEqualTo(200);
                assertThat(facts.cluster).isEqualTo("outbound|80||shop.internal");
                assertThat(facts.attempts).isEqualTo(1);
            });
        }
    }

    @Test
    void aBodyInPiecesWithTrailersArrivesWhole() throws Exception {
        try (TestGateway gateway = serving(audit, mirror("audit.internal"));
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
            await().until(() -> audit.received().contains("one"));
            client.send("3\r\ntwo\r\n0\r\nx-sum: 6\r\n\r\n");

            assertThat(client.readResponse()).endsWith("hello");
            awaitMirrored(gateway, ANSWERED);
            assertThat(audit.received()).contains("one", "two").endsWith("0\r\nx-sum: 6\r\n\r\n");
        }
    }

    @Test
    void eachOfSeveralMirrorsHasAShareOfItsOwn() throws Exception {
        int requests = 2000;
        try (RawUpstream half = RawUpstream.ok("");
                RawUpstream none = RawUpstream.ok("");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", upstream.port())
                        + Yaml.service("audit.internal", audit.port())
                        + Yaml.service("half.internal", half.port())
                        + Yaml.service("none.internal", none.port())
                        + Yaml.virtualService("shop.example", """
                                - route: [{destination: {host: shop.internal, port: {number: 80}}}]
                                  mirrors:
                                  - destination: {host: audit.internal, port: {number: 80}}
                                  - {destination: {host: half.internal, port: {number: 80}}, percentage: {value: 25}}
                                  - {destination: {host: none.internal, port: {number: 80}}, percentage: {value: 0}}
                                """));
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 0; i < requests; i++) {
                assertThat(client.send(GET).readResponse()).endsWith("hello");
            }
            await().until(() ->
                    gateway.mirrored().stream().filter(ANSWERED::equals).count() == requests);
            // 500 expected, standard deviation 19.
            assertThat(gateway.mirrored())
                    .filteredOn(one -> one.contains("half"))
                    .hasSizeBetween(400, 600);
            assertThat(none.connectionCount()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"mirrorPercentage: {value: 0}", "mirrorPercentage: {}", "mirrorPercent: 0"})
    void noShareIsNoMirror(String share) throws Exception {
        try (TestGateway gateway = serving(audit, mirror("audit.internal"), share);
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.send(GET).readResponse()).endsWith("hello");
            }
            assertThat(audit.connectionCount()).isZero();
            assertThat(gateway.mirrored()).isEmpty();
        }
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
            for (int i = 0; i < 1030; i++) {
                assertThat(client.send(GET).readResponse()).endsWith("hello");
            }
            assertThat(gateway.mirrored()).hasSize(6).allMatch(one -> one.startsWith("DROPPED "));
            released.countDown();
            silent.close();
            await().until(() -> gateway.mirrored().size() == 1030);
            await().untilAsserted(() -> assertThat(gateway.books()).allMatch(PoolBooks::isQuiet));
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

    @Test
    void aDelayedRequestIsMirroredWithItsBody() throws Exception {
        try (TestGateway gateway = serving(
                        audit,
                        mirror("audit.internal"),
                        "fault: {delay: {fixedDelay: 0.1s, percentage: {value: 100}}}");
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 4\r\n\r\nbody");
            assertThat(client.readResponse()).endsWith("hello");
            awaitMirrored(gateway, ANSWERED);
            assertThat(audit.received()).endsWith("\r\n\r\nbody");
        }
    }

    @Test
    void aGrpcCallIsMirroredToAGrpcService() throws Exception {
        try (GrpcEcho echo = GrpcEcho.start();
                GrpcEcho shadow = GrpcEcho.start();
                TestGateway gateway = TestGateway.serving(GRPC_GATEWAY
                        + Yaml.service("echo.internal", "GRPC", echo.port())
                        + Yaml.service("audit.internal", "GRPC", shadow.port())
                        + Yaml.virtualService(
                                "grpc.example",
                                "- route: [{destination: {host: echo.internal, port: {number: 80}}}]\n  "
                                        + mirror("audit.internal")))) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", gateway.port(8080))
                    .overrideAuthority("grpc.example")
                    .usePlaintext()
                    .build();
            try {
                String text = "x".repeat(100_000);
                assertThat(ClientCalls.blockingUnaryCall(
                                channel,
                                GrpcEcho.UNARY,
                                CallOptions.DEFAULT.withDeadlineAfter(15, TimeUnit.SECONDS),
                                text))
                        .isEqualTo(text);
                awaitMirrored(gateway, ANSWERED);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private void hold() {
        try {
            released.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }
}
