package io.sallyport.config.source;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// Gathers the changes that events report, and decides when the burst is over and is handled. Times are nanoseconds of
/// one monotonic clock.
final class Debounce {
    private final DirectoryWatcher.Timing timing;
    private final long maxWait;
    /// The files that changed, and whether they may still be being written.
    private final Map<Path, Boolean> files = new HashMap<>();
    /// When files were last handled, for as long as it matters.
    private final Map<Path, Long> lastHandled = new HashMap<>();
    private boolean anything;
    private boolean writing;
    private boolean pending;
    private long firstEvent;
    private long due;
    private long notBefore = Long.MIN_VALUE;
    private long takenAt;

    Debounce(DirectoryWatcher.Timing timing) {
        this.timing = timing;
        this.maxWait = timing.maxWait().toNanos();
    }

    /// @param whole the file is gone, or was renamed to its name with all of its content; otherwise more may be written
    void changed(Path file, boolean whole) {
        files.put(file, !whole);
    }

    /// Something changed that cannot be named.
    ///
    /// @param whole it is complete, as after the swap of a `..data` link; otherwise more may follow
    void changedAnything(boolean whole) {
        anything = true;
        writing |= !whole;
    }

    /// Called behind the changes that came at once: the burst is due when no more come for its quiet time.
    void schedule(long now) {
        if (!pending) {
            pending = true;
            firstEvent = now;
        }
        due = Math.max(now + quietTime(now), notBefore);
    }

    /// None for a swapped ConfigMap; a short one for a single file that came or went as a whole; a longer one for what
    /// may be half of a change, and for a file that changes over and over.
    private long quietTime(long now) {
        if (writing || files.containsValue(true)) {
            return timing.debounce().toNanos();
        }
        if (files.isEmpty()) {
            return 0;
        }
        lastHandled.values().removeIf(handled -> now - handled >= maxWait);
        boolean single = files.size() == 1 && !lastHandled.keySet().containsAll(files.keySet());
        return (single ? timing.settle() : timing.debounce()).toNanos();
    }

    boolean isPending() {
        return pending;
    }

    /// At most 0 when the burst is to be handled now; [Long#MAX_VALUE] when there is none.
    long nanosUntilDue(long now) {
        return pending ? Math.min(due, firstEvent + maxWait) - now : Long.MAX_VALUE;
    }

    /// Ends the burst, which the caller handles now.
    Changes take(long now) {
        files.keySet().forEach(file -> lastHandled.put(file, now));
        Changes changes = anything ? Changes.ANY : Changes.of(files.keySet());
        files.clear();
        anything = false;
        writing = false;
        pending = false;
        takenAt = now;
        return changes;
    }

    /// The burst has been handled. The next one waits for half as long as that took: changes without end leave a third
    /// of a processor to others.
    void handled(long now) {
        notBefore = now + Math.min((now - takenAt) / 2, maxWait);
    }
}
