package io.sallyport.cli.runtime;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.sallyport.config.Changes;
import io.sallyport.listener.DownstreamLoop;
import io.sallyport.listener.ListenerSet;
import io.sallyport.listener.Transport;
import io.sallyport.proxy.L4Proxy;
import io.sallyport.proxy.ProxyLoop;
import io.sallyport.snapshot.ConfigurationSource;
import io.sallyport.snapshot.Reloader;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.ClusterRegistry;
import io.sallyport.upstream.EndpointFeed;
import io.sallyport.upstream.HttpConnections;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.TcpConnector;
import io.sallyport.upstream.UpstreamLoop;
import io.sallyport.upstream.dns.NameResolution;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/// Everything between the ports and the endpoints, in one process: event loops, listeners, proxies, connections, and
/// the transaction that brings configuration to them.
public final class DataPlane implements AutoCloseable {
    private static final Duration QUIET = Duration.ZERO;
    private static final Duration LOOPS_END = Duration.ofSeconds(5);

    private final EventLoopGroup group;
    private final SnapshotHolder holder;
    private final List<DownstreamLoop> loops;
    private final ListenerSet listeners;
    private final Reloader reloader;
    private final Transport transport;
    private final LoopDelays delays;
    private boolean ending;

    public DataPlane(DataPlaneOptions options, ConfigurationSource source, Clock clock) {
        this(options, source, EndpointFeed.NONE, clock);
    }

    /// @param discovered endpoints
    public DataPlane(DataPlaneOptions options, ConfigurationSource source, EndpointFeed discovered, Clock clock) {
        transport = Transport.best();
        group = transport.newGroup(options.loops());
        holder = new SnapshotHolder(Snapshot.empty(clock.instant()));
        SplittableRandom seeds = new SplittableRandom(System.nanoTime());
        OwnTraffic own = new OwnTraffic();
        loops = new ArrayList<>();
        for (int i = 0; i < options.loops(); i++) {
            loops.add(loop(group.next(), options, own, clock, seeds));
        }
        listeners = new ListenerSet(transport, loops, options.listeners(), options.handshakes());
        NameResolution names = new NameResolution(group.next(), options.dns());
        delays = new LoopDelays(eventLoops());
        reloader = new Reloader(source, holder, new ClusterFactory(names, discovered), listeners, clock, delays);
    }

    private DownstreamLoop loop(
            EventLoop eventLoop, DataPlaneOptions options, OwnTraffic own, Clock clock, SplittableRandom seeds) {
        UpstreamLoop upstream = new UpstreamLoop(eventLoop, options.upstreamLimits(), new HttpConnections());
        TcpConnector connector = new TcpConnector(eventLoop, own);
        ProxyLoop http = new ProxyLoop(
                holder, upstream, connector, options.observer(), options.proxy(), clock::millis, seeds.nextLong());
        L4Proxy bytes = new L4Proxy(holder, connector, options.observer(), clock::millis, seeds.nextLong());
        return new DownstreamLoop(eventLoop, http, bytes);
    }

    /// Brings the configuration directory into effect, or says why not; never at the same time on two threads. Changes
    /// nothing once the end has begun.
    ///
    /// @param warmUp longest wait for names to be looked up
    public Reloader.Outcome reload(Duration warmUp) {
        return reload(warmUp, Changes.ANY);
    }

    /// As [#reload(Duration)].
    ///
    /// @param changes of the directories since the last call
    public synchronized Reloader.Outcome reload(Duration warmUp, Changes changes) {
        return ending ? Reloader.Outcome.none(holder.current()) : reloader.reload(warmUp, changes);
    }

    /// Ends connections as their requests end; see [ListenerSet#drain]. A reload under way is waited for.
    ///
    /// @param grace longest wait
    /// @return connections that are left
    public int drain(Duration grace) {
        endReloads();
        return listeners.drain(grace);
    }

    private synchronized void endReloads() {
        ending = true;
    }

    public Snapshot current() {
        return holder.current();
    }

    public ListenerSet listeners() {
        return listeners;
    }

    public Transport transport() {
        return transport;
    }

    /// One for each event loop.
    public List<UpstreamLoop> upstreamLoops() {
        return loops.stream().map(loop -> loop.http().upstream()).toList();
    }

    public List<EventLoop> eventLoops() {
        return loops.stream().map(DownstreamLoop::eventLoop).toList();
    }

    /// Of the last reload.
    LoopDelays delays() {
        return delays;
    }

    /// Cuts everything.
    @Override
    public void close() {
        endReloads();
        listeners.close();
        current().clusters().closeAllBut(ClusterRegistry.EMPTY);
        loops.forEach(loop -> loop.http().upstream().close());
        group.shutdownGracefully(QUIET.toMillis(), LOOPS_END.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(LOOPS_END.toMillis());
    }
}
