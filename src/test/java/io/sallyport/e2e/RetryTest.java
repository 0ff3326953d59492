package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `HTTPRetry`, seen from both sides of the gateway.
class RetryTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    private static String post(String body) {
        return "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    private static TestGateway gateway(String retries, int... upstreamPorts) {
        return TestGateway.serving(Yaml.httpGateway("*") + service(upstreamPorts) + route(retries));
    }

    private static String service(int... ports) {
        String endpoints = IntStream.of(ports)
                .mapToObj("{address: 127.0.0.1, ports: {port: %d}}"::formatted)
                .collect(Collectors.joining(", "));
        return Yaml.service("shop.internal", 1).replaceAll("endpoints: .*", "endpoints: [" + endpoints + "]");
    }

    private static String route(String retries) {
        return Yaml.virtualService(
                "shop.example",
                "- route: [{destination: {host: shop.internal}}]" + (retries.isEmpty() ? "" : "\n  " + retries));
    }

    /// Answers so often with the first, then with 200.
    private static RawUpstream failing(int times, String first) {
        AtomicInteger requests = new AtomicInteger();
        return RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                connection.write(requests.incrementAndGet() <= times ? first : OK);
            }
        });
    }

    private static String status(int status) {
        return "HTTP/1.1 " + status + " Some Reason\r\ncontent-length: 4\r\n\r\nwhy?";
    }

    private static int requests(RawUpstream upstream) {
        return upstream.received().split("x-envoy-attempt-count: ", -1).length - 1;
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "5xx, 500",
        "5xx, 599",
        "gateway-error, 502",
        "gateway-error, 504",
        "retriable-4xx, 409",
        "429, 429",
        "'connect-failure,418', 418",
        "'retriable-status-codes,503', 503",
    })
    void aStatusThatRetryOnNamesIsNotShownToTheClient(String retryOn, int status) throws Exception {
        try (RawUpstream upstream = failing(2, status(status));
                TestGateway gateway =
                        gateway("retries: {attempts: 2, retryOn: \"" + retryOn + "\"}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET))
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("x-envoy-attempt-count: 3\r\n")
                    .endsWith("\r\n\r\nok");
            assertThat(upstream.received())
                    .containsSubsequence(
                            "x-envoy-attempt-count: 1\r\n",
                            "x-envoy-attempt-count: 2\r\n",
                            "x-envoy-attempt-count: 3\r\n");
            assertThat(gateway.firstFacts().attempts).isEqualTo(3);
            assertThat(gateway.firstFacts().flags()).isEqualTo("-");
        }
    }

    @ParameterizedTest
    @CsvSource({"gateway-error, 500", "5xx, 409", "reset, 503", "503, 502", "'', 503"})
    void aStatusThatRetryOnDoesNotNameIsTheAnswer(String retryOn, int status) throws Exception {
        String retries = retryOn.isEmpty() ? "" : "retries: {attempts: 2, retryOn: \"" + retryOn + "\"}";
        try (RawUpstream upstream = failing(9, status(status));
                TestGateway gateway = gateway(retries, upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET))
                    .startsWith("HTTP/1.1 " + status)
                    .contains("x-envoy-attempt-count: 1\r\n");
            assertThat(gateway.firstFacts().flags()).isEqualTo("-");
        }
    }

    @Test
    void theLastAnswerIsShownWhenTheTriesAreUsedUp() throws Exception {
        try (RawUpstream upstream = failing(99, status(503));
                TestGateway gateway = gateway("retries: {attempts: 3, retryOn: 5xx}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET))
                    .startsWith("HTTP/1.1 503 ")
                    .endsWith("why?");
            assertThat(gateway.firstFacts().attempts).isEqualTo(4);
            assertThat(gateway.firstFacts().flags()).isEqualTo("URX");
        }
    }

    @Test
    void aRefusalThatOutlastsTheTriesIsUfAndUrx() throws Exception {
        try (TestGateway gateway = gateway("", free())) {
            assertThat(RawClient.exchange(gateway.port(80), GET))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("x-envoy-attempt-count: 3\r\n");
            assertThat(gateway.firstFacts().flags()).isEqualTo("UF,URX");
        }
    }

    @Test
    void noAttemptsIsNoRetry() throws Exception {
        try (TestGateway gateway = gateway("retries: {attempts: 0}", free())) {
            assertThat(RawClient.exchange(gateway.port(80), GET)).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().attempts).isEqualTo(1);
            assertThat(gateway.firstFacts().flags()).isEqualTo("UF");
        }
    }

    @Test
    void anEndpointThatRefusesIsPassedOverWithoutAFailureAndWithoutAPause() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = gateway("retries: {attempts: 1, backoff: 60s}", free(), upstream.port())) {
            for (int i = 0; i < 20; i++) {
                assertThat(RawClient.exchange(gateway.port(80), GET)).startsWith("HTTP/1.1 200 ");
            }
            assertThat(gateway.facts())
                    .anySatisfy(facts -> assertThat(facts.attempts).isEqualTo(2));
        }
    }

    @Test
    void hostsTriedBeforeAreAvoidedUnlessTheRouteSaysOtherwise() throws Exception {
        try (RawUpstream one = RawUpstream.answering(status(503));
                RawUpstream two = RawUpstream.answering(status(503));
                RawUpstream three = RawUpstream.answering(status(503));
                TestGateway gateway =
                        gateway("retries: {attempts: 2, retryOn: 5xx}", one.port(), two.port(), three.port())) {
            for (int i = 1; i <= 5; i++) {
                RawClient.exchange(gateway.port(80), GET);
                assertThat(requests(one)).isEqualTo(i);
                assertThat(requests(two)).isEqualTo(i);
                assertThat(requests(three)).isEqualTo(i);
            }
        }
    }

    @Test
    void theHostMayBeTriedAgainWhereTheRouteSaysSo() throws Exception {
        try (RawUpstream one = RawUpstream.answering(status(503));
                RawUpstream two = RawUpstream.answering(status(503));
                TestGateway gateway = gateway(
                        "retries: {attempts: 1, retryOn: 5xx, backoff: 1ms, retryIgnorePreviousHosts: false}",
                        one.port(),
                        two.port())) {
            boolean twiceTheSame = false;
            for (int i = 1; i <= 30; i++) {
                RawClient.exchange(gateway.port(80), GET);
                twiceTheSame |= requests(one) != i;
            }
            assertThat(twiceTheSame).isTrue();
        }
    }

    @Test
    void anotherLocalityIsTriedWhereTheRouteSaysSo() throws Exception {
        try (RawUpstream one = RawUpstream.answering(status(503));
                RawUpstream two = RawUpstream.answering(status(503));
                RawUpstream remote = RawUpstream.ok("remote");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + service(one.port(), two.port(), remote.port())
                                .replace("{port: " + one.port() + "}", "{port: " + one.port() + "}, locality: eu/a")
                                .replace("{port: " + two.port() + "}", "{port: " + two.port() + "}, locality: eu/a")
                                .replace(
                                        "{port: " + remote.port() + "}",
                                        "{port: " + remote.port() + "}, locality: us/a")
                        + route("retries: {attempts: 1, retryOn: 5xx, retryRemoteLocalities: true}"))) {
            for (int i = 0; i < 20; i++) {
                assertThat(RawClient.exchange(gateway.port(80), GET)).endsWith("\r\n\r\nremote");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"5xx", "gateway-error", "reset"})
    void aResetIsRetriedWithTheBodyThatWasSent(String retryOn) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readRequest();
                    if (requests.incrementAndGet() == 1) {
                        connection.reset();
                    } else {
                        connection.write(OK);
                    }
                });
                TestGateway gateway = gateway("retries: {attempts: 1, retryOn: " + retryOn + "}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), post("the body"))).startsWith("HTTP/1.1 200 ");
            assertThat(upstream.connections()).hasSize(2).allSatisfy(connection -> assertThat(connection.received())
                    .contains("content-length: 8\r\n")
                    .endsWith("\r\n\r\nthe body"));
        }
    }

    @Test
    void aChunkedBodyIsSentAgainWithItsTrailers() throws Exception {
        try (RawUpstream upstream = failing(2, status(503));
                TestGateway gateway = gateway("retries: {attempts: 2, retryOn: 5xx}", upstream.port());
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n"
                    + "Trailer: x-sum\r\n\r\n4\r\nwiki\r\n");
            await().until(() -> upstream.received().contains("wiki"));
            client.send("5\r\npedia\r\n0\r\nx-sum: 42\r\n\r\n");

            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 ");
            assertThat(upstream.received().split("x-sum: 42\r\n\r\n"))
                    .hasSize(3)
                    .allSatisfy(request -> assertThat(request.replaceAll("\r\n[0-9a-f]+\r\n", ""))
                            .contains("wikipedia"));
        }
    }

    @Test
    void aBodyLongerThanTheBoundIsNotSentAgain() throws Exception {
        String body = "x".repeat(70_000);
        try (RawUpstream upstream = failing(1, status(503));
                TestGateway gateway = gateway("retries: {attempts: 2, retryOn: 5xx}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), post(body))).startsWith("HTTP/1.1 503 ");
            assertThat(RawClient.exchange(gateway.port(80), post(body.substring(10_000))))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void aChunkedBodyThatOutgrowsTheBoundIsNotSentAgain() throws Exception {
        try (RawUpstream upstream = failing(1, status(503));
                TestGateway gateway = gateway("retries: {attempts: 2, retryOn: 5xx}", upstream.port())) {
            String chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
            assertThat(RawClient.exchange(
                            gateway.port(80),
                            "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n"
                                    + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(17) + "0\r\n\r\n"))
                    .startsWith("HTTP/1.1 503 ");
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void aPostThatWasResetIsNotSentAgainByDefault() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readRequest();
                    connection.reset();
                });
                TestGateway gateway = gateway("retries: {attempts: 5}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), post(""))).startsWith("HTTP/1.1 503 ");
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void anOverloadedEndpointIsLeftInPeace() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering(
                        "HTTP/1.1 503 Busy\r\nx-envoy-overloaded: true\r\ncontent-length: 0\r\n\r\n");
                TestGateway gateway = gateway("retries: {attempts: 2, retryOn: 5xx}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), GET)).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().attempts).isEqualTo(1);
        }
    }

    @Test
    void aRateLimitedAnswerNeedsItsOwnWord() throws Exception {
        String limited = "HTTP/1.1 429 Slow Down\r\nx-envoy-ratelimited: true\r\ncontent-length: 0\r\n\r\n";
        try (RawUpstream upstream = failing(1, limited);
                RawUpstream other = failing(1, limited);
                TestGateway by = gateway("retries: {attempts: 2, retryOn: envoy-ratelimited}", upstream.port());
                TestGateway not = gateway("retries: {attempts: 2, retryOn: \"429\"}", other.port())) {
            assertThat(RawClient.exchange(by.port(80), GET)).startsWith("HTTP/1.1 200 ");
            assertThat(RawClient.exchange(not.port(80), GET)).startsWith("HTTP/1.1 429 ");
        }
    }

    @Test
    void aClientThatGoesAwayDuringThePauseEndsTheTries() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering(status(503));
                TestGateway gateway =
                        gateway("retries: {attempts: 9, retryOn: 5xx, backoff: 3600s}", upstream.port())) {
            try (RawClient client = new RawClient(gateway.port(80))) {
                client.send(GET);
                await().until(() -> upstream.connectionCount() == 1);
            }
            assertThat(gateway.firstFacts().flags()).isEqualTo("DC");
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void whatAClientSaysOfAttemptsIsReplaced() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = gateway("", upstream.port())) {
            RawClient.exchange(gateway.port(80), GET.replace("\r\n\r\n", "\r\nX-Envoy-Attempt-Count: 77\r\n\r\n"));
            assertThat(upstream.received())
                    .containsOnlyOnce("x-envoy-attempt-count: 1\r\n")
                    .doesNotContain("x-envoy-attempt-count: 77");
        }
    }
}
