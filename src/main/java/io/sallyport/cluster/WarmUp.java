package io.sallyport.cluster;

import io.sallyport.cluster.balance.BalancingSpec;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/// Gives young endpoints a part of their share (Envoy: slow start): of `weight`, `weight × max(minimum, (age /
/// window)^(1 / aggression))`, where the age counts as a second at least.
public final class WarmUp {
    private static final double SECOND_NANOS = 1e9;
    private static final long LONG_AGO_NANOS = Duration.ofDays(365).toNanos();

    private final double windowNanos;
    private final double minimum;
    private final double exponent;
    private final LongSupplier clock;
    /// When each address began, where the cluster that this one stands in for had it.
    private final Map<List<SocketAddress>, Long> began = new HashMap<>();

    /// @param clock nanoseconds, monotonic
    /// @param before endpoints that are not new: they keep their age where it is known, and else have the full
    ///     share
    public WarmUp(BalancingSpec.SlowStart spec, LongSupplier clock, EndpointSet before) {
        this.windowNanos = spec.window().toNanos();
        this.minimum = spec.minimumShare();
        this.exponent = 1 / spec.aggression();
        this.clock = clock;
        long longAgo = clock.getAsLong() - LONG_AGO_NANOS;
        for (Endpoint endpoint : before.asList()) {
            began.put(endpoint.addresses(), endpoint.hasBegun() ? endpoint.beganNanos() : longAgo);
        }
    }

    /// Begins the age of those in the set that are new.
    public void begin(EndpointSet set) {
        long now = clock.getAsLong();
        for (Endpoint endpoint : set.asList()) {
            endpoint.begin(began.getOrDefault(endpoint.addresses(), now));
        }
    }

    /// The part of its share that the endpoint gets now, above 0 to 1.
    public double share(Endpoint endpoint) {
        double age = Math.max(clock.getAsLong() - endpoint.beganNanos(), SECOND_NANOS);
        if (age >= windowNanos) {
            return 1;
        }
        double grown = age / windowNanos;
        return Math.max(minimum, exponent == 1 ? grown : Math.pow(grown, exponent));
    }

    /// True with the probability of the endpoint's share.
    public boolean admits(Endpoint endpoint) {
        double share = share(endpoint);
        return share >= 1 || ThreadLocalRandom.current().nextDouble() < share;
    }
}
