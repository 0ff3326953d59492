package io.sallyport.cluster;

import java.util.List;
import java.util.function.Consumer;

/// Tells the endpoints of services that are found out elsewhere ([Discovery#DISCOVERED]). Thread-safe.
public interface EndpointFeed {
    /// Where nothing is found out.
    EndpointFeed NONE = (_, _, _) -> () -> {};

    /// Tells the endpoints of a host's port: before this returns, if they are known, and after each change.
    ///
    /// @param listener is never called twice at a time
    Subscription subscribe(String host, int port, Consumer<List<EndpointSpec>> listener);

    /// What is told until it is closed.
    interface Subscription {
        void close();
    }
}
