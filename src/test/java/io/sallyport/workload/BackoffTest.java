package io.sallyport.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void eachPauseIsTwiceTheOneBeforeUpToABound() {
        Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), new SplittableRandom(1));
        for (int round = 0; round < 2; round++) {
            for (long due : new long[] {500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000}) {
                assertThat(backoff.next()).isBetween(Duration.ofMillis(due * 4 / 5), Duration.ofMillis(due * 6 / 5));
            }
            backoff.reset();
        }
    }
}
