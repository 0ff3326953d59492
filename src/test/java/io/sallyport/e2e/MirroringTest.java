package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who gets a copy of a request, and of what.
class MirroringTest extends MirroringFixture {
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
            await().until(() -> !gateway.facts().isEmpty());
            assertThat(gateway.facts()).singleElement().satisfies(facts -> {
                assertThat(facts.status).isEqualTo(200);
                assertThat(facts.destination.cluster()).isEqualTo("outbound|80||shop.internal");
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

    @Test
    void aMirrorThatHangsLeavesTheOthersTheirShare() throws Exception {
        int requests = 300;
        int most = 256;
        RawUpstream hanging = RawUpstream.start(connection -> {
            while (connection.readHead() != null) {
                // Nothing is answered.
            }
        });
        try (hanging;
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", upstream.port())
                        + Yaml.service("audit.internal", audit.port())
                        + Yaml.service("hanging.internal", hanging.port())
                        + Yaml.virtualService("shop.example", """
                                - route: [{destination: {host: shop.internal, port: {number: 80}}}]
                                  mirrors:
                                  - destination: {host: hanging.internal, port: {number: 80}}
                                  - destination: {host: audit.internal, port: {number: 80}}
                                """));
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 0; i < requests; i++) {
                assertThat(client.send(GET).readResponse()).endsWith("hello");
            }
            await().untilAsserted(() -> assertThat(gateway.mirrored()).hasSize(requests + requests - most));
            assertThat(gateway.mirrored())
                    .filteredOn(one -> one.contains("audit"))
                    .hasSize(requests)
                    .containsOnly(ANSWERED);
            assertThat(gateway.mirrored())
                    .filteredOn(one -> one.contains("hanging"))
                    .containsOnly("DROPPED outbound|80||hanging.internal");
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
}
