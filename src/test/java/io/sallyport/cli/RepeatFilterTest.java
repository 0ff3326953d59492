package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import org.jboss.logmanager.ExtLogRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepeatFilterTest {
    private final AtomicLong now = new AtomicLong();
    private final RepeatFilter filter = new RepeatFilter(null, now::get);

    @Test
    void anErrorThatRepeatsItselfPassesOnceAMinuteWithACount() {
        assertThat(passes(Level.SEVERE, "accepting failed", emfile())).isTrue();
        for (int i = 0; i < 1_000; i++) {
            assertThat(passes(Level.SEVERE, "accepting failed", emfile())).isFalse();
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(60));
        ExtLogRecord line = line(Level.SEVERE, "accepting failed", emfile());
        assertThat(filter.isLoggable(line)).isTrue();
        assertThat(line.getFormattedMessage()).isEqualTo("accepting failed (and 1000 more since the last line)");
        assertThat(passes(Level.SEVERE, "accepting failed", emfile())).isFalse();
    }

    @Test
    void whatDiffersPasses() {
        assertThat(passes(Level.WARNING, "endpoint 10.0.0.1:80 is ejected", null))
                .isTrue();
        assertThat(passes(Level.WARNING, "endpoint 10.0.0.2:80 is ejected", null))
                .isTrue();
        assertThat(passes(Level.WARNING, "endpoint 10.0.0.1:80 is ejected", null))
                .isFalse();
        assertThat(passes(Level.SEVERE, "accepting failed", emfile())).isTrue();
        assertThat(passes(Level.SEVERE, "accepting failed", new IOException("Connection reset")))
                .isTrue();
        assertThat(passes(Level.SEVERE, "accepting failed", new IllegalStateException("Too many open files")))
                .isTrue();
    }

    @Test
    void connectionsAreNoDifference() {
        assertThat(passes(Level.WARNING, "failed on [id: 0x1234, L:/127.0.0.1:1]", emfile()))
                .isTrue();
        assertThat(passes(Level.WARNING, "failed on [id: 0x5678, L:/127.0.0.1:2]", emfile()))
                .isFalse();
    }

    @Test
    void whatIsNoWarningAlwaysPasses() {
        for (int i = 0; i < 3; i++) {
            assertThat(passes(Level.INFO, "generation 1 is served", null)).isTrue();
        }
    }

    @Test
    void whatAnotherFilterHoldsBackStaysBack() {
        var held = new RepeatFilter(_ -> false, now::get);
        assertThat(held.isLoggable(line(Level.SEVERE, "accepting failed", null)))
                .isFalse();
    }

    @Test
    void aFloodOfDifferentErrorsNeedsNoMoreMemory() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(passes(Level.SEVERE, "error " + i, null)).isTrue();
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(60));
        assertThat(passes(Level.SEVERE, "accepting failed", null)).isTrue();
        assertThat(passes(Level.SEVERE, "accepting failed", null)).isFalse();
    }

    /// What repeats itself all the time is held back although more kinds come than are remembered.
    @Test
    void aFloodOfDifferentErrorsDoesNotFreeWhatRepeatsItself() {
        assertThat(passes(Level.SEVERE, "accepting failed", emfile())).isTrue();
        int held = 0;
        for (int i = 0; i < 10_000; i++) {
            assertThat(passes(Level.SEVERE, "error " + i, null)).isTrue();
            if (i % 100 == 0) {
                assertThat(passes(Level.SEVERE, "accepting failed", emfile())).isFalse();
                held++;
            }
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(60));
        ExtLogRecord line = line(Level.SEVERE, "accepting failed", emfile());
        assertThat(filter.isLoggable(line)).isTrue();
        assertThat(line.getFormattedMessage()).contains("and " + held + " more");
    }

    private static IOException emfile() {
        return new IOException("Too many open files");
    }

    private boolean passes(Level level, String message, @Nullable Throwable thrown) {
        return filter.isLoggable(line(level, message, thrown));
    }

    private static ExtLogRecord line(Level level, String message, @Nullable Throwable thrown) {
        var line = new ExtLogRecord(level, message, RepeatFilterTest.class.getName());
        line.setLoggerName("io.netty.channel");
        line.setThrown(thrown);
        return line;
    }
}
