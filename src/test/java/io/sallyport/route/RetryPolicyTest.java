package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {
    private static RetryConditions on(String word) {
        RetryCondition condition = RetryCondition.of(word);
        return condition == null
                ? new RetryConditions(EnumSet.noneOf(RetryCondition.class), List.of(Integer.valueOf(word)))
                : new RetryConditions(EnumSet.of(condition), List.of());
    }

    @ParameterizedTest
    @CsvSource({"1, 25", "2, 75", "3, 175", "4, 250", "5, 250", "100, 250", "2147483647, 250"})
    void pausesGrowToTenTimesTheBase(int retry, long millis) {
        assertThat(RetryPolicy.DEFAULT.backoffNanos(retry))
                .isEqualTo(Duration.ofMillis(millis).toNanos());
    }

    @ParameterizedTest(name = "{0} after {1}: {2}")
    @CsvSource({
        "5xx, NOT_CONNECTED, true",
        "5xx, TIMED_OUT, true",
        "gateway-error, RESET, true",
        "reset, NOT_PROCESSED, true",
        "reset, TIMED_OUT, true",
        "reset-before-request, NOT_CONNECTED, true",
        "reset-before-request, RESET, false",
        "connect-failure, NOT_CONNECTED, true",
        "connect-failure, NOT_PROCESSED, false",
        "connect-failure, TIMED_OUT, false",
        "refused-stream, NOT_PROCESSED, true",
        "refused-stream, RESET, false",
        "retriable-4xx, RESET, false",
        "unavailable, RESET, false",
        "503, RESET, false"
    })
    void aTryWithoutAResponse(String word, RetryCause cause, boolean again) {
        assertThat(on(word).covers(cause)).isEqualTo(again);
    }

    @ParameterizedTest(name = "{0} after {1} and grpc-status {2}: {3}")
    @CsvSource({
        "5xx, 500, -1, true",
        "5xx, 499, -1, false",
        "gateway-error, 501, -1, false",
        "gateway-error, 502, -1, true",
        "gateway-error, 505, -1, false",
        "retriable-4xx, 409, -1, true",
        "retriable-4xx, 429, -1, false",
        "429, 429, -1, true",
        "429, 430, -1, false",
        "200, 200, -1, true",
        "retriable-status-codes, 503, -1, false",
        "cancelled, 200, 1, true",
        "deadline-exceeded, 200, 4, true",
        "resource-exhausted, 200, 8, true",
        "internal, 200, 13, true",
        "unavailable, 200, 14, true",
        "unavailable, 200, 13, false",
        "unavailable, 503, -1, false",
        "5xx, 200, 14, false"
    })
    void aResponse(String word, int status, int grpcStatus, boolean again) {
        assertThat(on(word).coversResponse(status, grpcStatus)).isEqualTo(again);
    }

    @Test
    void theDefaultRepeatsNoPlain503() {
        assertThat(RetryConditions.DEFAULT.coversResponse(503, -1)).isFalse();
        assertThat(RetryConditions.DEFAULT.covers(RetryCause.RESET)).isFalse();
        assertThat(RetryConditions.DEFAULT.concernsSent(false, false)).isFalse();
        assertThat(RetryConditions.DEFAULT)
                .hasToString("connect-failure,refused-stream,retriable-status-codes,cancelled,unavailable");
    }

    @ParameterizedTest
    @CsvSource({"5xx", "reset", "retriable-4xx", "503", "envoy-ratelimited"})
    void whatMayRepeatASentRequestNeedsItsBody(String word) {
        assertThat(on(word).concernsSent(false, false)).isTrue();
    }
}
