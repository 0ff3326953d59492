package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The thread that formats and writes the access log.
///
/// It sleeps until an event loop wakes it, then gathers for a few milliseconds before it writes: a busy gateway pays
/// one wake-up and one write for many lines, an idle one nothing.
final class AccessLogWriter {
    private static final Logger LOG = System.getLogger(AccessLogWriter.class.getName());
    private static final long GATHERING_NANOS = 5_000_000;
    private static final int BATCH_BYTES = 64 * 1024;
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);
    /// The time without progress of the reader after which the remaining lines are dropped.
    private static final Duration STANDSTILL = Duration.ofSeconds(2);

    private final List<FactsRing> rings;
    private final AccessLogFormatter formatter;
    private final OutputStream out;
    private final LineBuffer buffer = new LineBuffer(BATCH_BYTES + 16 * 1024);
    private final Thread thread;
    private int linesInBuffer;
    private boolean failing;
    private volatile boolean asleep;
    private volatile boolean closing;
    private volatile long lost;
    private volatile long batches;

    AccessLogWriter(List<FactsRing> rings, AccessLogFormatter formatter, OutputStream out) {
        this.rings = rings;
        this.formatter = formatter;
        this.out = out;
        thread = Thread.ofPlatform().daemon().name("sallyport-access-log").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// From an event loop: one read of a field where the writer is awake.
    void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    long lost() {
        return lost;
    }

    void close() {
        closing = true;
        LockSupport.unpark(thread);
        long end = System.nanoTime() + LONGEST_CLOSE.toNanos();
        try {
            long before;
            do {
                before = batches;
            } while (!thread.join(STANDSTILL) && batches != before && System.nanoTime() - end < 0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (true) {
            // Read before the rings are: what was offered before the close is then found.
            boolean last = closing;
            drain();
            if (last) {
                return;
            }
            asleep = true;
            while (asleep && nothingWaits() && !closing) {
                LockSupport.park(this);
            }
            asleep = false;
            if (!closing) {
                LockSupport.parkNanos(this, GATHERING_NANOS);
            }
        }
    }

    private boolean nothingWaits() {
        for (FactsRing ring : rings) {
            if (!ring.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private void drain() {
        for (FactsRing ring : rings) {
            // Not until it is empty: a busy loop would keep the others waiting.
            for (int i = ring.capacity(); i > 0; i--) {
                RequestFacts facts = ring.take();
                if (facts == null) {
                    break;
                }
                formatter.format(facts, buffer);
                linesInBuffer++;
                if (buffer.length() >= BATCH_BYTES) {
                    write();
                }
            }
        }
        write();
    }

    private void write() {
        if (linesInBuffer == 0) {
            return;
        }
        try {
            buffer.writeTo(out);
            out.flush();
            failing = false;
        } catch (IOException e) {
            lost = lost + linesInBuffer;
            if (!failing) {
                failing = true;
                LOG.log(Level.ERROR, "The access log cannot be written: {0}", e.getMessage());
            }
        }
        batches = batches + 1;
        buffer.clear();
        linesInBuffer = 0;
    }
}
