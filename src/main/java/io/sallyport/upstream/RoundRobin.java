package io.sallyport.upstream;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One after the other (`SimpleLB.ROUND_ROBIN`), from a random start so that gateways do not march in step.
///
/// With weights, the turns walk the range of the total weight in steps of the golden ratio: shares are exact in the
/// long run and an endpoint's turns lie evenly among the others' in the short, with a counter as the only state.
final class RoundRobin implements LoadBalancer {
    /// 2^64 divided by the golden ratio.
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final AtomicLong turn = new AtomicLong(ThreadLocalRandom.current().nextInt());

    @Override
    public @Nullable Endpoint pick(EndpointSet set, RequestContext context) {
        int size = set.size();
        if (size == 0) {
            return null;
        }
        long now = turn.getAndIncrement();
        int place = set.hasEqualWeights()
                ? (int) Math.floorMod(now, (long) size)
                : set.at(Math.unsignedMultiplyHigh(now * GOLDEN, set.totalWeight()));
        int eligible = LoadBalancer.firstEligible(set, place, context);
        return eligible < 0 ? null : set.get(eligible);
    }
}
