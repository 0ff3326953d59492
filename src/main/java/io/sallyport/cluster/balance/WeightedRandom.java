package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.WarmUp;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Each endpoint with the probability of its share of the total weight (`SimpleLB.RANDOM`).
final class WeightedRandom implements LoadBalancer {
    private static final int REDRAWS = 4;

    @Override
    public @Nullable Endpoint pick(EndpointSet set, RequestContext context) {
        int place = draw(set, context, null);
        return place < 0 ? LoadBalancer.anyAvailable(set) : set.get(place);
    }

    /// The place of an eligible endpoint, or -1. Drawing again keeps the others' shares, and mostly is enough; else the
    /// eligible ones are looked through, which keeps them, too.
    static int draw(EndpointSet set, RequestContext context, @Nullable WarmUp warmUp) {
        if (set.size() < 2) {
            return !set.isEmpty() && LoadBalancer.isEligible(set.get(0), context) ? 0 : -1;
        }
        for (int i = 0; i < REDRAWS; i++) {
            int place = drawAny(set);
            if (LoadBalancer.isEligible(set.get(place), context, warmUp)) {
                return place;
            }
        }
        return drawAmongEligible(set, context, warmUp);
    }

    private static int drawAny(EndpointSet set) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return set.hasEqualWeights() ? random.nextInt(set.size()) : set.at(random.nextLong(set.totalWeight()));
    }

    private static int drawAmongEligible(EndpointSet set, RequestContext context, @Nullable WarmUp warmUp) {
        double total = 0;
        for (int i = 0; i < set.size(); i++) {
            total += share(set.get(i), context, warmUp);
        }
        double point = ThreadLocalRandom.current().nextDouble() * total;
        int last = -1;
        for (int i = 0; i < set.size(); i++) {
            double share = share(set.get(i), context, warmUp);
            if (share > 0) {
                last = i;
                point -= share;
                if (point < 0) {
                    return i;
                }
            }
        }
        return last;
    }

    private static double share(Endpoint endpoint, RequestContext context, @Nullable WarmUp warmUp) {
        if (!LoadBalancer.isEligible(endpoint, context)) {
            return 0;
        }
        return warmUp == null ? endpoint.weight() : endpoint.weight() * warmUp.share(endpoint);
    }
}
