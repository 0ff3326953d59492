package io.sallyport.cli;

import io.sallyport.admin.NativeImage;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.graalvm.nativeimage.RuntimeOptions;

/// Decides when the heap of a native executable is collected as a whole, which stops the program for some 1.5 ms for
/// each megabyte in use; collections of the young generation stop it for 1 to 5 ms and leave what has become old.
///
/// The collector's own rule goes by the time that either kind takes: it collected the whole heap many times in a
/// start with a large configuration, and again and again in busy traffic, however little there was to find. So the
/// executable is built without that rule. Its collector collects the whole heap by itself once, when it has 32 MB,
/// because the rule rounds, and then only before the heap is full. Here this is done once the heap has grown by as
/// much as was in use, before a large configuration is served, and while nobody is connected.
final class HeapGrowth {
    private static final int MEGABYTE = 1 << 20;
    /// Bytes by which the heap may grow whatever is in use, and at most.
    private static final long LEAST = 16 * MEGABYTE;

    private static final long MOST = 64 * MEGABYTE;
    /// Of what is left up to the limit of the heap beside what is in use and its copy, which a collection makes.
    private static final int SHARE = 4;
    /// Bytes of garbage that are worth a collection for which nobody waits, and the share of what is in use that is.
    private static final long LEAST_IDLE = 2 * MEGABYTE;

    private static final int IDLE_SHARE = 4;
    /// Bytes in use up to which a start's last garbage is collected as well: half of what such a process has resident.
    private static final long SMALL = 48 * MEGABYTE;

    private static final long PERIOD_MILLIS = 1000;
    private static final String OLD_GENERATION = "old generation space";
    /// The collector's option for what it keeps of free space, bytes; 0 leaves it to its policy.
    private static final String SPARE = "MaxHeapFree";

    private final LongSupplier used;
    private final long max;
    private final Collector collector;
    /// In use after the last collection; 0 before the first.
    private long live;
    /// The same, of the last collection for which nobody waited.
    private long quiet;
    /// There was no look yet at which nobody was connected.
    private boolean fresh = true;

    /// Collects the whole heap.
    interface Collector {
        /// @param giveBack the system gets all space that this frees, else what is more than the next collections need
        void collect(boolean giveBack);
    }

    /// @param used bytes of the old generation, garbage included
    /// @param max bytes of the heap
    HeapGrowth(LongSupplier used, long max, Collector collector) {
        this.used = used;
        this.max = max;
        this.collector = collector;
    }

    /// Of this process. To be called when it is about to serve.
    ///
    /// Does nothing on a JVM, whose collectors have such a rule.
    ///
    /// @param idle whether nobody would wait for a collection
    static void watch(Vertx vertx, BooleanSupplier idle) {
        if (!NativeImage.IS_RUNNING) {
            return;
        }
        Runtime process = Runtime.getRuntime();
        HeapGrowth heap = new HeapGrowth(HeapGrowth::ofOldGeneration, process.maxMemory(), HeapGrowth::collectAll);
        // To find out how much of it is old takes a small start a tenth of its time.
        if (process.totalMemory() - process.freeMemory() > LEAST) {
            heap.look(false);
        }
        vertx.setPeriodic(PERIOD_MILLIS, _ -> heap.look(idle.getAsBoolean()));
    }

    /// Collects the heap if it is time.
    ///
    /// @param idle whether nobody would wait
    void look(boolean idle) {
        long now = used.getAsLong();
        live = Math.min(live, now);
        boolean starting = live == 0;
        // What was in use at a collection under load may be garbage once nobody is connected.
        long least = idle ? Math.min(live, quiet) : live;
        boolean due = now - least > (idle ? Math.max(LEAST_IDLE, least / IDLE_SHARE) : allowance());
        if (due || (idle && fresh && live < SMALL)) {
            collector.collect(idle || starting);
            live = used.getAsLong();
            quiet = idle || starting ? live : quiet;
        }
        fresh &= !idle;
    }

    private long allowance() {
        return Math.clamp(Math.min(live, (max - 2 * live) / SHARE), LEAST, MOST);
    }

    private static long ofOldGeneration() {
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getName().equals(OLD_GENERATION)) {
                return pool.getUsage().getUsed();
            }
        }
        throw new IllegalStateException("no memory pool is called " + OLD_GENERATION);
    }

    private static void collectAll(boolean giveBack) {
        if (!giveBack) {
            System.gc();
            return;
        }
        Object usual = RuntimeOptions.get(SPARE);
        RuntimeOptions.set(SPARE, 1L);
        try {
            System.gc();
        } finally {
            RuntimeOptions.set(SPARE, usual);
        }
    }
}
