package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a client sees when the endpoint misbehaves.
class UpstreamFailureTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private static final String GET_ONCE = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";

    private static TestGateway gateway(int upstreamPort) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstreamPort)
                + Yaml.forwardAll("shop.example", "shop.internal"));
    }

    private static TestGateway gatewayWithTimeout(int upstreamPort, String timeout) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstreamPort)
                + Yaml.virtualService(
                        "shop.example", "- route: [{destination: {host: shop.internal}}]\n  timeout: " + timeout));
    }

    private static RequestFacts onlyFacts(TestGateway gateway) {
        await().until(() -> gateway.facts().size() == 1);
        return gateway.facts().getFirst();
    }

    private static void allSlotsAreFree(TestGateway gateway) {
        await().untilAsserted(() -> assertThat(gateway.usage())
                .allSatisfy(
                        usage -> assertThat(usage.active() + usage.connecting()).isZero()));
    }

    @Test
    void aRefusedConnectionIs503UfAfterTheRetries() throws Exception {
        try (TestGateway gateway = gateway(ClosedPort.number())) {
            assertThat(RawClient.exchange(gateway.port(80), GET_ONCE))
                    .startsWith("HTTP/1.1 503 Service Unavailable\r\n");
            RequestFacts facts = onlyFacts(gateway);
            assertThat(facts.flag).hasToString("UF");
            assertThat(facts.attempts).isEqualTo(3);
            allSlotsAreFree(gateway);
        }
    }

    @Test
    void anEndpointThatNeverAnswersIs504UtAtTheDeadline() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    while (connection.read() >= 0) {
                        // Takes everything, says nothing.
                    }
                });
                TestGateway gateway = gatewayWithTimeout(upstream.port(), "500ms")) {
            long start = System.nanoTime();
            String response = RawClient.exchange(gateway.port(80), GET_ONCE);
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            assertThat(response).startsWith("HTTP/1.1 504 Gateway Timeout\r\n");
            assertThat(took).isBetween(Duration.ofMillis(450), Duration.ofSeconds(5));
            assertThat(onlyFacts(gateway).flag).hasToString("UT");
            await().until(() -> upstream.openConnections() == 0);
            allSlotsAreFree(gateway);
        }
    }

    @Test
    void aConnectionClosedBeforeTheHeadIs503Uc() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(RawUpstream.Connection::readHead);
                TestGateway gateway = gateway(upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET_ONCE)).startsWith("HTTP/1.1 503 ");
            assertThat(onlyFacts(gateway).flag).hasToString("UC");
            allSlotsAreFree(gateway);
        }
    }

    @Test
    void aBodyCutShortIsCutForTheClientToo() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this");
                });
                TestGateway gateway = gateway(upstream.port())) {
            String response = RawClient.exchange(gateway.port(80), GET);

            assertThat(response).contains("content-length: 100").endsWith("only this");
            assertThat(onlyFacts(gateway).flag).hasToString("UC");
            allSlotsAreFree(gateway);
        }
    }

    @Test
    void aChunkedBodyCutShortEndsWithoutTheLastChunk() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nwiki\r\n");
                    connection.reset();
                });
                TestGateway gateway = gateway(upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET)).doesNotContain("\r\n0\r\n");
            allSlotsAreFree(gateway);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n2\\r\\nok\\r\\n0\\r\\n\\r\\n",
                "garbage\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\ncontent-length: 3\\r\\n\\r\\nok",
                "HTTP/1.1 999999 OK\\r\\n\\r\\n",
                "HTTP/1.1 101 Switching Protocols\\r\\nupgrade: websocket\\r\\nconnection: upgrade\\r\\n\\r\\n",
                "HTTP/1.1 200 OK\\r\\n: empty name\\r\\n\\r\\n",
            })
    void aResponseThatBreaksTheProtocolIs502Upe(String escaped) throws Exception {
        String answer = escaped.replace("\\r", "\r").replace("\\n", "\n");
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write(answer);
                });
                TestGateway gateway = gateway(upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET_ONCE)).startsWith("HTTP/1.1 502 Bad Gateway\r\n");
            assertThat(onlyFacts(gateway).flag).hasToString("UPE");
            allSlotsAreFree(gateway);
        }
    }

    @Test
    void oversizedHeadersAre502() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering(
                        "HTTP/1.1 200 OK\r\nx: " + "y".repeat(100_000) + "\r\ncontent-length: 0\r\n\r\n");
                TestGateway gateway = gateway(upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET_ONCE)).startsWith("HTTP/1.1 502 ");
            allSlotsAreFree(gateway);
        }
    }

    @Test
    void surplusBytesNeverReachTheNextRequest() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering(
                        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison");
                TestGateway gateway = gateway(upstream.port());
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.send(GET).readResponse()).endsWith("\r\n\r\nok");
            }
            assertThat(upstream.connectionCount()).isEqualTo(5);
        }
    }

    @Test
    void interimResponsesAreRelayedAndAFloodOfThemIsCut() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    while (connection.readHead() != null) {
                        connection.write("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
                                + "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                    }
                });
                RawUpstream flood = RawUpstream.start(connection -> {
                    connection.readHead();
                    for (int i = 0; i < 10_000; i++) {
                        connection.write("HTTP/1.1 103 Early Hints\r\n\r\n");
                    }
                });
                TestGateway gateway = gateway(upstream.port());
                TestGateway flooded = gateway(flood.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET_ONCE)).endsWith("\r\n\r\nok");
            assertThat(RawClient.exchange(flooded.port(80), GET_ONCE)).contains("HTTP/1.1 502 ");
        }
    }

    @Test
    void trailersAreRelayed() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"
                        + "trailer: x-sum\r\n\r\n2\r\nok\r\n0\r\nx-sum: 42\r\n\r\n");
                TestGateway gateway = gateway(upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET_ONCE)).endsWith("2\r\nok\r\n0\r\nx-sum: 42\r\n\r\n");
        }
    }

    @Test
    void anIdleConnectionThatTheEndpointClosedCostsNoFailure() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                });
                TestGateway gateway = gateway(upstream.port());
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 0; i < 200; i++) {
                assertThat(client.send(GET).readResponse()).endsWith("\r\n\r\nok");
            }
        }
    }

    @Test
    void aPostIsNotSentAgainOnceItsBodyWasOnItsWay() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readRequest();
                    connection.reset();
                });
                TestGateway gateway = gateway(upstream.port())) {
            String response = RawClient.exchange(
                    gateway.port(80),
                    "POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody");

            assertThat(response).startsWith("HTTP/1.1 503 ");
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void anUnknownNameIs503Uh() throws Exception {
        try (TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.virtualService(
                        "shop.example", "- route: [{destination: {host: nobody, port: {number: 80}}}]"))) {
            assertThat(RawClient.exchange(gateway.port(80), GET_ONCE)).startsWith("HTTP/1.1 503 ");
            assertThat(onlyFacts(gateway).flag).hasToString("UH");
        }
    }

    @Test
    void aClientThatGoesAwayFreesTheSlot() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    while (connection.read() >= 0) {
                        // Never answers.
                    }
                });
                TestGateway gateway = gateway(upstream.port())) {
            for (int i = 0; i < 50; i++) {
                try (RawClient client = new RawClient(gateway.port(80))) {
                    client.send(GET);
                    int before = i;
                    await().until(() -> upstream.connectionCount() > before);
                }
            }
            allSlotsAreFree(gateway);
            await().until(() -> upstream.openConnections() == 0);
            await().until(() -> gateway.facts().size() == 50);
            assertThat(gateway.facts())
                    .allSatisfy(facts -> assertThat(facts.flag).hasToString("DC"));
        }
    }
}
