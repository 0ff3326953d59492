package io.sallyport.tunnel;

import io.sallyport.outcome.RequestObserver;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.TcpConnector;
import io.sallyport.upstream.UpstreamLoop;
import java.net.SocketAddress;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/// What all tunnels of one event loop share. Used on that loop only.
///
/// @param upstream of the authorizers that are asked about tunnels
/// @param observer is notified of each tunnel's beginning and end
/// @param clockMillis wall clock, milliseconds since 1970
/// @param random chooses clusters by weight
/// @param open those that are rechecked after each change of the configuration
public record TunnelLoop(
        SnapshotHolder snapshots,
        TcpConnector connector,
        UpstreamLoop upstream,
        RequestObserver observer,
        TunnelSettings settings,
        LongSupplier clockMillis,
        SplittableRandom random,
        OpenTunnels open) {

    public TunnelLoop(
            SnapshotHolder snapshots,
            TcpConnector connector,
            UpstreamLoop upstream,
            RequestObserver observer,
            TunnelSettings settings,
            LongSupplier clockMillis,
            long seed) {
        this(
                snapshots,
                connector,
                upstream,
                observer,
                settings,
                clockMillis,
                new SplittableRandom(seed),
                new OpenTunnels());
    }

    /// What identifies the process's own connections and requests.
    public OwnTraffic own() {
        return connector.own();
    }

    /// Whether a connection was opened by this very process, to relay what had come in by the same listener.
    ///
    /// @param peer the connection's other end, as the socket has it
    public boolean isRepeated(SocketAddress peer, BindAddress listener) {
        return own().isRepeated(peer, listener);
    }

    /// Ends the tunnels that policies or the egress list no longer let pass. Must be called after each swap of the
    /// snapshot.
    public void recheck() {
        open.recheck(snapshots.current());
    }
}
