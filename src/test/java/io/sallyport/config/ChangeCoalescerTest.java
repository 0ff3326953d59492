package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChangeCoalescerTest {
    private final ChangeCoalescer coalescer = new ChangeCoalescer(20, 100);

    @Test
    void nothingIsDueWithoutAnEvent() {
        assertThat(coalescer.nanosUntilDue(5)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anEditIsDueAfterQuietTime() {
        coalescer.event(0, false);
        coalescer.event(15, false);

        assertThat(coalescer.nanosUntilDue(15)).isEqualTo(20);
        assertThat(coalescer.nanosUntilDue(35)).isZero();
    }

    @Test
    void aBurstThatDoesNotEndIsDueAfterTheLongestWait() {
        for (int now = 0; now < 100; now += 10) {
            coalescer.event(now, false);
            assertThat(coalescer.nanosUntilDue(now)).isPositive();
        }
        assertThat(coalescer.nanosUntilDue(100)).isZero();
    }

    @Test
    void aWholeChangeIsDueAtOnce() {
        coalescer.event(0, true);

        assertThat(coalescer.nanosUntilDue(0)).isZero();
    }

    @Test
    void aWholeChangeSoonAfterAnotherWaits() {
        coalescer.event(0, true);
        coalescer.told(0);
        coalescer.event(10, true);

        assertThat(coalescer.nanosUntilDue(10)).isEqualTo(20);

        coalescer.told(30);
        coalescer.event(130, true);
        assertThat(coalescer.nanosUntilDue(130)).isZero();
    }

    @Test
    void aWholeChangeAmidEditsWaitsForTheEdits() {
        coalescer.event(0, false);
        coalescer.event(5, true);

        assertThat(coalescer.nanosUntilDue(5)).isEqualTo(20);
    }

    @Test
    void aHundredEditsInASecondAreToldTenTimes() {
        int told = 0;
        for (int now = 0; now < 1000; now++) {
            if (now % 10 == 0) {
                coalescer.event(now, false);
            }
            if (coalescer.nanosUntilDue(now) <= 0) {
                coalescer.told(now);
                told++;
            }
        }
        assertThat(told).isBetween(5, 10);
    }
}
