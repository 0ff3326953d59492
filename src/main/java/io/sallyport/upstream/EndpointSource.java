package io.sallyport.upstream;

import java.util.concurrent.CompletableFuture;

/// Finds the endpoints of a cluster and keeps them current, by its [Discovery].
interface EndpointSource {
    /// Starts to find them.
    ///
    /// @param cluster who is told of each new set by [Cluster#endpointsFound]
    void start(Cluster cluster);

    /// Completes when the first look-up has ended, well or not.
    CompletableFuture<?> ready();

    /// Endpoints stay as they are from now on.
    void close();
}
