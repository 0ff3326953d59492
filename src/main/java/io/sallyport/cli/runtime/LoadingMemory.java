package io.sallyport.cli.runtime;

import java.lang.System.Logger;

/// Gives back to the system what the heap had to grow by to load the first configuration: most of that is garbage as
/// soon as it is compiled, but a heap that has grown shrinks by itself late or never. Done once, before the gateway is
/// ready, for a collection of everything is a pause.
final class LoadingMemory {
    private static final Logger LOG = System.getLogger(LoadingMemory.class.getName());
    private static final long WORTH_BYTES = 64L << 20;

    private final long before = Runtime.getRuntime().totalMemory();

    /// A small configuration does not make the heap grow, and its start is not held up.
    void giveBack() {
        long after = Runtime.getRuntime().totalMemory();
        if (after - before < WORTH_BYTES) {
            return;
        }
        long begin = System.nanoTime();
        System.gc();
        LOG.log(
                Logger.Level.DEBUG,
                "the heap is {0} MB after {1} MB while loading, in {2} ms",
                Runtime.getRuntime().totalMemory() >> 20,
                after >> 20,
                (System.nanoTime() - begin) / 1_000_000);
    }
}
