package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.model.HttpRetry;
import io.sallyport.config.model.Position;
import io.sallyport.route.RetryCause;
import io.sallyport.route.RetryConditions;
import io.sallyport.route.RetryPolicy;
import io.sallyport.route.TriedHosts;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryCompilerTest {
    private static final Position AT = new Position("a.yaml", 12, 3);

    private static HttpRetry retry(int attempts, Duration perTry, String on) {
        return new HttpRetry(attempts, perTry, on, null, null, null, AT);
    }

    @Test
    void aRouteThatSaysNothingHasTheDefault() {
        assertThat(RetryCompiler.compile(null)).isSameAs(RetryPolicy.DEFAULT);
        assertThat(RetryPolicy.DEFAULT.attempts()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"0", "-1"})
    void noAttemptsTurnThemOff(int attempts) {
        RetryPolicy policy = RetryCompiler.compile(retry(attempts, Duration.ofSeconds(1), "5xx"));

        assertThat(policy.isOff()).isTrue();
        assertThat(policy.source().text()).isEqualTo("a.yaml:12");
    }

    @Test
    void everyFieldIsTranslated() {
        RetryPolicy policy = RetryCompiler.compile(
                new HttpRetry(5, Duration.ofMillis(300), "reset,418", true, false, Duration.ofMillis(7), AT));

        assertThat(policy.attempts()).isEqualTo(5);
        assertThat(policy.perTryTimeout()).isEqualTo(Duration.ofMillis(300));
        assertThat(policy.backoff()).isEqualTo(Duration.ofMillis(7));
        assertThat(policy.avoidsTriedLocalities()).isTrue();
        assertThat(policy.triedHosts()).isEqualTo(TriedHosts.ALLOWED);
        assertThat(policy.lateTries()).isFalse();
        assertThat(policy.source().text()).isEqualTo("a.yaml:12");
        assertThat(policy.on().covers(RetryCause.RESET)).isTrue();
        assertThat(policy.on().coversResponse(418, -1)).isTrue();
        assertThat(policy.on().coversResponse(503, -1)).isFalse();
    }

    @Test
    void whatIsLeftOutIsIstiosDefault() {
        RetryPolicy policy = RetryCompiler.compile(retry(1, null, ""));

        assertThat(policy.on()).isEqualTo(RetryConditions.DEFAULT);
        assertThat(policy.perTryTimeout()).isZero();
        assertThat(policy.backoff()).isEqualTo(Duration.ofMillis(25));
        assertThat(policy.avoidsTriedLocalities()).isFalse();
        assertThat(policy.triedHosts()).isEqualTo(TriedHosts.AVOIDED_UNLESS_HASHED);
    }

    @ParameterizedTest
    @CsvSource({", false, false", "true, true, true", "false, false, false"})
    void triedHostsAreAvoidedAsTheFieldSays(Boolean field, boolean hashed, boolean plain) {
        RetryPolicy policy = RetryCompiler.compile(new HttpRetry(1, null, "", null, field, null, AT));

        assertThat(policy.avoidsTriedHosts(true)).isEqualTo(hashed);
        assertThat(policy.avoidsTriedHosts(false)).isEqualTo(field == null || plain);
    }

    /// Late tries: `perTryTimeout` alone; any `retryOn` stands for itself.
    @ParameterizedTest
    @CsvSource({"2000, '', true", "2000, 5xx, false", "0, '', false"})
    void aTimeOfEachTryWithoutConditionsRepeatsLateTries(long millis, String on, boolean late) {
        assertThat(RetryCompiler.compile(retry(3, Duration.ofMillis(millis), on))
                        .lateTries())
                .isEqualTo(late);
    }
}
