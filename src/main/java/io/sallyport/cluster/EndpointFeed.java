package io.sallyport.cluster;

import java.util.List;
import java.util.function.Consumer;

/// Reports the endpoints of services that are discovered elsewhere ([Discovery#DISCOVERED]). Thread-safe.
public interface EndpointFeed {
    /// Without discovery: never reports any.
    EndpointFeed NONE = (_, _, _) -> () -> {};

    /// Reports the endpoints of a host's port: before this returns, if they are known, and after each change.
    ///
    /// @param listener is never called by two threads at once
    Subscription subscribe(String host, int port, Consumer<List<EndpointSpec>> listener);

    /// Reports changes until it is closed.
    interface Subscription {
        void close();
    }
}
