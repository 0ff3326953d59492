package io.sallyport.cluster;

import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.outcome.ProxyException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Finds the endpoints of a cluster and keeps them current, by its [Discovery].
public interface EndpointSource {
    /// Starts to find them.
    ///
    /// @param cluster who is told of each new set by [Cluster#endpointsFound]
    void start(Cluster cluster);

    /// Completes when the first look-up has ended, well or not.
    CompletableFuture<?> ready();

    /// What to answer where there is no endpoint because the request's host must not be connected to; null where there
    /// is another reason.
    default @Nullable ProxyException denial(RequestContext context) {
        return null;
    }

    /// Endpoints stay as they are from now on.
    void close();
}
