package io.sallyport.upstream;

import io.sallyport.identity.CredentialException;
import io.sallyport.identity.UpstreamTlsContext;
import io.sallyport.identity.UpstreamTlsSpec;
import io.sallyport.upstream.dns.NameResolution;

/// Starts clusters: gives each what finds its endpoints.
public final class ClusterFactory {
    private final NameResolution names;

    public ClusterFactory(NameResolution names) {
        this.names = names;
    }

    Cluster create(ClusterSpec spec) throws CredentialException {
        UpstreamTlsSpec tls = spec.tls();
        Cluster cluster = new Cluster(spec, source(spec), tls == null ? null : UpstreamTlsContext.of(tls));
        cluster.start();
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
            case DYNAMIC -> new DynamicHosts(spec, names);
        };
    }
}
