package io.sallyport.cluster;

import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.outcome.ProxyException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Finds the endpoints of a cluster and keeps them current, by its [Discovery].
public interface EndpointSource {
    /// The cluster.
    interface Listener {
        /// Makes an endpoint part of the cluster's limits and health. Called by a source that hands out
        /// endpoints before it reports them.
        void adopt(Endpoint endpoint);

        /// Replaces the cluster's endpoints. Called on one thread at a time.
        void endpointsFound(EndpointSet found);
    }

    /// Starts to find them.
    void start(Listener cluster);

    /// Completes when the first look-up has succeeded or failed.
    CompletableFuture<?> ready();

    /// What to answer where there is no endpoint because the request's host must not be connected to; null where there
    /// is another reason.
    default @Nullable ProxyException denial(RequestContext context) {
        return null;
    }

    /// Endpoints stay as they are from now on.
    void close();
}
