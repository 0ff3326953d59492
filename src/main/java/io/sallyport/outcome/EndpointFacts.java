package io.sallyport.outcome;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// The endpoint that a request was sent to, or was to be: the same for all requests of a connection to it.
///
/// @param address `10.0.0.7:8080`; null where no endpoint was come to
/// @param local the gateway's end of the connection; null where there is none
/// @param principal its verified SPIFFE id
/// @param ownPrincipal the SPIFFE id that the gateway has shown to it
/// @param workload null where nothing is known of it
public record EndpointFacts(
        @Nullable String address,
        @Nullable SocketAddress local,
        @Nullable String principal,
        @Nullable String ownPrincipal,
        @Nullable WorkloadNames workload) {
    public static final EndpointFacts NONE = new EndpointFacts(null, null, null, null, null);
}
