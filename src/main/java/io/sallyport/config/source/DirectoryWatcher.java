package io.sallyport.config.source;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reports changes below a set of directories: by the file system's events where it has them, and by polling every few
/// seconds, since events can be lost. A burst is reported once; the swap of a ConfigMap's `..data` link at once, and
/// almost so a single file that was renamed into place. Runs on a daemon thread of its own until closed, whatever
/// happens.
public final class DirectoryWatcher implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DirectoryWatcher.class.getName());

    /// While events report changes, or where a poll takes long, the next one can wait for this many intervals.
    private static final int BUSY_POLLS = 10;
    /// Polls take a thousandth of one processor's time, unless they would then be too seldom: thousands of files leave
    /// megabytes of garbage each time.
    private static final int POLL_SHARE = 1000;

    /// @param settle quiet time after a single file came or went as a whole
    /// @param debounce quiet time after the last event of a burst, and after writing in place
    /// @param maxWait after the first event of a burst that does not end
    /// @param poll between two polls of the directories
    public record Timing(Duration settle, Duration debounce, Duration maxWait, Duration poll) {
        public static final Timing DEFAULT =
                new Timing(Duration.ofMillis(3), Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(2));

        public Timing withPoll(Duration interval) {
            return new Timing(settle, debounce, maxWait, interval);
        }
    }

    private final List<Path> directories;
    private final FileEvents events;
    private final Debounce debounce;
    private final long shortestPoll;
    private final Consumer<Changes> onChange;
    private final Thread thread;
    private volatile boolean closed;
    /// Null after changes of single files, which it does not include.
    private @Nullable Long lastFingerprint;

    private long pollInterval;
    private long lastTaken;
    private long lastPoll;
    private long lastReport;

    /// Watches from now on: what changes after this returns is reported.
    ///
    /// @param directories watched with everything below them; one that does not exist yet is awaited
    /// @param onChange called on the watcher's thread, never twice at a time
    public DirectoryWatcher(List<Path> directories, Consumer<Changes> onChange, Timing timing) {
        this.directories = List.copyOf(directories);
        this.events = FileEvents.open(directories);
        this.debounce = new Debounce(timing);
        this.shortestPoll = timing.poll().toNanos();
        this.pollInterval = shortestPoll;
        this.onChange = onChange;
        this.lastFingerprint = WatchedTree.of(directories).fingerprint();
        this.lastPoll = System.nanoTime();
        this.lastReport = lastPoll - pollInterval;
        this.thread =
                Thread.ofPlatform().daemon().name("sallyport-config-watcher").start(this::run);
    }

    private void run() {
        while (!closed) {
            try {
                step();
            } catch (InterruptedException e) {
                // Only close() ends the loop: any other interrupt must not end the watching.
                continue;
            } catch (Throwable e) {
                LOG.log(Logger.Level.ERROR, "watching the configuration failed, and goes on", e);
            }
        }
    }

    private void step() throws InterruptedException {
        long now = System.nanoTime();
        if (events.await(Math.min(untilPoll(now), debounce.nanosUntilDue(now)), debounce)) {
            debounce.schedule(System.nanoTime());
        }
        now = System.nanoTime();
        if (untilPoll(now) <= 0) {
            poll(now);
        }
        if (debounce.nanosUntilDue(now) <= 0) {
            report(now);
        }
    }

    /// While events arrive, a poll has little to find.
    private long untilPoll(long now) {
        long last = events.isSilent()
                ? lastPoll
                : Math.min(Math.max(lastPoll, lastReport), lastPoll + shortestPoll * BUSY_POLLS);
        return last + pollInterval - now;
    }

    private void report(long now) {
        Changes changes = debounce.take(now);
        events.refreshIfNeeded();
        // Before the call: whatever changes during it makes a difference to this.
        lastFingerprint = changes.any() ? (Long) WatchedTree.of(directories).fingerprint() : null;
        try {
            onChange.accept(changes);
        } finally {
            lastReport = System.nanoTime();
            debounce.handled(lastReport);
        }
    }

    /// After reports of single files, everything is reported once more as a whole.
    private void poll(long now) {
        lastPoll = now;
        events.refreshRoots();
        WatchedTree current = WatchedTree.of(directories);
        events.register(current.directories());
        stretch(System.nanoTime() - now);
        if ((lastFingerprint == null || lastFingerprint != current.fingerprint()) && !debounce.isPending()) {
            debounce.changedAnything(true);
            debounce.schedule(now);
        }
    }

    /// Where events report changes, polls find next to nothing. The quicker one of two says what they take: the
    /// other was the first, or the process was stopped meanwhile.
    private void stretch(long taken) {
        long usual = Math.min(taken, lastTaken);
        lastTaken = taken;
        pollInterval = events.isSilent()
                ? shortestPoll
                : Math.clamp(usual * POLL_SHARE, shortestPoll, shortestPoll * BUSY_POLLS);
    }

    /// Ends the watching; a call under way is awaited for up to a second.
    @Override
    public void close() {
        closed = true;
        try {
            events.close();
            if (Thread.currentThread() != thread) {
                thread.join(Duration.ofSeconds(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.log(Logger.Level.DEBUG, "closing the file watch", e);
        }
    }
}
