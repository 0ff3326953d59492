package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrafficWindowTest {
    private static final double[] BOUNDS = {10, 100};

    private final AtomicLong clock = new AtomicLong(-7);
    private final Map<String, TrafficCount> counts = new HashMap<>();
    private int samples;
    private final TrafficWindow<String> window = new TrafficWindow<>(
            () -> {
                samples++;
                return Map.copyOf(counts);
            },
            BOUNDS,
            clock::get);

    private void count(long fast, long slow, long late, long failures) {
        TrafficCount more = new TrafficCount(new long[] {fast, slow, late}, failures);
        counts.merge("a", more, TrafficCount::plus);
    }

    private void pass(long millis) {
        clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private double rate() {
        return window.of("a").perSecond();
    }

    @Test
    void theFirstWhoAsksLearnsNothingYet() {
        count(5, 0, 0, 0);

        assertThat(window.of("a")).isNull();
    }

    @Test
    void whatWasCountedBeforeIsNotLately() {
        count(1_000, 0, 0, 1_000);
        window.of("a");
        count(3, 1, 0, 1);
        pass(2_000);

        TrafficWindow.Figures figures = window.of("a");

        assertThat(figures.perSecond()).isEqualTo(2.0);
        assertThat(figures.failureShare()).isEqualTo(0.25);
    }

    @Test
    void whatIsQuietIsNotUnknown() {
        window.of("b");
        pass(1_000);

        assertThat(window.of("b")).isEqualTo(new TrafficWindow.Figures(0, 0, null, null));
    }

    @Test
    void theWindowMovesOn() {
        window.of("a");
        for (int second = 1; second <= 20; second++) {
            count(10, 0, 0, 0);
            pass(1_000);
            assertThat(rate()).isEqualTo(10.0);
        }
        for (int second = 1; second <= 10; second++) {
            pass(1_000);
            window.of("a");
        }
        assertThat(rate()).isZero();
    }

    @Test
    void afterAPauseItBeginsAnew() {
        window.of("a");
        count(1_000, 0, 0, 0);
        pass(31_000);
        assertThat(window.of("a")).isNull();
        count(5, 0, 0, 0);
        pass(1_000);
        assertThat(rate()).isEqualTo(5.0);
    }

    @Test
    void thoseWhoAskAtOnceShareASample() {
        for (int i = 0; i < 200; i++) {
            window.of("a");
            window.of("b");
        }
        assertThat(samples).isEqualTo(1);
        pass(500);
        window.of("a");
        assertThat(samples).isEqualTo(2);
    }

    @Test
    void whatWasForgottenMeanwhileIsNotNegative() {
        count(100, 0, 0, 50);
        window.of("a");
        counts.clear();
        count(1, 0, 0, 0);
        pass(1_000);
        assertThat(window.of("a")).isEqualTo(new TrafficWindow.Figures(0, 0, null, null));
    }

    @ParameterizedTest
    @CsvSource({
        "100,  0,   0,  5.0,   9.9",
        "0,    100, 0,  55.0,  99.1",
        "50,   50,  0,  10.0,  98.2",
        "0,    0,   10, 100.0, 100.0",
        "98,   0,   2,  5.1,   100.0",
        "1,    0,   0,  5.0,   9.9",
    })
    void quantilesLieWithinTheirBuckets(long fast, long slow, long late, double p50, double p99) {
        window.of("a");
        count(fast, slow, late, 0);
        pass(1_000);

        assertThat(window.of("a").p50Millis()).isCloseTo(p50, within(0.01));
        assertThat(window.of("a").p99Millis()).isCloseTo(p99, within(0.01));
    }

    @Test
    void withoutBoundsThereAreNoQuantiles() {
        var bare = new TrafficWindow<String>(() -> Map.copyOf(counts), new double[0], clock::get);
        bare.of("a");
        counts.put("a", new TrafficCount(new long[] {4}, 0));
        pass(1_000);

        assertThat(bare.of("a")).isEqualTo(new TrafficWindow.Figures(4, 0, null, null));
    }
}
