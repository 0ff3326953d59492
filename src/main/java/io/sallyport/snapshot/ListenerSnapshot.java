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
/// @param plain the chain of a plain-text port, null on a TLS port; null on a mesh listener that insists on its own TLS
/// @param byServerName the chains of a TLS port by SNI; empty on a plain-text port
/// @param chains all chains by name
public record ListenerSnapshot(
        BindAddress bind,
        int port,
        boolean tls,
        @Nullable FilterChain plain,
        HostIndex<FilterChain> byServerName,
        Map<String, FilterChain> chains) {
    /// The name of the chain that takes the mesh's own TLS at the mesh listener, whatever host it is for.
    public static final String MESH_TLS = "mesh/mtls";

    /// The chain for a ClientHello's server name, or null: then the handshake is refused. At the mesh listener a name
    /// that is not the proxy's own is the client's destination, and so for the plain chain.
    ///
    /// @param sni in lower case; null where the client sent none: only a server with host `*` takes it
    public @Nullable FilterChain chainFor(@Nullable String sni) {
        return chainFor(sni, false);
    }

    /// @param meshTls the ClientHello offers the mesh's own protocols: it is for the proxy itself where this
    ///     takes them, and AUTO_PASSTHROUGH takes no other
    public @Nullable FilterChain chainFor(@Nullable String sni, boolean meshTls) {
        if (isMesh()) {
            FilterChain own = meshTls ? chains.get(MESH_TLS) : null;
            own = own == null ? ownChainFor(sni) : own;
            return own == null ? plain : own;
        }
        FilterChain chain = byServerName.lookup(sni == null ? "" : sni);
        // What is let through to any service has to be the mesh's TLS (Istio pilot,
        // `builtAutoPassthroughFilterChains`).
        return chain != null && chain.application() instanceof FilterChain.SniCluster && !meshTls ? null : chain;
    }

    /// The chain that a request belongs to, if the handshake chose another one: the chain with the most specific
    /// server name of the port owns the host (RFC 9110, 7.4). It has another certificate and may demand one of
    /// the client, so no virtual host of the chosen chain may serve the request instead.
    ///
    /// @param host as [io.sallyport.net.HostName#host()] gives it
    /// @return null where the chosen chain owns the host, or none does, and on a port without TLS
    public @Nullable FilterChain otherOwner(FilterChain chosen, String host) {
        FilterChain owner = tls ? byServerName.lookup(host) : null;
        return owner == null || owner.name().equals(chosen.name()) ? null : owner;
    }

    /// Whether it is the mesh listener, where the first byte of a connection shows what it speaks.
    public boolean isMesh() {
        for (FilterChain chain : chains.values()) {
            return chain.application() instanceof FilterChain.Mesh;
        }
        return false;
    }

    /// The chain that ends the TLS of the proxy port itself for a ClientHello of that name, or of none; null where the
    /// ClientHello is for somebody else.
    private @Nullable FilterChain ownChainFor(@Nullable String sni) {
        if (sni != null) {
            return byServerName.lookup(sni);
        }
        for (FilterChain chain : chains.values()) {
            if (chain.tls() == FilterChain.Tls.TERMINATE) {
                return chain;
            }
        }
        return null;
    }

    /// All chains, for `explain` and the admin API.
    public List<FilterChain> all() {
        return List.copyOf(chains.values());
    }
}
