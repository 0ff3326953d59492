package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.WarmUp;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One after the other (`SimpleLB.ROUND_ROBIN`), from a random start so that gateways do not march in step.
///
/// With weights, the turns walk the range of the total weight in steps of the golden ratio: shares are exact in the
/// long run and an endpoint's turns lie evenly among the others' in the short, with a counter as the only state.
///
/// An endpoint that cannot be had loses its turn to the next one in line, so that the others keep their shares.
final class RoundRobin implements LoadBalancer {
    /// 2^64 divided by the golden ratio.
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private static final int LOST_TURNS = 8;

    private final AtomicLong turn = new AtomicLong(ThreadLocalRandom.current().nextInt());
    private final @Nullable WarmUp warmUp;

    RoundRobin(@Nullable WarmUp warmUp) {
        this.warmUp = warmUp;
    }

    @Override
    public @Nullable Endpoint pick(EndpointSet set, RequestContext context) {
        if (set.isEmpty()) {
            return null;
        }
        for (int i = 0; i < LOST_TURNS; i++) {
            Endpoint endpoint = set.get(place(set, turn.getAndIncrement()));
            if (LoadBalancer.isEligible(endpoint, context, warmUp)) {
                return endpoint;
            }
        }
        int place = WeightedRandom.draw(set, context, warmUp);
        return place < 0 ? LoadBalancer.anyAvailable(set) : set.get(place);
    }

    private static int place(EndpointSet set, long now) {
        return set.hasEqualWeights()
                ? (int) Math.floorMod(now, (long) set.size())
                : set.at(Math.unsignedMultiplyHigh(now * GOLDEN, set.totalWeight()));
    }
}
