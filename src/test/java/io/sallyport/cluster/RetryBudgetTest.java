package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
    private static final long MANY_ACTIVE = 1_000_000;

    private long nanos;
    private long tries;

    private RetryBudget budget(RetryLimit limit) {
        return new RetryBudget(limit, () -> nanos);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    private int granted(RetryBudget budget, long activeRequests) {
        int granted = 0;
        while (budget.begin(activeRequests, tries)) {
            tries++;
            granted++;
        }
        return granted;
    }

    /// Each retry is over at once.
    private int grantedInTurn(RetryBudget budget) {
        int granted = 0;
        while (budget.begin(0, tries)) {
            budget.end(false);
            tries++;
            granted++;
        }
        return granted;
    }

    @Test
    void threeAreAlwaysAllowedAtOnce() {
        assertThat(granted(budget(RetryLimit.DEFAULT), 0)).isEqualTo(3);
    }

    @Test
    void atOnceAFifthOfTheActiveRequestsIsAllowed() {
        tries = 100_000;

        assertThat(granted(budget(RetryLimit.DEFAULT), 1000)).isEqualTo(200);
    }

    @Test
    void ofRequestsThatFailAtOnceAFifthIsRepeated() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        tries = 1000;

        assertThat(grantedInTurn(budget)).isEqualTo(200);
    }

    @Test
    void inAStormEveryFifthRequestAddsARetryAndNoMore() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        int granted = 0;
        for (int i = 0; i < 400; i++) {
            tries++;
            granted += grantedInTurn(budget);
            pass(Duration.ofMillis(1));
        }

        assertThat(granted).isEqualTo(80);
    }

    @Test
    void retriesThatHelpAreNotCounted() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        for (int i = 0; i < 400; i++) {
            tries++;
            assertThat(budget.begin(0, tries)).isTrue();
            tries++;
            budget.end(true);
        }
        int failing = grantedInTurn(budget);

        assertThat(failing).isEqualTo(800 / 5);
    }

    @Test
    void theShareHoldsForManyActiveRequestsToo() {
        tries = 1000;

        assertThat(granted(budget(RetryLimit.DEFAULT), MANY_ACTIVE)).isEqualTo(200);
    }

    @Test
    void threeAreAllowedInEverySecondOfAQuietTime() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        for (int second = 0; second < 30; second++) {
            tries++;
            assertThat(grantedInTurn(budget)).isEqualTo(3);
            pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void oneIsThereAgainAfterAThirdOfASecond() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        grantedInTurn(budget);
        pass(Duration.ofMillis(333));
        int early = grantedInTurn(budget);
        pass(Duration.ofMillis(1));

        assertThat(early).isZero();
        assertThat(grantedInTurn(budget)).isOne();
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        granted(budget, 0);
        pass(Duration.ofSeconds(1));
        budget.end(false);

        assertThat(granted(budget, 0)).isEqualTo(1);
    }

    @Test
    void requestsOfLongAgoDoNotCount() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        tries = 1000;
        for (int i = 0; i <= RetryWindow.PARTS; i++) {
            budget.tick(tries);
        }

        assertThat(grantedInTurn(budget)).isEqualTo(3);
    }

    @Test
    void retriesOfLongAgoDoNotCountEither() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        tries = 1000;
        grantedInTurn(budget);
        for (int i = 0; i <= RetryWindow.PARTS; i++) {
            budget.tick(tries);
        }
        tries += 100;

        assertThat(grantedInTurn(budget)).isEqualTo(20);
    }

    @Test
    void aFixedNumberIsCountedOnlyAtOnce() {
        RetryBudget budget = budget(RetryLimit.fixed(2));
        for (int i = 0; i < 100; i++) {
            assertThat(budget.begin(0, tries)).isTrue();
            budget.end(false);
        }

        assertThat(granted(budget, MANY_ACTIVE)).isEqualTo(2);
    }

    @Test
    void withAnIntervalRequestsThatHaveEndedCountForTheRetriesAtOnce() {
        RetryBudget budget = budget(RetryLimit.DEFAULT.withInterval(Duration.ofSeconds(60)));
        tries = 1000;

        assertThat(granted(budget, 0)).isEqualTo(200);
    }

    @Test
    void whatIsRefusedIsCounted() {
        RetryBudget budget = budget(RetryLimit.DEFAULT);
        granted(budget, 0);

        assertThat(budget.overflows()).isOne();
        assertThat(budget.active()).isEqualTo(3);
    }
}
