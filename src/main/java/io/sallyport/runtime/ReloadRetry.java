package io.sallyport.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// When a configuration that was refused for a passing reason, such as a port in use, is tried again: after a second,
/// and after twice as long each time, up to a minute, until it is applied or another takes its place.
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
    private @Nullable Runnable callOff;
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
        callOff();
        refusal = reasons;
        Instant now = clock.instant();
        boolean logs = news || !now.isBefore(logged.plus(LONGEST));
        if (logs) {
            logged = now;
        }
        if (mayPass) {
            due = now.plus(delay);
            callOff = schedule.after(delay);
            delay = delay.multipliedBy(2).compareTo(LONGEST) < 0 ? delay.multipliedBy(2) : LONGEST;
        }
        return logs;
    }

    /// The configuration is served, or was taken back.
    void settled() {
        callOff();
        refusal = List.of();
        delay = FIRST;
    }

    private void callOff() {
        if (callOff != null) {
            callOff.run();
            callOff = null;
        }
        due = null;
    }

    /// When it is tried again; null where nothing is to be.
    @Nullable
    Instant due() {
        return due;
    }
}
