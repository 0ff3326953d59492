package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.WarmUp;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Chooses an endpoint of a set. One object serves all event loops of a cluster at once, without locks and without
/// allocating.
public interface LoadBalancer {
    /// One of the set's available endpoints; one that the request excludes only if all are; null if none is available.
    @Nullable
    Endpoint pick(EndpointSet set, RequestContext context);

    static boolean isEligible(Endpoint endpoint, RequestContext context) {
        return endpoint.isAvailable() && !context.excludes(endpoint);
    }

    static boolean isEligible(Endpoint endpoint, RequestContext context, @Nullable WarmUp warmUp) {
        return isEligible(endpoint, context) && (warmUp == null || warmUp.admits(endpoint));
    }

    /// Any endpoint that is available, where none is eligible; null where none is.
    static @Nullable Endpoint anyAvailable(EndpointSet set) {
        int size = set.size();
        int start = size < 2 ? 0 : ThreadLocalRandom.current().nextInt(size);
        for (int i = 0; i < size; i++) {
            Endpoint endpoint = set.get(start + i < size ? start + i : start + i - size);
            if (endpoint.isAvailable()) {
                return endpoint;
            }
        }
        return null;
    }
}
