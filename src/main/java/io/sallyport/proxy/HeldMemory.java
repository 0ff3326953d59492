package io.sallyport.proxy;

import java.util.concurrent.atomic.AtomicLong;

/// What bodies of one kind that wait may take of the process's memory, over all event loops and requests: clients
/// choose
/// how many there are. An eighth of the most that the heap may have, which is the most of direct memory, too.
final class HeldMemory {
    /// Of copies whose mirrors do not take them.
    static final HeldMemory MIRRORS = new HeldMemory();
    /// That checks want to see.
    static final HeldMemory CHECKS = new HeldMemory();

    private static final int PARTS = 8;

    private final AtomicLong held = new AtomicLong();

    /// Counts more bytes, or, below zero, fewer.
    ///
    /// @return false where there are too many now, which are counted nevertheless
    boolean add(long bytes) {
        return held.addAndGet(bytes) <= Runtime.getRuntime().maxMemory() / PARTS;
    }
}
