package io.sallyport.upstream;

import io.sallyport.identity.CredentialException;
import io.sallyport.identity.UpstreamTlsContext;
import io.sallyport.identity.UpstreamTlsSpec;
import io.sallyport.upstream.dns.NameResolution;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Starts clusters: gives each what finds its endpoints.
public final class ClusterFactory implements ClusterRegistry.Maker {
    private final NameResolution names;
    private final EndpointFeed feed;

    private final LongSupplier nanoTime;

    public ClusterFactory(NameResolution names) {
        this(names, EndpointFeed.NONE);
    }

    /// @param feed of clusters whose endpoints are [Discovery#DISCOVERED]
    public ClusterFactory(NameResolution names, EndpointFeed feed) {
        this(names, feed, System::nanoTime);
    }

    /// @param nanoTime by which ejections end
    ClusterFactory(NameResolution names, LongSupplier nanoTime) {
        this(names, EndpointFeed.NONE, nanoTime);
    }

    private ClusterFactory(NameResolution names, EndpointFeed feed, LongSupplier nanoTime) {
        this.names = names;
        this.feed = feed;
        this.nanoTime = nanoTime;
    }

    public Cluster create(ClusterSpec spec) throws CredentialException {
        return create(spec, null);
    }

    @Override
    public Cluster create(ClusterSpec spec, @Nullable Cluster before) throws CredentialException {
        UpstreamTlsSpec tls = spec.tls();
        UpstreamTlsContext context = tls == null || !tls.complete() ? null : UpstreamTlsContext.of(tls);
        Cluster cluster = new Cluster(spec, source(spec), context, nanoTime, before);
        cluster.start();
        ClusterTimer.startOutlierSweep(cluster, names.eventLoop());
        ClusterTimer.startRetryWindow(cluster, names.eventLoop());
        HealthChecks.start(cluster, names.eventLoop());
        return cluster;
    }

    private EndpointSource source(ClusterSpec spec) {
        if (spec.loadBalancing() == LoadBalancing.PASSTHROUGH) {
            return new DynamicHosts(spec, names);
        }
        return switch (spec.discovery()) {
            case STATIC -> new StaticEndpoints(spec);
            case STRICT_DNS -> new StrictDns(spec, names);
            case LOGICAL_DNS -> new LogicalDns(spec, names);
            case DYNAMIC, ASKED_PORT -> new DynamicHosts(spec, names);
            case DISCOVERED -> new DiscoveredEndpoints(spec, feed);
        };
    }
}
