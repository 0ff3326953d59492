package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {
    private final RetryBudget budget = new RetryBudget(RetryLimit.DEFAULT);

    private int granted(long activeRequests) {
        int granted = 0;
        while (budget.begin(activeRequests)) {
            granted++;
        }
        return granted;
    }

    @Test
    void threeAreAlwaysAllowed() {
        assertThat(granted(0)).isEqualTo(3);
    }

    @Test
    void aStormIsHeldToAFifthOfTheRequests() {
        assertThat(granted(1000)).isEqualTo(200);
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        granted(0);
        budget.end();

        assertThat(granted(0)).isEqualTo(1);
    }
}
