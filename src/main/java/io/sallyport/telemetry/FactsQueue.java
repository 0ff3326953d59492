package io.sallyport.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.outcome.RequestFacts;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/// Takes the facts of requests from event loops to one daemon thread of its own, by a ring for each loop. The loops
/// never wait: what the thread does not take in time is dropped and counted.
///
/// The thread sleeps until an event loop wakes it, then gathers for a while: a busy gateway pays one wake-up for many
/// requests, an idle one nothing. A ring that is half full ends the gathering, so that a sudden burst is not lost.
public final class FactsQueue implements AutoCloseable {
    /// Of texts in waiting for each event loop, characters.
    private static final long MOST_WEIGHT = 8 << 20;

    /// Facts that are worth a wake-up. To gather more only keeps more objects alive.
    private static final int PLENTY = 256;

    private static final long SHORTEST_GATHERING_NANOS = Duration.ofMillis(1).toNanos();

    /// Who gets the facts. Called on the queue's thread.
    public interface Taker {
        void take(RequestFacts facts);

        /// Nothing more is waiting for now, or enough has been taken in a row.
        void flush();
    }

    /// What the thread rests for.
    private enum Rest {
        NONE,
        /// Until there is something.
        IDLE,
        /// Until the time is over, or there is much.
        GATHERING
    }

    private final List<FactsRing> rings = new CopyOnWriteArrayList<>();
    private final FastThreadLocal<FactsRing> ring;
    private final Taker taker;
    private final long longestGatheringNanos;
    private long gatheringNanos;
    private final Thread thread;
    private volatile Rest rest = Rest.NONE;
    private volatile boolean closing;
    /// Rises as long as the taker gets on.
    private volatile long progress;

    /// @param name of the thread
    /// @param capacity facts that may wait for each event loop
    /// @param gathering how long the thread waits for more once there is something, at most
    public FactsQueue(String name, int capacity, Duration gathering, Taker taker) {
        this.taker = taker;
        longestGatheringNanos = gathering.toNanos();
        gatheringNanos = longestGatheringNanos;
        thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
        ring = new FastThreadLocal<>() {
            @Override
            protected FactsRing initialValue() {
                var made = new FactsRing(capacity, MOST_WEIGHT);
                rings.add(made);
                return made;
            }
        };
    }

    public void start() {
        thread.start();
    }

    /// From an event loop; one read of a field where the thread is awake.
    public void offer(RequestFacts facts) {
        FactsRing own = ring.get();
        if (!own.offer(facts)) {
            return;
        }
        Rest now = rest;
        if (now == Rest.IDLE || now == Rest.GATHERING && own.isHalfFull()) {
            rest = Rest.NONE;
            LockSupport.unpark(thread);
        }
    }

    /// Facts that were lost because the thread did not keep up.
    public long dropped() {
        long dropped = 0;
        for (FactsRing each : rings) {
            dropped += each.dropped();
        }
        return dropped;
    }

    /// Whether this queue is ending: whoever takes from it should not wait any more.
    public boolean isClosing() {
        return closing;
    }

    /// Lets the thread take what is waiting and end. Several queues then end at the same time.
    public void beginClose() {
        closing = true;
        LockSupport.unpark(thread);
    }

    /// Lets the thread take what is waiting, for a few seconds at most; less where it stands still.
    @Override
    public void close() {
        beginClose();
        ThreadEnd.await(thread, () -> progress);
    }

    private void run() {
        while (true) {
            // Read before the rings are: what was offered before the close is then found.
            boolean last = closing;
            int taken = drain();
            if (last) {
                return;
            }
            rest = Rest.IDLE;
            while (rest == Rest.IDLE && nothingWaits() && !closing) {
                LockSupport.park(this);
            }
            gather(taken);
        }
    }

    /// @param taken after the last time
    private void gather(int taken) {
        long next = gatheringNanos * PLENTY / Math.max(1, taken);
        gatheringNanos = Math.clamp(next, SHORTEST_GATHERING_NANOS, longestGatheringNanos);
        rest = Rest.GATHERING;
        long end = System.nanoTime() + gatheringNanos;
        for (long left = gatheringNanos; left > 0 && rest == Rest.GATHERING && !closing; ) {
            LockSupport.parkNanos(this, left);
            left = end - System.nanoTime();
        }
        rest = Rest.NONE;
    }

    private boolean nothingWaits() {
        for (FactsRing each : rings) {
            if (!each.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    private int drain() {
        int taken = 0;
        for (FactsRing each : rings) {
            // Not until it is empty: a busy loop would keep the others waiting.
            for (int i = each.capacity(); i > 0; i--) {
                RequestFacts facts = each.take();
                if (facts == null) {
                    break;
                }
                taker.take(facts);
                progress = progress + 1;
                taken++;
            }
        }
        taker.flush();
        return taken;
    }
}
