package io.sallyport.upstream;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.CredentialException;
import io.sallyport.net.AddressGuard;
import io.sallyport.net.AddressRange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// An event loop with its upstream connections, and the clusters that a test makes.
public final class LoopFixture implements AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    /// Lets names stand for the machine of the test.
    public static final AddressGuard LOOPBACK_ALLOWED =
            AddressGuard.EXTERNAL.allowing(List.of(AddressRange.parse("127.0.0.0/8")));

    private final EventLoopGroup group;
    public final EventLoop loop;
    public final FakeConnections connections;
    public final UpstreamLoop upstream;
    public final NameResolution names;
    public final ClusterFactory clusters;

    public LoopFixture() {
        this(false);
    }

    public LoopFixture(boolean epoll) {
        this(epoll, DnsSettings.DEFAULT);
    }

    public LoopFixture(boolean epoll, DnsSettings dns) {
        this(epoll, dns, new FakeConnections());
    }

    /// Over the gateway's own HTTP.
    public static LoopFixture real(boolean epoll) {
        return new LoopFixture(epoll, DnsSettings.DEFAULT, ConnectionFactory.HTTP);
    }

    private LoopFixture(boolean epoll, DnsSettings dns, ConnectionFactory factory) {
        connections = factory instanceof FakeConnections fake ? fake : null;
        group = epoll ? new EpollEventLoopGroup(1) : new NioEventLoopGroup(1);
        loop = group.next();
        upstream = new UpstreamLoop(loop, HttpLimits.DEFAULT, factory);
        names = new NameResolution(loop, dns);
        clusters = new ClusterFactory(names, EndpointFeed.NONE);
    }

    public static ClusterSpec spec(EndpointSpec... endpoints) {
        return ClusterSpec.of("service.example", 80, Discovery.STATIC, List.of(endpoints))
                .withConnections(TIMEOUT, Duration.ofHours(1), 0, null);
    }

    public Cluster cluster(ClusterSpec spec) {
        try {
            return clusters.create(spec, null);
        } catch (CredentialException e) {
            throw new IllegalArgumentException(e);
        }
    }

    <T> T on(Callable<T> task) {
        return loop.submit(task).awaitUninterruptibly().getNow();
    }

    public void run(Runnable task) {
        loop.submit(task).syncUninterruptibly();
    }

    public Attempt acquire(Cluster cluster) {
        return acquire(cluster, new TestRequest());
    }

    public Attempt acquire(Cluster cluster, RequestContext request) {
        Attempt attempt = new Attempt();
        run(() -> upstream.acquire(cluster, request, attempt));
        return attempt;
    }

    /// The usage of all pools in one: `connecting/idle/active/draining streams waiting`.
    public String usage() {
        List<PoolUsage> all = upstream.usage().toCompletableFuture().join();
        int[] sums = new int[6];
        for (PoolUsage usage : all) {
            sums[0] += usage.connecting();
            sums[1] += usage.idle();
            sums[2] += usage.active();
            sums[3] += usage.draining();
            sums[4] += usage.streams();
            sums[5] += usage.waiting();
        }
        return "%d/%d/%d/%d %d %d".formatted(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
