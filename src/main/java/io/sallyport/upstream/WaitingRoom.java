package io.sallyport.upstream;

import io.sallyport.cluster.Limit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Acquisitions in the order they came: a list threaded through them, so that joining and leaving cost nothing.
final class WaitingRoom {
    private @Nullable Acquisition first;
    private @Nullable Acquisition last;
    private final Limit pending;
    private final BooleanSupplier dialled;
    private final Runnable onEmpty;
    private int size;

    /// @param pending the cluster's limit; who enters has taken a place of it, which is given back when they leave
    /// @param dialled whether a connection is being made for those who wait
    /// @param onEmpty run when the last one has left
    WaitingRoom(Limit pending, BooleanSupplier dialled, Runnable onEmpty) {
        this.pending = pending;
        this.dialled = dialled;
        this.onEmpty = onEmpty;
    }

    /// A connection is being made; otherwise one is waited for that may be made, or comes free.
    boolean isDialled() {
        return dialled.getAsBoolean();
    }

    int size() {
        return size;
    }

    void add(Acquisition waiter) {
        Acquisition before = last;
        waiter.previous = before;
        waiter.next = null;
        waiter.room = this;
        if (before == null) {
            first = waiter;
        } else {
            before.next = waiter;
        }
        last = waiter;
        size++;
    }

    /// The one that waits longest, removed; null where nobody waits.
    @Nullable
    Acquisition poll() {
        Acquisition waiter = first;
        if (waiter != null) {
            remove(waiter);
        }
        return waiter;
    }

    void remove(Acquisition waiter) {
        Acquisition before = waiter.previous;
        Acquisition after = waiter.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        waiter.previous = null;
        waiter.next = null;
        waiter.room = null;
        size--;
        pending.giveBack();
        if (size == 0) {
            onEmpty.run();
        }
    }
}
