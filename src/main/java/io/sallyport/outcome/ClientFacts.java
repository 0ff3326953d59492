package io.sallyport.outcome;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// Where a request comes from: the same for all of a connection, unless trusted hops say who their client is.
///
/// @param remote the client: the peer, or who trusted hops say it is; null where there is no connection
/// @param peer the peer where the client is another; null where it is the client itself
/// @param local the gateway's end of the connection
/// @param serverName that TLS asked for; null for none
/// @param principal the client's verified SPIFFE id or first URI SAN
/// @param tls the connection is encrypted
/// @param verified the client has shown a certificate that was verified
/// @param port the Gateway server's port number
public record ClientFacts(
        @Nullable SocketAddress remote,
        @Nullable SocketAddress peer,
        @Nullable SocketAddress local,
        @Nullable String serverName,
        @Nullable String principal,
        boolean tls,
        boolean verified,
        int port) {
    static final ClientFacts NONE = new ClientFacts(null, null, null, null, null, false, false, 0);

    /// Who it is, where there is no connection.
    public static ClientFacts of(@Nullable SocketAddress remote, @Nullable String principal) {
        return new ClientFacts(remote, null, null, null, principal, false, false, 0);
    }

    /// By way of a trusted hop, the peer, which names its client.
    public ClientFacts through(SocketAddress named) {
        return new ClientFacts(named, remote, local, serverName, principal, tls, verified, port);
    }
}
