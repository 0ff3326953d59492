package io.sallyport.listener;

import io.sallyport.tls.ClientHello;
import org.jspecify.annotations.Nullable;

/// Chooses among the filter chains of one port. Called once a connection, on its event loop.
public interface FilterChainChooser {
    /// @return null: no chain takes the connection, and the client is told so by the alert `unrecognized_name`
    @Nullable
    FilterChainTarget choose(ClientHello hello);
}
