package io.sallyport.upstream;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Each endpoint with the probability of its share of the total weight (`SimpleLB.RANDOM`).
final class WeightedRandom implements LoadBalancer {
    private static final int REDRAWS = 4;

    @Override
    public @Nullable Endpoint pick(EndpointSet set, RequestContext context) {
        return set.isEmpty() ? null : set.get(draw(set, context));
    }

    /// A place of a set that is not empty. Redrawing keeps the others' shares; after some tries any eligible one will
    /// do.
    static int draw(EndpointSet set, RequestContext context) {
        int place = drawAny(set);
        for (int i = 0; i < REDRAWS; i++) {
            if (LoadBalancer.isEligible(set.get(place), context)) {
                return place;
            }
            place = drawAny(set);
        }
        int eligible = LoadBalancer.firstEligible(set, place, context);
        return eligible < 0 ? place : eligible;
    }

    private static int drawAny(EndpointSet set) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return set.hasEqualWeights() ? random.nextInt(set.size()) : set.at(random.nextLong(set.totalWeight()));
    }
}
