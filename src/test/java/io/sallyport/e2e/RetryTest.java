package io.sallyport.e2e;

import static io.sallyport.e2e.RetryFixture.GET;
import static io.sallyport.e2e.RetryFixture.failing;
import static io.sallyport.e2e.RetryFixture.gateway;
import static io.sallyport.e2e.RetryFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `HTTPRetry`, seen from both sides of the gateway.
class RetryTest {
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
                    .doesNotContain("x-envoy-attempt-count")
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
            assertThat(RawClient.exchange(gateway.port(80), GET)).startsWith("HTTP/1.1 " + status);
            assertThat(gateway.firstFacts().attempts).isEqualTo(1);
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
        try (TestGateway gateway = gateway("", ClosedPort.number())) {
            assertThat(RawClient.exchange(gateway.port(80), GET))
                    .startsWith("HTTP/1.1 503 ")
                    .doesNotContain("x-envoy-attempt-count");
            assertThat(gateway.firstFacts().attempts).isEqualTo(3);
            assertThat(gateway.firstFacts().flags()).isEqualTo("UF,URX");
        }
    }

    @Test
    void noAttemptsIsNoRetry() throws Exception {
        try (TestGateway gateway = gateway("retries: {attempts: 0}", ClosedPort.number())) {
            assertThat(RawClient.exchange(gateway.port(80), GET)).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().attempts).isEqualTo(1);
            assertThat(gateway.firstFacts().flags()).isEqualTo("UF");
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
                        gateway("retries: {attempts: 9, retryOn: 5xx, backoff: 8760h}", upstream.port())) {
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
