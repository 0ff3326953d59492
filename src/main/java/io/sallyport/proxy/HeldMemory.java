package io.sallyport.proxy;

import java.util.concurrent.atomic.AtomicLong;

/// How much bodies of one kind may hold while they wait, over all event loops: clients choose how many there are. An
/// eighth of what the heap may have, which is also the limit of direct memory.
final class HeldMemory {
    /// Of copies whose mirrors do not take them.
    static final HeldMemory MIRRORS = new HeldMemory();
    /// That checks want to see.
    static final HeldMemory CHECKS = new HeldMemory();

    private static final int PARTS = 8;

    private final AtomicLong held = new AtomicLong();

    long held() {
        return held.get();
    }

    /// Counts more bytes, or, below zero, fewer.
    ///
    /// @return false where there are too many now, which are counted nevertheless
    boolean add(long bytes) {
        return held.addAndGet(bytes) <= Runtime.getRuntime().maxMemory() / PARTS;
    }
}
