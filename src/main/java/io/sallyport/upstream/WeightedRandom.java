package io.sallyport.upstream;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Each endpoint with the probability of its share of the total weight (`SimpleLB.RANDOM`).
final class WeightedRandom implements LoadBalancer {
    private static final int REDRAWS = 4;

    @Override
    public @Nullable Endpoint pick(EndpointSet set, RequestContext context) {
        int place = set.isEmpty() ? -1 : draw(set, context);
        return place < 0 ? null : set.get(place);
    }

    /// A place of a set that is not empty; -1 where none is available. Redrawing keeps the others' shares; after some
    /// tries any eligible one will
    /// do.
    static int draw(EndpointSet set, RequestContext context) {
        int place = drawAny(set);
        for (int i = 0; i < REDRAWS; i++) {
            if (LoadBalancer.isEligible(set.get(place), context)) {
                return place;
            }
            place = drawAny(set);
        }
        return LoadBalancer.firstEligible(set, place, context);
    }

    private static int drawAny(EndpointSet set) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return set.hasEqualWeights() ? random.nextInt(set.size()) : set.at(random.nextLong(set.totalWeight()));
    }
}
