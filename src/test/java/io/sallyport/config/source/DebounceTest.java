package io.sallyport.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DebounceTest {
    private static final long SETTLE = 4;
    private static final long QUIET = 20;
    private static final long MAX_WAIT = 100;
    private static final Path A = Path.of("config/a.yaml");
    private static final Path B = Path.of("config/b.yaml");

    private final Debounce debounce = new Debounce(new DirectoryWatcher.Timing(
            Duration.ofNanos(SETTLE), Duration.ofNanos(QUIET), Duration.ofNanos(MAX_WAIT), Duration.ofHours(1)));
    private long now;

    private long untilDue() {
        debounce.schedule(now);
        return debounce.nanosUntilDue(now);
    }

    @Test
    void nothingIsDueWithoutAChange() {
        assertThat(debounce.nanosUntilDue(5)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aSingleWholeFileIsReportedSoon() {
        debounce.changed(A, true);
        assertThat(untilDue()).isEqualTo(SETTLE);

        assertThat(debounce.take(now)).isEqualTo(Changes.of(Set.of(A)));
    }

    @Test
    void aFileThatIsBeingWrittenIsWaitedFor() {
        debounce.changed(A, true);
        debounce.changed(A, false);
        assertThat(untilDue()).isEqualTo(QUIET);

        // Until it is replaced as a whole.
        debounce.changed(A, true);
        assertThat(untilDue()).isEqualTo(SETTLE);
    }

    @Test
    void afterSeveralFilesMoreMayFollow() {
        debounce.changed(A, true);
        debounce.changed(B, true);

        assertThat(untilDue()).isEqualTo(QUIET);
        assertThat(debounce.take(now)).isEqualTo(Changes.of(Set.of(A, B)));
    }

    @Test
    void aSwapIsReportedAtOnceAndMayHaveChangedAnything() {
        debounce.changedAnything(true);
        assertThat(untilDue()).isZero();
        debounce.changed(A, false);
        assertThat(untilDue()).isEqualTo(QUIET);

        assertThat(debounce.take(now)).isEqualTo(Changes.ANY);
    }

    @Test
    void aFileThatChangesOverAndOverIsWaitedFor() {
        debounce.changed(A, true);
        debounce.take(now);

        now = MAX_WAIT - 1;
        debounce.changed(A, true);
        assertThat(untilDue()).isEqualTo(QUIET);
        now++;
        assertThat(untilDue()).isEqualTo(SETTLE);
        debounce.take(now);

        debounce.changed(B, true);
        assertThat(untilDue()).isEqualTo(SETTLE);
    }

    @Test
    void takenChangesAreNotReportedAgain() {
        debounce.changedAnything(false);
        assertThat(untilDue()).isEqualTo(QUIET);
        assertThat(debounce.take(now)).isEqualTo(Changes.ANY);
        assertThat(debounce.isPending()).isFalse();

        debounce.changed(B, true);
        assertThat(untilDue()).isEqualTo(SETTLE);
        assertThat(debounce.take(now)).isEqualTo(Changes.of(Set.of(B)));
    }

    @Test
    void anEditIsDueAfterItsQuietTime() {
        debounce.changed(A, false);
        debounce.schedule(0);
        debounce.schedule(15);

        assertThat(debounce.nanosUntilDue(15)).isEqualTo(QUIET);
        assertThat(debounce.nanosUntilDue(35)).isZero();
    }

    @Test
    void aBurstThatDoesNotEndIsDueAfterTheLongestWait() {
        debounce.changed(A, false);
        for (now = 0; now < MAX_WAIT; now += 10) {
            assertThat(untilDue()).isPositive();
        }
        assertThat(debounce.nanosUntilDue(MAX_WAIT)).isZero();
    }

    @Test
    void afterALongReloadTheNextWaitsHalfAsLong() {
        debounce.take(0);
        debounce.handled(40);
        debounce.changed(A, true);
        now = 41;
        assertThat(untilDue()).isEqualTo(19);

        debounce.take(60);
        debounce.handled(61);
        debounce.changed(B, true);
        now = 70;
        assertThat(untilDue()).isEqualTo(SETTLE);
    }

    @Test
    void theWaitAfterAReloadIsBounded() {
        debounce.take(0);
        debounce.handled(1000);
        debounce.changedAnything(true);
        now = 1001;

        assertThat(untilDue()).isEqualTo(MAX_WAIT - 1);
    }

    @Test
    void aHundredEditsInASecondAreReportedTenTimes() {
        int reports = 0;
        for (now = 0; now < 1000; now++) {
            if (now % 10 == 0) {
                debounce.changed(A, false);
                debounce.schedule(now);
            }
            if (debounce.nanosUntilDue(now) <= 0) {
                debounce.take(now);
                debounce.handled(now);
                reports++;
            }
        }
        assertThat(reports).isBetween(5, 10);
    }
}
