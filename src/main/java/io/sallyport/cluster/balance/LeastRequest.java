package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.WarmUp;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The power of two choices (`SimpleLB.LEAST_REQUEST`): of two different endpoints, the one with fewer active requests
/// for its weight. The first is drawn by weight and wins a tie, so that an idle cluster is loaded in proportion to
/// weights.
final class LeastRequest implements LoadBalancer {
    private static final int REDRAWS = 4;

    private final @Nullable WarmUp warmUp;

    LeastRequest(@Nullable WarmUp warmUp) {
        this.warmUp = warmUp;
    }

    @Override
    public @Nullable Endpoint pick(EndpointSet set, RequestContext context) {
        int place = WeightedRandom.draw(set, context, warmUp);
        if (place < 0) {
            return LoadBalancer.anyAvailable(set);
        }
        Endpoint first = set.get(place);
        Endpoint other = other(set, place, context);
        return other != null && isLessLoaded(other, first) ? other : first;
    }

    /// Any but the first; null where none was found soon.
    private @Nullable Endpoint other(EndpointSet set, int first, RequestContext context) {
        int size = set.size();
        for (int i = 0; i < REDRAWS && size > 1; i++) {
            int place = first + 1 + ThreadLocalRandom.current().nextInt(size - 1);
            Endpoint other = set.get(place < size ? place : place - size);
            if (LoadBalancer.isEligible(other, context, warmUp)) {
                return other;
            }
        }
        return null;
    }

    /// active / weight, without dividing.
    private boolean isLessLoaded(Endpoint one, Endpoint other) {
        if (warmUp != null) {
            return (double) one.activeRequests() * other.weight() * warmUp.share(other)
                    < (double) other.activeRequests() * one.weight() * warmUp.share(one);
        }
        return (long) one.activeRequests() * other.weight() < (long) other.activeRequests() * one.weight();
    }
}
