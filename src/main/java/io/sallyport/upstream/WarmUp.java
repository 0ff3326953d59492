package io.sallyport.upstream;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/// Gives young endpoints a part of their share (Envoy: slow start): of `weight`, `weight × max(minimum, (age /
/// window)^(1 / aggression))`, where the age counts as a second at least.
final class WarmUp {
    private static final double SECOND_NANOS = 1e9;

    private final double windowNanos;
    private final double minimum;
    private final double exponent;
    private final LongSupplier clock;

    /// @param clock nanoseconds, monotonic
    WarmUp(Balancing.SlowStart spec, LongSupplier clock) {
        this.windowNanos = spec.window().toNanos();
        this.minimum = spec.minimumShare();
        this.exponent = 1 / spec.aggression();
        this.clock = clock;
    }

    /// Begins the age of those in the set that are new.
    void begin(EndpointSet set) {
        long now = clock.getAsLong();
        for (Endpoint endpoint : set.asList()) {
            endpoint.begin(now);
        }
    }

    /// The part of its share that the endpoint gets now, above 0 to 1.
    double share(Endpoint endpoint) {
        double age = Math.max(clock.getAsLong() - endpoint.beganNanos(), SECOND_NANOS);
        if (age >= windowNanos) {
            return 1;
        }
        double grown = age / windowNanos;
        return Math.max(minimum, exponent == 1 ? grown : Math.pow(grown, exponent));
    }

    /// True with the probability of the endpoint's share.
    boolean admits(Endpoint endpoint) {
        double share = share(endpoint);
        return share >= 1 || ThreadLocalRandom.current().nextDouble() < share;
    }
}
