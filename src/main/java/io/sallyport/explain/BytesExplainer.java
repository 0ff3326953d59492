package io.sallyport.explain;

import io.netty.util.NetUtil;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.outcome.ProxyException;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.SniClusterNames;
import io.sallyport.snapshot.Workload;
import io.sallyport.tunnel.TunnelRequest;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The part of an explanation below HTTP: which bytes go where, and what stands behind a cluster's name.
final class BytesExplainer {
    private final SnapshotPlan plan;
    private final PolicyExplainer policies;

    BytesExplainer(SnapshotPlan plan, PolicyExplainer policies) {
        this.plan = plan;
        this.policies = policies;
    }

    /// @throws ProxyException where policies deny the connection
    void explain(
            ListenerSnapshot listener,
            FilterChain chain,
            ExplainedRequest request,
            @Nullable String sni,
            Explanation answer)
            throws ProxyException {
        answer.action = chain.tls() == FilterChain.Tls.PASSTHROUGH ? "tls" : "tcp";
        // The certificate of a client whose TLS ends elsewhere is not seen.
        String principal = chain.tls() == FilterChain.Tls.TERMINATE ? request.principal() : null;
        Asked asked = new Asked(
                new TunnelRequest(
                        RequestExplainer.caller(RequestExplainer.info(request), principal, sni),
                        listener.bind().port(),
                        null),
                sni == null ? "" : sni,
                listener.port());
        policies.judge(chain.gateways(), AppliedPolicies::connections, asked.connection(), answer);
        if (chain.application() instanceof FilterChain.SniCluster byName) {
            String name = sni == null
                    ? ""
                    : SniClusterNames.target(sni, plan.clusters()::containsKey, byName)
                            .cluster();
            explain(List.of(new WeightedCluster(name, 1)), asked, answer);
            return;
        }
        if (!(chain.application() instanceof FilterChain.Tcp tcp)) {
            throw new IllegalArgumentException("not a chain of bytes: " + chain.name());
        }
        L4Route route = L4Route.choose(tcp.routes(), sni, null, null, source(request), Workload.UNKNOWN);
        if (route == null) {
            answer.refuse(null, "NR", "route_not_found");
        } else {
            explain(route, asked, answer);
        }
    }

    /// Bytes as policies see them.
    ///
    /// @param host that they are for, where their cluster leads to whatever host that is; empty where nobody knows
    /// @param port likewise
    record Asked(TunnelRequest connection, String host, int port) {}

    /// @throws ProxyException where the policies of the endpoints deny it
    void explain(L4Route route, Asked asked, Explanation answer) throws ProxyException {
        answer.bytesRoute = route;
        explain(route.clusters(), asked, answer);
    }

    private void explain(List<WeightedCluster> clusters, Asked asked, Explanation answer) throws ProxyException {
        destinations(clusters, answer);
        if (!answer.refused) {
            policies.judgeEndpoints(
                    clusters, asked.host, asked.port, AppliedPolicies::connections, asked.connection::to, null, answer);
        }
    }

    static InetSocketAddress source(ExplainedRequest request) {
        return new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(request.sourceIp()), 0);
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
