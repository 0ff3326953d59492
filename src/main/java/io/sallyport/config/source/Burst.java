package io.sallyport.config.source;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// The changes that events have told of and that were not told on yet.
final class Burst {
    private enum State {
        /// The name is there since, with all of its content: a file that was written elsewhere was renamed to it. A
        /// file that is written under its own name is seen to be written.
        ARRIVED,
        /// The name is gone since.
        GONE,
        /// Its content is being written; more may follow.
        WRITTEN
    }

    private final Map<Path, State> files = new HashMap<>();
    /// When files were told, by the watcher's clock, for as long as it matters.
    private final Map<Path, Long> lastTold = new HashMap<>();
    private boolean unknown;
    private boolean writing;
    private boolean swapped;

    /// A `..data` link was replaced: the new generation is whole.
    void addSwap() {
        swapped = true;
    }

    /// Something changed, and what is not known.
    void addUnknown() {
        unknown = true;
        writing = true;
    }

    /// Looking found a change that no event told of.
    void addFound() {
        unknown = true;
    }

    /// @param empty a file without content is still to be written
    void addArrival(Path file, boolean empty) {
        files.put(file, empty ? State.WRITTEN : State.ARRIVED);
    }

    void addDeparture(Path file) {
        files.put(file, State.GONE);
    }

    void addWriting(Path file) {
        files.put(file, State.WRITTEN);
    }

    /// After how much quiet time this is to be told: one file that came or went as a whole soon, a swapped ConfigMap at
    /// once, what may be half of a change, and a file that changes over and over, when it is likely to be done.
    ///
    /// @param now of the watcher's clock, nanoseconds
    Duration quietTime(DirectoryWatcher.Timing timing, long now) {
        if (writing || files.containsValue(State.WRITTEN)) {
            return timing.debounce();
        }
        if (files.isEmpty()) {
            return Duration.ZERO;
        }
        lastTold.values().removeIf(told -> now - told >= timing.maxWait().toNanos());
        boolean alone = files.size() == 1 && !lastTold.keySet().containsAll(files.keySet());
        return alone ? timing.settle() : timing.debounce();
    }

    /// Begins the next burst.
    Changes take(long now) {
        files.keySet().forEach(file -> lastTold.put(file, now));
        Changes changes = unknown || swapped ? Changes.ANY : Changes.of(files.keySet());
        files.clear();
        unknown = false;
        writing = false;
        swapped = false;
        return changes;
    }
}
