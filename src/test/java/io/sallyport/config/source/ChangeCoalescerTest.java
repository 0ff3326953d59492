package io.sallyport.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChangeCoalescerTest {
    private final ChangeCoalescer coalescer = new ChangeCoalescer(100);

    @Test
    void nothingIsDueWithoutAnEvent() {
        assertThat(coalescer.nanosUntilDue(5)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anEditIsDueAfterQuietTime() {
        coalescer.event(0, 20);
        coalescer.event(15, 20);

        assertThat(coalescer.nanosUntilDue(15)).isEqualTo(20);
        assertThat(coalescer.nanosUntilDue(35)).isZero();
    }

    @Test
    void aBurstThatDoesNotEndIsDueAfterTheLongestWait() {
        for (int now = 0; now < 100; now += 10) {
            coalescer.event(now, 20);
            assertThat(coalescer.nanosUntilDue(now)).isPositive();
        }
        assertThat(coalescer.nanosUntilDue(100)).isZero();
    }

    @Test
    void aWholeChangeIsDueAtOnce() {
        coalescer.event(0, 0);

        assertThat(coalescer.nanosUntilDue(0)).isZero();
    }

    @Test
    void afterALongReloadTheNextWaitsHalfAsLong() {
        coalescer.event(0, 0);
        coalescer.told(0);
        coalescer.done(40);
        coalescer.event(41, 4);

        assertThat(coalescer.nanosUntilDue(41)).isEqualTo(19);

        coalescer.told(60);
        coalescer.done(61);
        coalescer.event(70, 4);
        assertThat(coalescer.nanosUntilDue(70)).isEqualTo(4);
    }

    @Test
    void whatComesDuringAReloadIsDueAfterIt() {
        coalescer.event(0, 0);
        coalescer.told(0);
        coalescer.done(1000);
        coalescer.event(1001, 0);

        assertThat(coalescer.nanosUntilDue(1001)).isEqualTo(99);
    }

    @Test
    void aHundredEditsInASecondAreToldTenTimes() {
        int told = 0;
        for (int now = 0; now < 1000; now++) {
            if (now % 10 == 0) {
                coalescer.event(now, 20);
            }
            if (coalescer.nanosUntilDue(now) <= 0) {
                coalescer.told(now);
                coalescer.done(now);
                told++;
            }
        }
        assertThat(told).isBetween(5, 10);
    }
}
