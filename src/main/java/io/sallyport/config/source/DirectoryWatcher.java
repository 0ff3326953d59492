package io.sallyport.config.source;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Tells when something below a set of directories has changed: by the file system's events where it has them, and by
/// looking every few seconds, since events can be lost. Bursts are told once; swaps of a ConfigMap's `..data` link at
/// once, and almost so a single file that came by a rename. Runs on a daemon thread of its own until closed, whatever
/// happens.
public final class DirectoryWatcher implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DirectoryWatcher.class.getName());

    /// While events keep telling of changes, looking can wait that many times its interval.
    private static final int BUSY_POLLS = 10;

    /// @param settle quiet time after a single file came or went as a whole
    /// @param debounce quiet time after the last event of a burst, and after writing in place
    /// @param maxWait after the first event of a burst that does not end
    /// @param poll between two looks at the directories
    public record Timing(Duration settle, Duration debounce, Duration maxWait, Duration poll) {
        public static final Timing DEFAULT =
                new Timing(Duration.ofMillis(3), Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(2));

        public Timing withPoll(Duration interval) {
            return new Timing(settle, debounce, maxWait, interval);
        }
    }

    private final FileEvents events;
    private final Burst burst = new Burst();
    private final ChangeCoalescer coalescer;
    private final Timing timing;
    private final LongSupplier nanoTime;
    private final TreeFingerprint fingerprint;
    private final Consumer<Changes> onChange;
    private final Thread thread;
    private volatile boolean closed;
    /// Null where changes were told since that it does not know.
    private @Nullable Long lastFingerprint;

    private long lastPoll;
    private long lastTold;

    /// Watches from now on: what changes after this returns is told.
    ///
    /// @param directories watched with all that is below them; one that does not exist is awaited
    /// @param onChange called on the watcher's thread, never twice at a time
    public DirectoryWatcher(List<Path> directories, Consumer<Changes> onChange, Timing timing) {
        this(directories, onChange, timing, System::nanoTime);
    }

    DirectoryWatcher(List<Path> directories, Consumer<Changes> onChange, Timing timing, LongSupplier nanoTime) {
        this.events = FileEvents.open(directories);
        this.coalescer = new ChangeCoalescer(timing.maxWait().toNanos());
        this.timing = timing;
        this.nanoTime = nanoTime;
        this.fingerprint = new TreeFingerprint(directories);
        this.onChange = onChange;
        this.lastFingerprint = fingerprint.compute();
        this.lastPoll = nanoTime.getAsLong();
        this.lastTold = lastPoll - timing.poll().toNanos();
        this.thread =
                Thread.ofPlatform().daemon().name("sallyport-config-watcher").start(this::run);
    }

    private void run() {
        while (!closed) {
            try {
                step();
            } catch (InterruptedException e) {
                // Only close() interrupts; anybody else's interrupt must not end the watching.
                continue;
            } catch (Throwable e) {
                LOG.log(Logger.Level.ERROR, "watching the configuration failed, and goes on", e);
                coalescer.told(nanoTime.getAsLong());
            }
        }
    }

    private void step() throws InterruptedException {
        long now = nanoTime.getAsLong();
        if (events.await(Math.min(untilPoll(now), coalescer.nanosUntilDue(now)), burst)) {
            now = nanoTime.getAsLong();
            coalescer.event(now, burst.quietTime(timing, now).toNanos());
        }
        now = nanoTime.getAsLong();
        if (untilPoll(now) <= 0) {
            poll(now);
        }
        if (coalescer.nanosUntilDue(now) <= 0) {
            tell(now);
        }
    }

    /// Looking takes its time where there are many files, and while events come it has little to find.
    private long untilPoll(long now) {
        long interval = timing.poll().toNanos();
        long last =
                events.isSilent() ? lastPoll : Math.min(Math.max(lastPoll, lastTold), lastPoll + interval * BUSY_POLLS);
        return last + interval - now;
    }

    private void tell(long now) {
        coalescer.told(now);
        events.refreshIfNeeded();
        Changes changes = burst.take(now);
        // Before the call: what changes during it differs from this.
        lastFingerprint = changes.any() ? (Long) fingerprint.compute() : null;
        try {
            onChange.accept(changes);
        } finally {
            lastTold = nanoTime.getAsLong();
            coalescer.done(lastTold);
        }
    }

    /// Whatever was told of single files is looked at once more as a whole.
    private void poll(long now) {
        lastPoll = now;
        events.refresh();
        long current = fingerprint.compute();
        if ((lastFingerprint == null || lastFingerprint != current) && !coalescer.isPending()) {
            burst.addFound();
            coalescer.event(now, 0);
        }
    }

    /// Ends the watching; a call under way is waited for, up to a second.
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
