package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReloadRetryTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<String> PORT_IN_USE = List.of("cannot listen on 0.0.0.0:80: Address already in use");
    private static final List<String> FILE_AWAY = List.of("a.yaml: error SAL1001 the file cannot be read");

    private final List<Duration> delays = new ArrayList<>();
    private int pending;
    private final TestClock clock = new TestClock(NOW);
    private final ReloadRetry retry = new ReloadRetry(
            clock,
            delay -> {
                delays.add(delay);
                pending++;
                return () -> pending--;
            },
            Duration.ofMinutes(1));

    @Test
    void aRefusalIsTriedAgainEverMoreSeldomAndIsNewsOnce() {
        List<Boolean> news = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            news.add(retry.refused(PORT_IN_USE, true));
        }

        assertThat(news).startsWith(true).containsOnlyOnce(true);
        assertThat(delays.stream().map(Duration::toSeconds)).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
        assertThat(pending).as("one at a time").isOne();
        assertThat(retry.due()).isEqualTo(NOW.plusSeconds(60));
    }

    /// Whoever looks into the log later must find that it still fails.
    @Test
    void theSameRefusalIsLoggedOnceAMinute() {
        assertThat(retry.refused(PORT_IN_USE, true)).isTrue();
        clock.set(NOW.plusSeconds(59));
        assertThat(retry.refused(PORT_IN_USE, true)).isFalse();
        clock.set(NOW.plusSeconds(60));
        assertThat(retry.refused(PORT_IN_USE, true)).isTrue();
        clock.set(NOW.plusSeconds(119));
        assertThat(retry.refused(PORT_IN_USE, true)).isFalse();
        clock.set(NOW.plusSeconds(120));
        assertThat(retry.refused(PORT_IN_USE, false)).isTrue();
    }

    @Test
    void whatWillNotPassIsNotTriedAgain() {
        assertThat(retry.refused(PORT_IN_USE, true)).isTrue();
        assertThat(retry.refused(List.of("a.yaml:1:1: error SAL1101 unknown field"), false))
                .isTrue();

        assertThat(retry.due()).isNull();
        assertThat(pending).isZero();
    }

    @Test
    void anotherRefusalBeginsAnew() {
        retry.refused(PORT_IN_USE, true);
        retry.refused(PORT_IN_USE, true);

        assertThat(retry.refused(FILE_AWAY, true)).isTrue();
        assertThat(delays).last().isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void whatIsAppliedOrTakenBackEndsIt() {
        retry.refused(PORT_IN_USE, true);
        retry.settled();

        assertThat(retry.due()).isNull();
        assertThat(pending).isZero();
        assertThat(retry.refused(PORT_IN_USE, true)).as("news again").isTrue();
        assertThat(delays).last().isEqualTo(Duration.ofSeconds(1));
    }
}
