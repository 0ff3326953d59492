package io.sallyport.upstream;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// The power of two choices (`SimpleLB.LEAST_REQUEST`): of two different endpoints, the one with fewer active requests
/// for its weight. The first is drawn by weight and wins a tie, so that an idle cluster is loaded in proportion to
/// weights.
final class LeastRequest implements LoadBalancer {
    @Override
    public @Nullable Endpoint pick(EndpointSet set, RequestContext context) {
        int size = set.size();
        if (size < 2) {
            return size == 0 || !set.get(0).isAvailable() ? null : set.get(0);
        }
        int first = WeightedRandom.draw(set, context);
        if (first < 0) {
            return null;
        }
        int other = first + 1 + ThreadLocalRandom.current().nextInt(size - 1);
        Endpoint a = set.get(first);
        Endpoint b = set.get(other < size ? other : other - size);
        return isLessLoaded(b, a) && LoadBalancer.isEligible(b, context) ? b : a;
    }

    /// active / weight, without dividing.
    private static boolean isLessLoaded(Endpoint one, Endpoint other) {
        return (long) one.activeRequests() * other.weight() < (long) other.activeRequests() * one.weight();
    }
}
