package io.sallyport.proxy;

import io.sallyport.cluster.Cluster;
import io.sallyport.jwt.TokenRules;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.route.WeightedCluster;
import java.util.ArrayList;
import java.util.List;

/// The checks that the policies of a snapshot ask for, in Istio's order: tokens are verified last.
enum AdmissionChecks implements Admission.Checks {
    INSTANCE;

    @Override
    public List<Admission.Check> onArrival(
            ClientExchange request, RoutingContext routing, List<AppliedPolicies> policies) {
        return tokens(request, routing, policies);
    }

    @Override
    public List<Admission.Check> beforeEndpoints(
            ClientExchange request, RoutingContext routing, WeightedCluster destination) {
        Cluster cluster = request.snapshot.clusters().cluster(destination.clusterName());
        return cluster == null
                ? List.of()
                : tokens(
                        request,
                        routing,
                        List.of(request.snapshot
                                .authorization()
                                .ofCluster(cluster, routing.host(), routing.port())
                                .policies()));
    }

    private static List<Admission.Check> tokens(
            ClientExchange request, RoutingContext routing, List<AppliedPolicies> policies) {
        List<TokenRules> rules = new ArrayList<>(1);
        for (AppliedPolicies applied : policies) {
            if (!applied.tokens().isEmpty()) {
                rules.add(applied.tokens());
            }
        }
        return rules.isEmpty() ? List.of() : List.of(new TokenCheck(request, routing, rules));
    }
}
