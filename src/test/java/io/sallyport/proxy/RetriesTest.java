package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HttpVersion;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ResponseFlag;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// When a request is sent again, and when it is not.
class RetriesTest {
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private static ProxyFixture retrying(String retries) {
        return new ProxyFixture(ProxyFixture.TO_SHOP + "  retries: {" + retries + "}");
    }

    @ParameterizedTest
    @CsvSource({"5xx, 500, 2", "5xx, 404, 1", "gateway-error, 503, 2", "gateway-error, 500, 1", "retriable-4xx, 409, 2"
    })
    void theConditionsOfTheRouteDecide(String condition, int status, int sent) {
        try (ProxyFixture proxy = retrying("attempts: 2, retryOn: '" + condition + "'")) {
            proxy.get("/");
            proxy.sent().answer(status);
            proxy.pass(LONGEST_PAUSE);

            assertThat(proxy.endpoint.sent).hasSize(sent);
            assertThat(proxy.facts).hasSize(2 - sent);
        }
    }

    @Test
    void theClientSeesTheLastResponseOnly() {
        try (ProxyFixture proxy = retrying("attempts: 2, retryOn: 5xx")) {
            proxy.get("/");
            proxy.last().answer(503);
            proxy.pass(LONGEST_PAUSE);
            proxy.last().answer(200, "x-served", "yes");

            assertThat(proxy.client.status()).isEqualTo(200);
            assertThat(proxy.client.header("x-served")).isEqualTo("yes");
            assertThat(proxy.client.header("x-envoy-attempt-count")).isEqualTo("null");
            assertThat(proxy.last().header("x-envoy-attempt-count")).isEqualTo("2");
            assertThat(proxy.ended().attempts).isEqualTo(2);
        }
    }

    @Test
    void whenAllAttemptsAreUsedUpTheResponseIsPassedOn() {
        try (ProxyFixture proxy = retrying("attempts: 1, retryOn: 5xx")) {
            proxy.get("/");
            proxy.last().answer(503);
            proxy.pass(LONGEST_PAUSE);
            proxy.last().answer(502);
            proxy.pass(LONGEST_PAUSE);

            assertThat(proxy.endpoint.sent).hasSize(2);
            assertThat(proxy.client.status()).isEqualTo(502);
            assertThat(proxy.ended().flags()).isEqualTo("URX");
        }
    }

    @Test
    void anotherEndpointIsTried() {
        try (ProxyFixture proxy = retrying("attempts: 1, retryOn: 5xx")) {
            proxy.get("/");
            proxy.last().answer(503);
            proxy.pass(LONGEST_PAUSE);

            assertThat(proxy.endpoint.chosen).containsExactlyInAnyOrder("127.0.0.1:8001", "127.0.0.1:8002");
        }
    }

    @Test
    void aRetryWaitsForItsPause() {
        try (ProxyFixture proxy = retrying("attempts: 1, retryOn: 5xx, backoff: 100ms")) {
            proxy.get("/");
            proxy.sent().answer(503);
            assertThat(proxy.endpoint.sent).hasSize(1);
            proxy.pass(Duration.ofMillis(100));

            assertThat(proxy.endpoint.sent).hasSize(2);
        }
    }

    @Test
    void aClientThatLeavesInThePauseIsNotTriedFor() {
        try (ProxyFixture proxy = retrying("attempts: 1, retryOn: 5xx")) {
            proxy.get("/");
            proxy.sent().answer(503);
            proxy.goAway();
            proxy.pass(LONGEST_PAUSE);

            assertThat(proxy.endpoint.sent).hasSize(1);
            assertThat(proxy.ended().flag).isEqualTo(ResponseFlag.DC);
        }
    }

    @Test
    void aRefusedConnectionIsFollowedByAnotherEndpointAtOnce() {
        try (ProxyFixture proxy = new ProxyFixture(ProxyFixture.TO_SHOP)) {
            proxy.endpoint.connecting = FakeEndpoint.Connecting.IS_REFUSED;
            proxy.get("/");

            assertThat(proxy.endpoint.chosen.subList(0, 2))
                    .containsExactlyInAnyOrder("127.0.0.1:8001", "127.0.0.1:8002");
        }
    }

    @Test
    void noAttemptsMeansNoRetry() {
        try (ProxyFixture proxy = retrying("attempts: 0")) {
            proxy.endpoint.connecting = FakeEndpoint.Connecting.IS_REFUSED;
            proxy.get("/");

            assertThat(proxy.endpoint.chosen).hasSize(1);
            assertThat(proxy.client.status()).isEqualTo(503);
            assertThat(proxy.ended().transportFailure).isEqualTo("connection_refused");
        }
    }

    @ParameterizedTest
    @CsvSource({"GET, true, 2", "GET, false, 1", "POST, true, 1"})
    void aConnectionThatWasClosedWhileIdleCostsAnIdempotentRequestNothing(String method, boolean reused, int sent) {
        try (ProxyFixture proxy = new ProxyFixture(ProxyFixture.TO_SHOP)) {
            proxy.endpoint.reused = reused;
            proxy.begin(method, "/", true);
            proxy.sent().cut(StreamError.CONNECTION_CLOSED, "http1.closed");

            assertThat(proxy.endpoint.sent).hasSize(sent);
        }
    }

    @Test
    void anAttemptThatTakesTooLongIsFollowedByAnother() {
        try (ProxyFixture proxy = retrying("attempts: 1, perTryTimeout: 200ms")) {
            proxy.get("/");
            proxy.pass(Duration.ofMillis(199));
            assertThat(proxy.sent().reset).isNull();
            proxy.pass(Duration.ofMillis(1));
            assertThat(proxy.sent().reset).isEqualTo(StreamError.CANCEL);
            proxy.pass(Duration.ofMillis(100));
            assertThat(proxy.endpoint.sent).hasSize(2);
            proxy.pass(Duration.ofMillis(200));

            assertThat(proxy.client.status()).isEqualTo(504);
            assertThat(proxy.client.body()).isEqualTo("upstream_per_try_timeout");
            assertThat(proxy.ended().flags()).isEqualTo("UT,URX");
        }
    }

    @Test
    void theTimeOfAnAttemptIsUntilTheResponsesHead() {
        try (ProxyFixture proxy = retrying("attempts: 1, perTryTimeout: 200ms")) {
            proxy.get("/");
            proxy.sent().head(200);
            proxy.pass(Duration.ofSeconds(10));
            proxy.sent().data("late", true);

            assertThat(proxy.client.body()).isEqualTo("late");
            assertThat(proxy.endpoint.sent).hasSize(1);
        }
    }

    @Test
    void grpcStatusesAreConditions() {
        try (ProxyFixture proxy = retrying("attempts: 1, retryOn: unavailable")) {
            proxy.begin(HttpVersion.HTTP_2, "POST", "/", true, "content-type", "application/grpc");
            proxy.sent().answer(200, "content-type", "application/grpc", "grpc-status", "14");
            proxy.pass(LONGEST_PAUSE);

            assertThat(proxy.endpoint.sent).hasSize(2);
        }
    }

    @Test
    void anOverloadedEndpointIsTakenAtItsWord() {
        try (ProxyFixture proxy = retrying("attempts: 1, retryOn: 5xx")) {
            proxy.get("/");
            proxy.sent().answer(503, "x-envoy-overloaded", "true");
            proxy.pass(LONGEST_PAUSE);

            assertThat(proxy.endpoint.sent).hasSize(1);
            assertThat(proxy.client.status()).isEqualTo(503);
        }
    }

    @Test
    void retriesStayWithinTheBudgetOfTheCluster() {
        try (ProxyFixture proxy = retrying("attempts: 1, retryOn: 5xx")) {
            int requests = 20;
            for (int i = 0; i < requests; i++) {
                proxy.get("/");
                proxy.last().answer(503);
                proxy.pass(Duration.ofMillis(25));
                if (proxy.facts.size() == i) {
                    proxy.last().answer(503);
                }
            }

            assertThat(proxy.facts).hasSize(requests);
            assertThat(proxy.endpoint.sent.size() - requests).isBetween(3, 6);
            assertThat(proxy.facts.getLast().flags()).isEqualTo("UO");

            proxy.pass(Duration.ofSeconds(20));
            proxy.get("/");
            proxy.last().answer(503);
            assertThat(proxy.facts).as("it is sent again").hasSize(requests);
        }
    }

    @Test
    void retriesThatHelpAreNotCounted() {
        try (ProxyFixture proxy = retrying("attempts: 1, retryOn: 5xx")) {
            int requests = 20;
            for (int i = 0; i < requests; i++) {
                proxy.get("/");
                proxy.last().answer(503);
                proxy.pass(Duration.ofMillis(25));
                proxy.last().answer(200);
            }

            assertThat(proxy.endpoint.sent).hasSize(2 * requests);
            assertThat(proxy.facts).allMatch(ended -> ended.status == 200);
        }
    }
}
