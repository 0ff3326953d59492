package io.sallyport.listener;

import io.sallyport.snapshot.BindAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Listeners of the generation that is served whose ports could not be bound.
///
/// @param reasons why not, with what would mend it
/// @param sockets their addresses
record MissingListeners(Map<BindAddress, String> reasons, Set<SocketAddress> sockets) {
    static final MissingListeners NONE = new MissingListeners(Map.of(), Set.of());

    static MissingListeners of(Map<BindAddress, String> reasons) {
        return new MissingListeners(
                Map.copyOf(reasons),
                reasons.keySet().stream().map(BoundListener::socket).collect(Collectors.toUnmodifiableSet()));
    }

    /// Whether a connection to this address is meant for one of them. The listener of all addresses that it comes in by
    /// instead may ask less of clients, and must not take it.
    boolean areMeantBy(SocketAddress local) {
        return !sockets.isEmpty() && sockets.contains(local);
    }
}
