package io.sallyport.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Schedules the next attempt at what failed for a passing reason, such as a file that cannot be opened: after a
/// second, then after twice as long each time, until it succeeds or is replaced.
final class ReloadRetry {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration REPEATED = Duration.ofMinutes(1);

    /// Schedules attempts.
    interface Schedule {
        /// @return cancels the attempt
        Runnable after(Duration delay);
    }

    private final Clock clock;
    private final Schedule schedule;
    private final Duration longest;
    private Duration delay = FIRST;
    private List<String> refusal = List.of();
    /// When it was last to be logged.
    private Instant logged = Instant.MIN;
    private @Nullable Runnable cancelScheduled;
    private volatile @Nullable Instant due;

    /// @param longest delay
    ReloadRetry(Clock clock, Schedule schedule, Duration longest) {
        this.clock = clock;
        this.schedule = schedule;
        this.longest = longest;
    }

    /// An attempt has failed.
    ///
    /// @param reasons a line each
    /// @param mayPass whether it may succeed later as it is
    /// @return whether it is to be logged: not the same reasons again within a minute
    boolean refused(List<String> reasons, boolean mayPass) {
        boolean news = !reasons.equals(refusal);
        if (news) {
            delay = FIRST;
        }
        cancelScheduled();
        refusal = reasons;
        Instant now = clock.instant();
        boolean logs = news || !now.isBefore(logged.plus(REPEATED));
        if (logs) {
            logged = now;
        }
        if (mayPass) {
            due = now.plus(delay);
            cancelScheduled = schedule.after(delay);
            delay = delay.multipliedBy(2).compareTo(longest) < 0 ? delay.multipliedBy(2) : longest;
        }
        return logs;
    }

    /// An attempt has succeeded, or none is needed any more.
    void settled() {
        cancelScheduled();
        refusal = List.of();
        delay = FIRST;
    }

    private void cancelScheduled() {
        if (cancelScheduled != null) {
            cancelScheduled.run();
            cancelScheduled = null;
        }
        due = null;
    }

    /// When the next attempt is due; null for none.
    @Nullable
    Instant due() {
        return due;
    }
}
