package io.sallyport.compile;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.jwks.KeysInUse;
import java.time.Instant;

/// What the parts of one compilation share.
///
/// @param tls with the contexts of the last compilation
record Compilation(
        CompileOptions options,
        ConfigurationIndex index,
        TlsContexts tls,
        Instant now,
        Credentials credentials,
        PeerModesCompiler peers,
        ClusterCompiler clusters,
        RouteMemory routes,
        KeysInUse.Draft keys) {

    /// @param kept the credentials that the last compilation could use
    /// @param before the routes that the last compilation made
    /// @param keys of the last compilation
    static Compilation of(
            CompileOptions options,
            ConfigurationIndex index,
            TlsContexts tls,
            Credentials.Kept kept,
            RouteMemory.Made before,
            KeysInUse keys,
            Instant now) {
        Credentials credentials = new Credentials(options, now, kept);
        PeerModesCompiler peers = new PeerModesCompiler(index.configuration().peerAuthentications(), options.scope());
        ClusterCompiler clusters = new ClusterCompiler(
                options, index, new ClientTlsCompiler(options, tls, credentials), peers, credentials);
        return new Compilation(
                options,
                index,
                tls,
                now,
                credentials,
                peers,
                clusters,
                new RouteMemory(before, clusters, index),
                keys.next());
    }
}
