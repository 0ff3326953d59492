package io.sallyport.runtime;

import io.netty.channel.EventLoop;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.config.source.Changes;
import io.sallyport.jwks.KeyFetcher;
import io.sallyport.listener.DownstreamLoop;
import io.sallyport.listener.ListenerSet;
import io.sallyport.listener.Transport;
import io.sallyport.proxy.ProxyLoop;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.reload.Reloader;
import io.sallyport.reload.ServedResources;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.tunnel.TunnelLoop;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.ConnectionFactory;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.TcpConnector;
import io.sallyport.upstream.UpstreamLoop;
import io.sallyport.vertx.VertxInternals;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Everything between the ports and the endpoints, in one process: listeners, proxies, connections, and the transaction
/// that applies configuration to them. Its work is done by verticles, one an event loop of the process's Vert.x.
public final class DataPlane implements AutoCloseable {
    private static final Logger LOG = System.getLogger(DataPlane.class.getName());
    private static final Duration UNDEPLOY_TIMEOUT = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final String deployment;
    private final SnapshotHolder holder;
    private final List<DownstreamLoop> loops = new CopyOnWriteArrayList<>();
    private final ListenerSet listeners;
    private final Reloader reloader;
    private final ClusterFactory clusters;
    private final Transport transport;
    private final EventLoopMonitor monitor;
    private boolean held;

    /// Deploys the verticles and waits for them: not to be called on an event loop.
    ///
    /// @param vertx with as many event loops as the data plane is to have; not closed with it
    /// @param discovered endpoints
    public DataPlane(
            Vertx vertx, DataPlaneOptions options, ConfigurationSource source, EndpointFeed discovered, Clock clock) {
        this.vertx = vertx;
        holder = new SnapshotHolder(Snapshot.empty(clock.instant()));
        SplittableRandom seeds = new SplittableRandom(System.nanoTime());
        OwnTraffic own = new OwnTraffic();
        deployment = vertx.deployVerticle(
                        () -> new LoopVerticle(options, own, clock, seeds.split()),
                        new DeploymentOptions().setInstances(options.eventLoops()))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        EventLoop first = eventLoops().getFirst();
        transport = Transport.of(first);
        listeners = new ListenerSet(transport, loops, options.listeners(), options.handshakes());
        NameResolution names = new NameResolution(first, options.dns());
        monitor = new EventLoopMonitor(eventLoops());
        clusters = new ClusterFactory(names, discovered);
        KeyFetcher fetcher = new KeyFetcher(clusters, upstreamLoops().getFirst(), options.observer());
        reloader = new Reloader(source, holder, clusters, fetcher, listeners, clock, monitor);
    }

    /// One event loop's part: its connections to endpoints and the proxies that use them.
    private final class LoopVerticle extends AbstractVerticle {
        private final DataPlaneOptions options;
        private final OwnTraffic own;
        private final Clock clock;
        private final SplittableRandom seeds;
        private @Nullable UpstreamLoop upstream;

        LoopVerticle(DataPlaneOptions options, OwnTraffic own, Clock clock, SplittableRandom seeds) {
            this.options = options;
            this.own = own;
            this.clock = clock;
            this.seeds = seeds;
        }

        @Override
        public void start() {
            EventLoop loop = VertxInternals.eventLoop(context);
            upstream = new UpstreamLoop(loop, options.upstreamLimits(), ConnectionFactory.HTTP);
            TunnelLoop tunnels = new TunnelLoop(
                    holder,
                    new TcpConnector(loop, own),
                    upstream,
                    options.observer(),
                    options.proxy().tunnels(),
                    clock::millis,
                    seeds.nextLong());
            ProxyLoop http = new ProxyLoop(
                    holder, upstream, tunnels, options.observer(), options.proxy(), clock::millis, seeds.nextLong());
            loops.add(new DownstreamLoop(loop, http, tunnels));
        }

        @Override
        public void stop() {
            if (upstream != null) {
                upstream.close();
            }
        }
    }

    /// Brings the configuration directory into effect, or says why not; never at the same time on two threads. Changes
    /// nothing while it drains.
    ///
    /// @param warmUp longest wait for names to be looked up
    public Reloader.Outcome reload(Duration warmUp) {
        return reload(warmUp, Changes.ANY);
    }

    /// As [#reload(Duration)].
    ///
    /// @param changes of the directories since the last call
    public synchronized Reloader.Outcome reload(Duration warmUp, Changes changes) {
        return held ? Reloader.Outcome.none(holder.current()) : reloader.reload(warmUp, changes);
    }

    /// Binds what could not be bound before; nothing while it drains.
    public synchronized void bindMissing() {
        if (!held) {
            listeners.bindMissing(holder.current());
        }
    }

    /// What has become of the resources of the configuration.
    public ServedResources resources() {
        return reloader.resources();
    }

    /// Ends connections as their requests end; see [ListenerSet#drain]. A reload under way is waited for.
    ///
    /// @param grace longest wait
    /// @param undone whether the wait is to end at once
    /// @return connections that are left
    public int drain(Duration grace, BooleanSupplier undone) {
        holdReloads(true);
        return listeners.drain(grace, undone);
    }

    /// Ends a drain for good; see [ListenerSet#finish].
    ///
    /// @return connections that are left
    public int finish(Duration grace) {
        holdReloads(true);
        return listeners.finish(grace);
    }

    /// Takes a drain back; see [ListenerSet#resume].
    public void resume() {
        listeners.resume();
        holdReloads(false);
    }

    private synchronized void holdReloads(boolean hold) {
        held = hold;
    }

    public Snapshot current() {
        return holder.current();
    }

    /// Makes clusters that no configuration has.
    ClusterFactory clusters() {
        return clusters;
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

    EventLoopMonitor monitor() {
        return monitor;
    }

    /// Cuts everything.
    @Override
    public void close() {
        holdReloads(true);
        reloader.close();
        monitor.close();
        listeners.close();
        current().clusters().closeAllBut(ClusterRegistry.EMPTY);
        undeploy(vertx.undeploy(deployment));
    }

    private static void undeploy(Future<Void> undeployed) {
        try {
            undeployed
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(UNDEPLOY_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.WARNING, "The data plane did not stop within " + UNDEPLOY_TIMEOUT.toSeconds() + " s", e);
        }
    }
}
