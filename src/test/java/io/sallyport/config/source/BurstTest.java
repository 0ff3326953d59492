package io.sallyport.config.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BurstTest {
    private static final DirectoryWatcher.Timing TIMING = DirectoryWatcher.Timing.DEFAULT;
    private static final Path A = Path.of("config/a.yaml");
    private static final Path B = Path.of("config/b.yaml");

    private final Burst burst = new Burst();
    private long now;

    private Duration quietTime() {
        return burst.quietTime(TIMING, now);
    }

    @Test
    void oneFileThatCameOrWentAsAWholeIsToldSoon() {
        burst.addArrival(A, false);
        assertThat(quietTime()).isEqualTo(TIMING.settle());
        burst.addDeparture(A);
        assertThat(quietTime()).isEqualTo(TIMING.settle());

        assertThat(burst.take(now)).isEqualTo(Changes.of(Set.of(A)));
    }

    @Test
    void aFileThatIsWrittenUnderItsNameIsWaitedFor() {
        burst.addArrival(A, false);
        burst.addWriting(A);
        assertThat(quietTime()).isEqualTo(TIMING.debounce());

        // Until it is replaced as a whole.
        burst.addArrival(A, false);
        assertThat(quietTime()).isEqualTo(TIMING.settle());
    }

    @Test
    void anEmptyFileIsStillToBeWritten() {
        burst.addArrival(A, true);

        assertThat(quietTime()).isEqualTo(TIMING.debounce());
    }

    @Test
    void whereSeveralFilesComeMoreMayFollow() {
        burst.addArrival(A, false);
        burst.addArrival(B, false);

        assertThat(quietTime()).isEqualTo(TIMING.debounce());
        assertThat(burst.take(now)).isEqualTo(Changes.of(Set.of(A, B)));
    }

    @Test
    void aSwapIsToldAtOnceAndMayHaveChangedAnything() {
        burst.addSwap();
        assertThat(quietTime()).isZero();
        burst.addWriting(A);
        assertThat(quietTime()).isEqualTo(TIMING.debounce());

        assertThat(burst.take(now)).isEqualTo(Changes.ANY);
    }

    @Test
    void aFileThatChangesOverAndOverIsWaitedFor() {
        burst.addArrival(A, false);
        burst.take(now);

        now = TIMING.maxWait().toNanos() - 1;
        burst.addArrival(A, false);
        assertThat(quietTime()).isEqualTo(TIMING.debounce());
        now++;
        assertThat(quietTime()).isEqualTo(TIMING.settle());
        burst.take(now);

        burst.addArrival(B, false);
        assertThat(quietTime()).isEqualTo(TIMING.settle());
    }

    @Test
    void takenChangesAreNotToldAgain() {
        burst.addUnknown();
        assertThat(burst.take(now)).isEqualTo(Changes.ANY);

        burst.addArrival(B, false);
        assertThat(quietTime()).isEqualTo(TIMING.settle());
        assertThat(burst.take(now)).isEqualTo(Changes.of(Set.of(B)));
    }
}
