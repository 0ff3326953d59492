package io.sallyport.proxy;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.tunnel.TunnelLoop;
import io.sallyport.upstream.Acquisition;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.UpstreamLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/// What all requests of one event loop share. Never used from another thread, but for the snapshot.
public final class ProxyLoop {
    /// Where requests get their connections.
    interface Connections {
        /// As [UpstreamLoop#acquire].
        void acquire(Cluster cluster, RequestContext request, Acquisition acquisition);
    }

    final SnapshotHolder snapshots;
    final Connections connections;
    private final UpstreamLoop upstream;
    final TunnelLoop tunnels;
    final RequestObserver observer;
    final ProxySettings settings;
    final ForwardedHeaders forwarded;
    final RequestIds requestIds;
    final DateHeader date;
    final SplittableRandom random;
    final LongSupplier clockMillis;
    final MirrorsUnderWay mirrors = new MirrorsUnderWay();
    /// Bytes of bodies that are held for checks which want to see them.
    long heldForChecks;
    final DescriptorLimit descriptors = DescriptorLimit.ofProcess();
    private final Map<Integer, Via> vias = new HashMap<>();

    /// @param tunnels that requests open
    /// @param clockMillis wall clock, milliseconds since 1970
    /// @param seed of the choices by weight and of request ids
    public ProxyLoop(
            SnapshotHolder snapshots,
            UpstreamLoop upstream,
            TunnelLoop tunnels,
            RequestObserver observer,
            ProxySettings settings,
            LongSupplier clockMillis,
            long seed) {
        this(snapshots, upstream, upstream::acquire, tunnels, observer, settings, clockMillis, seed);
    }

    ProxyLoop(
            SnapshotHolder snapshots,
            UpstreamLoop upstream,
            Connections connections,
            TunnelLoop tunnels,
            RequestObserver observer,
            ProxySettings settings,
            LongSupplier clockMillis,
            long seed) {
        this.snapshots = snapshots;
        this.upstream = upstream;
        this.connections = connections;
        this.tunnels = tunnels;
        this.observer = observer;
        this.settings = settings;
        this.clockMillis = clockMillis;
        this.forwarded = new ForwardedHeaders(
                settings.trustedHops(), settings.clientCert().mode());
        this.random = new SplittableRandom(seed);
        this.requestIds = new RequestIds(random.nextLong());
        this.date = new DateHeader(clockMillis);
    }

    public SnapshotHolder snapshots() {
        return snapshots;
    }

    /// By what the process knows its own traffic.
    OwnTraffic own() {
        return tunnels.own();
    }

    public UpstreamLoop upstream() {
        return upstream;
    }

    public RequestObserver observer() {
        return observer;
    }

    /// Whether there is a descriptor to spare for one more client's connection; if so, [#clientGone] must follow.
    public boolean admitClient() {
        return descriptors.take(DescriptorLimit.Use.CLIENTS);
    }

    public void clientGone() {
        descriptors.giveBack(DescriptorLimit.Use.CLIENTS);
    }

    /// Of a listener.
    Via via(int port) {
        return vias.computeIfAbsent(port, each -> new Via(settings.via(), own(), each));
    }
}
