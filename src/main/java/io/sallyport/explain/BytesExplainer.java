package io.sallyport.explain;

import io.netty.util.NetUtil;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.SniClusterNames;
import io.sallyport.snapshot.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The part of an explanation below HTTP: which bytes go where, and what stands behind a cluster's name.
final class BytesExplainer {
    private final SnapshotPlan plan;

    BytesExplainer(SnapshotPlan plan) {
        this.plan = plan;
    }

    void explain(FilterChain chain, ExplainedRequest request, @Nullable String sni, Explanation answer) {
        answer.action = chain.tls() == FilterChain.Tls.PASSTHROUGH ? "tls" : "tcp";
        if (chain.application() instanceof FilterChain.SniCluster byName) {
            String name = sni == null
                    ? ""
                    : SniClusterNames.target(sni, plan.clusters()::containsKey, byName)
                            .cluster();
            destinations(List.of(new WeightedCluster(name, 1)), answer);
            return;
        }
        if (!(chain.application() instanceof FilterChain.Tcp tcp)) {
            throw new IllegalArgumentException("not a chain of bytes: " + chain.name());
        }
        L4Route route = L4Route.first(tcp.routes(), sni, null, null, source(request), Workload.UNKNOWN);
        if (route == null) {
            answer.refuse(null, "NR", "route_not_found");
        } else {
            explain(route, answer);
        }
    }

    void explain(L4Route route, Explanation answer) {
        answer.bytesRoute = route;
        destinations(route.clusters(), answer);
    }

    static @Nullable InetSocketAddress source(ExplainedRequest request) {
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(request.sourceIp());
        return address == null ? null : new InetSocketAddress(address, 0);
    }

    /// Looks the clusters up; refused only where none of those that get traffic can answer.
    void destinations(List<WeightedCluster> clusters, Explanation answer) {
        boolean anyKnown = false;
        boolean anyEndpoint = false;
        for (WeightedCluster weighted : clusters) {
            ClusterSpec spec = plan.clusters().get(weighted.clusterName());
            answer.clusters.add(
                    new Explanation.Destination(weighted, spec, plan.policies().get(weighted.clusterName())));
            boolean used = clusters.size() == 1 || weighted.weight() > 0;
            anyKnown |= used && spec != null;
            anyEndpoint |= used
                    && spec != null
                    && (spec.discovery() == Discovery.DYNAMIC
                            || spec.discovery() == Discovery.ASKED_PORT
                            || !spec.endpoints().isEmpty());
        }
        if (!anyKnown) {
            answer.refuse(503, "NC", "cluster_not_found");
        } else if (!anyEndpoint) {
            answer.refuse(503, "UH", "no_healthy_upstream");
        }
    }
}
