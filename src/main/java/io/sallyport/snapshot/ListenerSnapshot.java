package io.sallyport.snapshot;

import io.sallyport.route.HostIndex;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One bound port in one generation: which filter chain takes which connection.
///
/// @param bind where it listens; the listener's identity from one generation to the next
/// @param port the Gateway's port number
/// @param tls connections begin with a ClientHello, whose SNI chooses the chain; false: `plain` takes all
/// @param plain the chain of a plain-text port, null on a TLS port
/// @param byServerName the chains of a TLS port by SNI; empty on a plain-text port
/// @param chains all chains by name
public record ListenerSnapshot(
        BindAddress bind,
        int port,
        boolean tls,
        @Nullable FilterChain plain,
        HostIndex<FilterChain> byServerName,
        Map<String, FilterChain> chains) {

    /// The chain for a ClientHello's server name, or null: then the handshake is refused.
    ///
    /// @param sni in lower case; null where the client sent none: only a server with host `*` takes it
    public @Nullable FilterChain chainFor(@Nullable String sni) {
        return byServerName.lookup(sni == null ? "" : sni);
    }

    /// All chains, for `explain` and the admin API.
    public List<FilterChain> all() {
        return List.copyOf(chains.values());
    }
}
