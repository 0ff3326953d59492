package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Carries facts from one event loop to one other thread without locks: the loop alone offers, the thread alone takes.
///
/// It is bounded twice, by number and by the weight of the texts that clients sent: 8,000 requests with 60 KiB of
/// headers each would otherwise be half a gigabyte in waiting.
final class FactsRing {
    private final AtomicReferenceArray<@Nullable RequestFacts> slots;
    /// Of the facts in each slot, published with them.
    private final int[] weights;

    private final int mask;
    private final long mostWeight;
    /// What the offering side counts; nobody else writes them.
    private long tail;

    private long offeredWeight;
    /// What the taking side counts.
    private long head;

    private final AtomicLong takenWeight = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    /// @param capacity rounded up to a power of two
    /// @param mostWeight of the texts in waiting, characters
    FactsRing(int capacity, long mostWeight) {
        int size = Integer.highestOneBit(Math.max(1, capacity - 1)) << 1;
        slots = new AtomicReferenceArray<>(size);
        weights = new int[size];
        mask = size - 1;
        this.mostWeight = mostWeight;
    }

    /// False where there is no room: the facts are lost, and counted as such.
    boolean offer(RequestFacts facts) {
        int slot = (int) tail & mask;
        if (slots.get(slot) != null || offeredWeight - takenWeight.get() > mostWeight) {
            dropped.setPlain(dropped.getPlain() + 1);
            return false;
        }
        weights[slot] = facts.weight();
        offeredWeight += weights[slot];
        tail++;
        // Volatile, not only released: whoever offers looks next whether the taker sleeps, and neither may pass the
        // other.
        slots.set(slot, facts);
        return true;
    }

    /// Asked by the offering side, behind what it has just offered.
    boolean isHalfFull() {
        int halfBack = (int) (tail - 1 - (capacity() >> 1)) & mask;
        return slots.getAcquire(halfBack) != null || offeredWeight - takenWeight.getAcquire() > mostWeight >> 1;
    }

    /// The oldest facts in waiting, or null.
    @Nullable
    RequestFacts take() {
        int slot = (int) head & mask;
        RequestFacts facts = slots.getAcquire(slot);
        if (facts != null) {
            head++;
            takenWeight.setOpaque(takenWeight.getPlain() + weights[slot]);
            slots.setRelease(slot, null);
        }
        return facts;
    }

    boolean isEmpty() {
        return slots.get((int) head & mask) == null;
    }

    int capacity() {
        return mask + 1;
    }

    long dropped() {
        return dropped.getOpaque();
    }
}
