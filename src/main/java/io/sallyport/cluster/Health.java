package io.sallyport.cluster;

/// How much of its traffic a group of endpoints is healthy enough for.
public final class Health {
    private static final long OVERPROVISIONING_PERCENT = 140;

    private Health() {}

    /// The part of its endpoints that are available, times Envoy's default `overprovisioning_factor`; looks at each.
    ///
    /// @param full what a healthy group gets
    /// @return 0 where none is available, to full
    public static long of(EndpointSet set, long full) {
        return set.isEmpty() ? 0 : Math.min(full, full * OVERPROVISIONING_PERCENT * set.available() / 100 / set.size());
    }
}
