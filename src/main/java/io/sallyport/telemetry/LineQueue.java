package io.sallyport.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// Keeps threads from waiting for the reader of an output stream, such as whoever is to read standard error from a
/// pipe: what is written waits in a queue, from which one daemon thread feeds the stream. What finds no room is
/// dropped and counted.
public final class LineQueue {
    private static final long MOST_BYTES = 1 << 20;
    /// Written at once: small, so that [#flush] can distinguish a slow reader from one that has stopped.
    private static final int PIECE_BYTES = 8 * 1024;
    private static final long NOTICE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final OutputStream out;
    private final Queue<Entry> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final LongAdder dropped = new LongAdder();
    private final Thread thread;
    private volatile boolean asleep;
    private volatile long piecesWritten;
    private long noticed;
    private long noticedAt = System.nanoTime() - NOTICE_NANOS;

    /// @param written counted down once the bytes are written
    private record Entry(byte[] bytes, CountDownLatch written) {}

    private LineQueue(String name, OutputStream out) {
        this.out = out;
        thread = Thread.ofPlatform().daemon().name("sallyport-" + name).unstarted(this::run);
    }

    /// Starts the thread that writes to this stream.
    public static LineQueue start(String name, OutputStream out) {
        var queue = new LineQueue(name, out);
        queue.thread.start();
        return queue;
    }

    /// A stream into the queue. What is written up to a flush is queued, or dropped, as a whole. Not thread-safe.
    public OutputStream stream() {
        return new Unflushed();
    }

    /// The number of entries that found no room or could not be written.
    public long dropped() {
        return dropped.sum();
    }

    /// Waits until all that is queued now is written; returns after the longest wait, or once the reader has taken
    /// nothing for the shorter one.
    public void flush(Duration longest, Duration standstill) {
        var written = new CountDownLatch(1);
        add(new Entry(new byte[0], written));
        long end = System.nanoTime() + longest.toNanos();
        try {
            long before;
            do {
                before = piecesWritten;
                if (written.await(standstill.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } while (piecesWritten != before && System.nanoTime() - end < 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void offer(byte[] bytes) {
        // A large entry is accepted while there is any room: half of it would be worse.
        if (waitingBytes.get() >= MOST_BYTES) {
            dropped.increment();
            return;
        }
        waitingBytes.addAndGet(bytes.length);
        add(new Entry(bytes, new CountDownLatch(0)));
    }

    private void add(Entry entry) {
        waiting.add(entry);
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (true) {
            Entry next = waiting.poll();
            if (next != null) {
                write(next);
                continue;
            }
            notice();
            asleep = true;
            while (asleep && waiting.isEmpty()) {
                LockSupport.park(this);
            }
            asleep = false;
        }
    }

    private void write(Entry entry) {
        byte[] bytes = entry.bytes;
        try {
            for (int at = 0; at < bytes.length; at += PIECE_BYTES) {
                out.write(bytes, at, Math.min(PIECE_BYTES, bytes.length - at));
                piecesWritten = piecesWritten + 1;
            }
            out.flush();
        } catch (IOException e) {
            // There is nowhere to say so; the metric does.
            dropped.increment();
        }
        waitingBytes.addAndGet(-bytes.length);
        entry.written.countDown();
    }

    /// Logs where lines are missing, as soon as there is room for that.
    private void notice() {
        long now = System.nanoTime();
        long sum = dropped.sum();
        if (sum > noticed && now - noticedAt >= NOTICE_NANOS) {
            // Not in a static field: the log must not be set up before this takes its output over.
            System.getLogger(LineQueue.class.getName())
                    .log(Level.WARNING, "{0} messages were not written: nobody read the output in time", sum - noticed);
            noticed = sum;
            noticedAt = now;
        }
    }

    private final class Unflushed extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public void write(int b) {
            bytes.write(b);
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            bytes.write(from, offset, length);
        }

        @Override
        public void flush() {
            if (bytes.size() > 0) {
                offer(bytes.toByteArray());
                bytes.reset();
            }
        }
    }
}
