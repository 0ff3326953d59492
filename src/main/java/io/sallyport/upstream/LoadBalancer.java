package io.sallyport.upstream;

import org.jspecify.annotations.Nullable;

/// Chooses an endpoint. One serves all event loops of a cluster at once, without locks and without allocating.
interface LoadBalancer {
    /// One of the set's endpoints; one that the request excludes only if all are; null if the set is empty.
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

    /// The first eligible place from `start` on, around the end; -1 if there is none.
    static int firstEligible(EndpointSet set, int start, RequestContext context) {
        int size = set.size();
        for (int i = 0; i < size; i++) {
            int place = start + i < size ? start + i : start + i - size;
            if (isEligible(set.get(place), context)) {
                return place;
            }
        }
        return -1;
    }
}
