package io.sallyport.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Schedules the next attempt to apply a configuration that was refused for a passing reason, such as a port in use:
/// after a second, then after twice as long each time, up to a minute, until it is applied or replaced.
final class ReloadRetry {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /// Schedules reloads.
    interface Schedule {
        /// @return cancels the reload
        Runnable after(Duration delay);
    }

    private final Clock clock;
    private final Schedule schedule;
    private Duration delay = FIRST;
    private List<String> refusal = List.of();
    /// When it was last to be logged.
    private Instant logged = Instant.MIN;
    private @Nullable Runnable cancelScheduled;
    private volatile @Nullable Instant due;

    ReloadRetry(Clock clock, Schedule schedule) {
        this.clock = clock;
        this.schedule = schedule;
    }

    /// A configuration was refused.
    ///
    /// @param reasons a line each
    /// @param mayPass whether it may be applied later as it is
    /// @return whether it is to be logged: not the same refusal again within a minute
    boolean refused(List<String> reasons, boolean mayPass) {
        boolean news = !reasons.equals(refusal);
        if (news) {
            delay = FIRST;
        }
        cancelScheduled();
        refusal = reasons;
        Instant now = clock.instant();
        boolean logs = news || !now.isBefore(logged.plus(LONGEST));
        if (logs) {
            logged = now;
        }
        if (mayPass) {
            due = now.plus(delay);
            cancelScheduled = schedule.after(delay);
            delay = delay.multipliedBy(2).compareTo(LONGEST) < 0 ? delay.multipliedBy(2) : LONGEST;
        }
        return logs;
    }

    /// The configuration is served, or has been reverted.
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
