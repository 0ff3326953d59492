package io.sallyport.upstream;

import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.ClusterTimer;
import io.sallyport.cluster.DiscoveredEndpoints;
import io.sallyport.cluster.DynamicHosts;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.EndpointSource;
import io.sallyport.cluster.LogicalDns;
import io.sallyport.cluster.StaticEndpoints;
import io.sallyport.cluster.StrictDns;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.identity.CredentialException;
import io.sallyport.tls.UpstreamTlsContext;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Starts clusters, each with the source of its endpoints.
public final class ClusterFactory implements ClusterRegistry.Maker {
    private final NameResolution names;
    private final EndpointFeed feed;
    private final LongSupplier nanoTime;
    /// The last one that was made of the mesh's own TLS: nearly all services of the mesh have the same.
    private @Nullable UpstreamTlsContext ofMesh;

    /// @param feed of clusters whose endpoints are [io.sallyport.cluster.Discovery#DISCOVERED]
    public ClusterFactory(NameResolution names, EndpointFeed feed) {
        this(names, feed, System::nanoTime);
    }

    /// @param nanoTime by which ejections end
    public ClusterFactory(NameResolution names, EndpointFeed feed, LongSupplier nanoTime) {
        this.names = names;
        this.feed = feed;
        this.nanoTime = nanoTime;
    }

    @Override
    public Cluster create(ClusterSpec spec, @Nullable Cluster before) throws CredentialException {
        Cluster cluster = new Cluster(spec, source(spec), tls(spec), nanoTime, before);
        cluster.start();
        ClusterTimer.startOutlierSweep(cluster, names.eventLoop());
        ClusterTimer.startRetryWindow(cluster, names.eventLoop());
        HealthChecks.start(cluster, names.eventLoop());
        return cluster;
    }

    private @Nullable UpstreamTlsContext tls(ClusterSpec spec) throws CredentialException {
        UpstreamTlsSpec ofMesh = spec.meshTls() == null ? null : spec.meshTls().spec();
        UpstreamTlsSpec tls = spec.tls() == null ? ofMesh : spec.tls();
        if (tls == null || !tls.complete()) {
            return null;
        }
        return tls == ofMesh ? meshTls(tls) : UpstreamTlsContext.of(tls);
    }

    private synchronized UpstreamTlsContext meshTls(UpstreamTlsSpec tls) throws CredentialException {
        UpstreamTlsContext context = ofMesh;
        if (context == null || !context.spec().equals(tls)) {
            context = UpstreamTlsContext.of(tls);
            ofMesh = context;
        }
        return context;
    }

    private EndpointSource source(ClusterSpec spec) {
        return switch (spec.discovery()) {
            case STATIC -> new StaticEndpoints(spec);
            case STRICT_DNS -> new StrictDns(spec, names);
            case LOGICAL_DNS -> new LogicalDns(spec, names);
            case DYNAMIC, ASKED_PORT -> new DynamicHosts(spec, names);
            case DISCOVERED -> new DiscoveredEndpoints(spec, feed);
        };
    }
}
