package io.sallyport.upstream;

import org.jspecify.annotations.Nullable;

/// Chooses an endpoint. One serves all event loops of a cluster at once, without locks and without allocating.
interface LoadBalancer {
    /// One of the set's endpoints that are available; one that the request excludes only if all of those are; null if
    /// none is available.
    @Nullable
    Endpoint pick(EndpointSet set, RequestContext context);

    static LoadBalancer of(LoadBalancing kind) {
        return switch (kind) {
            case LEAST_REQUEST, PASSTHROUGH -> new LeastRequest();
            case ROUND_ROBIN -> new RoundRobin();
            case RANDOM -> new WeightedRandom();
        };
    }

    static boolean isEligible(Endpoint endpoint, RequestContext context) {
        return endpoint.isAvailable() && !context.excludes(endpoint);
    }

    /// The first eligible place from `start` on, around the end, else the first available one; -1 if none is.
    static int firstEligible(EndpointSet set, int start, RequestContext context) {
        int size = set.size();
        int available = -1;
        for (int i = 0; i < size; i++) {
            int place = start + i < size ? start + i : start + i - size;
            if (isEligible(set.get(place), context)) {
                return place;
            }
            if (available < 0 && set.get(place).isAvailable()) {
                available = place;
            }
        }
        return available;
    }
}
