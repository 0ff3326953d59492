package io.sallyport.config;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/// Tells when something below a set of directories has changed: by the file system's events where it has them, and by
/// looking every few seconds, since events can be lost. Bursts are told once; swaps of a ConfigMap's `..data` link at
/// once. Runs on a daemon thread of its own until closed, whatever happens.
public final class DirectoryWatcher implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DirectoryWatcher.class.getName());

    /// @param debounce quiet time after the last event of a burst
    /// @param maxWait after the first event of a burst that does not end; also the least time between two calls
    /// @param poll between two looks at the directories
    public record Timing(Duration debounce, Duration maxWait, Duration poll) {
        public static final Timing DEFAULT =
                new Timing(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(2));
    }

    private final FileEvents events;
    private final ChangeCoalescer coalescer;
    private final LongSupplier nanoTime;
    private final TreeFingerprint fingerprint;
    private final Runnable onChange;
    private final long pollNanos;
    private final Thread thread;
    private volatile boolean closed;
    private long lastFingerprint;
    private long lastPoll;

    /// Watches from now on: what changes after this returns is told.
    ///
    /// @param directories watched with all that is below them; one that does not exist is awaited
    /// @param onChange called on the watcher's thread, never twice at a time
    public DirectoryWatcher(List<Path> directories, Runnable onChange) {
        this(directories, onChange, Timing.DEFAULT, System::nanoTime);
    }

    /// As [#DirectoryWatcher(List, Runnable)] with times of its own.
    public DirectoryWatcher(List<Path> directories, Runnable onChange, Timing timing) {
        this(directories, onChange, timing, System::nanoTime);
    }

    DirectoryWatcher(List<Path> directories, Runnable onChange, Timing timing, LongSupplier nanoTime) {
        this.events = FileEvents.open(directories);
        this.coalescer = new ChangeCoalescer(
                timing.debounce().toNanos(), timing.maxWait().toNanos());
        this.nanoTime = nanoTime;
        this.fingerprint = new TreeFingerprint(directories);
        this.onChange = onChange;
        this.pollNanos = timing.poll().toNanos();
        this.lastFingerprint = fingerprint.compute();
        this.lastPoll = nanoTime.getAsLong();
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
        long untilPoll = lastPoll + pollNanos - now;
        switch (events.await(Math.min(untilPoll, coalescer.nanosUntilDue(now)))) {
            case NONE -> {}
            case EDIT -> coalescer.event(nanoTime.getAsLong(), false);
            case SWAP -> coalescer.event(nanoTime.getAsLong(), true);
        }
        now = nanoTime.getAsLong();
        if (now - lastPoll >= pollNanos) {
            poll(now);
        }
        if (coalescer.nanosUntilDue(now) <= 0) {
            coalescer.told(now);
            events.refresh();
            // Before the call: what changes during it differs from this.
            lastFingerprint = fingerprint.compute();
            onChange.run();
        }
    }

    private void poll(long now) {
        lastPoll = now;
        events.refresh();
        if (fingerprint.compute() != lastFingerprint && !coalescer.isPending()) {
            coalescer.event(now, true);
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
