package io.sallyport.proxy;

import io.sallyport.cluster.Cluster;
import io.sallyport.http.RequestHead;
import io.sallyport.jwt.TokenRules;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.policy.PolicySet;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.EndpointPolicies;
import java.util.ArrayList;
import java.util.List;

/// The checks that the policies of a snapshot ask for, in Istio's order: external authorizers are asked first, tokens
/// are verified last.
enum AdmissionChecks implements Admission.Checks {
    INSTANCE;

    @Override
    public List<Admission.Check> onArrival(
            ClientExchange request, RoutingContext routing, List<AppliedPolicies> policies) {
        List<Admission.Check> checks = new ArrayList<>(2);
        for (AppliedPolicies applied : policies) {
            ask(applied.requests(request.connection.mesh), routing, request, routing, checks);
        }
        verify(policies, request, routing, checks);
        return checks;
    }

    @Override
    public List<Admission.Check> beforeEndpoints(
            ClientExchange request, RoutingContext routing, WeightedCluster destination, PolicyRequest sent) {
        Cluster cluster = request.snapshot.clusters().cluster(destination.clusterName());
        if (cluster == null) {
            return List.of();
        }
        List<Admission.Check> checks = new ArrayList<>(2);
        EndpointPolicies.Judges judges =
                request.snapshot.authorization().ofCluster(cluster, routing.host(), routing.port());
        routing.checkedBy(judges.policies());
        for (int port : judges.ports()) {
            routing.policyPort(port);
            PolicySet ofEndpoints = judges.policies().requests(request.connection.mesh);
            ask(ofEndpoints, routing, request, routing, checks);
            if (sent != routing) {
                ask(ofEndpoints, sent, request, routing, checks);
            }
        }
        verify(List.of(judges.policies()), request, routing, checks);
        return checks;
    }

    /// An authorizer that the gateway's policies and its endpoints' name is asked once.
    ///
    /// @param judged the request as the policies see it
    private static void ask(
            PolicySet policies,
            PolicyRequest judged,
            ClientExchange request,
            RoutingContext routing,
            List<Admission.Check> checks) {
        Authorizer authorizer = policies.authorizer(judged);
        if (authorizer != null && !routing.hasAsked(authorizer)) {
            routing.asked(authorizer);
            RequestHead asked = judged instanceof SentRequest sent ? sent.head() : request.head;
            String target = judged instanceof SentRequest
                    ? asked.path
                    : routing.target().pathAndQuery();
            checks.add(new ExternalCheck(authorizer, request, routing, asked, target));
        }
    }

    private static void verify(
            List<AppliedPolicies> policies,
            ClientExchange request,
            RoutingContext routing,
            List<Admission.Check> checks) {
        List<TokenRules> rules = new ArrayList<>(1);
        for (AppliedPolicies applied : policies) {
            if (!applied.tokens().isEmpty()) {
                rules.add(applied.tokens());
                // Before an authorizer is asked, who may deny it.
                TokenCheck.hideTokens(applied.tokens(), request.facts);
            }
        }
        if (!rules.isEmpty()) {
            checks.add(new TokenCheck(request, routing, rules));
        }
    }
}
