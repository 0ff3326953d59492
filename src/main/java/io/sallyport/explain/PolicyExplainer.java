package io.sallyport.explain;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.jwt.TokenFault;
import io.sallyport.jwt.TokenRules;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.policy.PolicySet;
import io.sallyport.proxy.RoutingContext;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.EndpointPolicies;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the policies of a plan say of a request or a connection, each of those that apply.
final class PolicyExplainer {
    private final SnapshotPlan plan;

    PolicyExplainer(SnapshotPlan plan) {
        this.plan = plan;
    }

    /// The policies of what serves it.
    ///
    /// @param gateways that offer the host or share the port, `namespace/name`; empty for the mesh listener
    /// @param kind of policies that it asks
    /// @throws ProxyException where they deny it
    void judge(
            List<String> gateways, Function<AppliedPolicies, PolicySet> kind, PolicyRequest request, Explanation answer)
            throws ProxyException {
        List<AppliedPolicies> all = plan.authorization().at(gateways);
        for (AppliedPolicies applied : all) {
            tokens(applied.scope(), applied.tokens(), request, answer);
        }
        for (AppliedPolicies applied : all) {
            claims(applied.tokens(), request);
            judge(applied.scope(), kind.apply(applied), request, request, answer);
        }
    }

    /// What the rules for tokens say of a request. Of bytes that are relayed they say nothing.
    ///
    /// @throws ProxyException where they refuse it, which the answer then says
    private static void tokens(String scope, TokenRules rules, PolicyRequest asked, Explanation answer)
            throws ProxyException {
        if (rules.isEmpty() || !(asked instanceof RoutingContext request)) {
            return;
        }
        TokenRules.Verdict verdict = request.isPreflight()
                ? new TokenRules.Passed(List.of())
                : rules.explain(request, Instant.now().getEpochSecond());
        switch (verdict) {
            case TokenRules.Passed(List<TokenRules.Accepted> accepted) -> {
                accepted.forEach(each -> answer.tokens.add(each.words() + ", of " + scope));
                rules.rewrite(request, accepted, request.tokenRules(), request.acceptedTokens());
                request.accepted(rules, accepted);
            }
            case TokenRules.Refused(TokenFault fault) -> {
                answer.tokens.add("refused, of " + scope + ": " + fault.text());
                answer.refuse(fault.status(), null, fault.details());
                throw ProxyException.downstream(ResponseFlag.DPE, fault.status(), fault.details());
            }
            case TokenRules.Waiting _ -> throw new IllegalStateException("nothing is waited for");
        }
    }

    private static void claims(TokenRules rules, PolicyRequest asked) {
        if (asked instanceof RoutingContext request) {
            request.claimsFor(rules);
        }
    }

    /// The policies of the endpoints that it would go to, as far as the plan knows these.
    ///
    /// @param clusters of which the heaviest is taken
    /// @param host that is asked for
    /// @param port that is asked for
    /// @param toPort the same at that port of an endpoint
    /// @param asSent makes a request of what arrived as the endpoints get it; null for bytes
    /// @throws ProxyException where they deny it
    void judgeEndpoints(
            List<WeightedCluster> clusters,
            String host,
            int port,
            Function<AppliedPolicies, PolicySet> kind,
            IntFunction<PolicyRequest> toPort,
            @Nullable Supplier<PolicyRequest> asSent,
            Explanation answer)
            throws ProxyException {
        String cluster = heaviest(clusters).clusterName();
        EndpointPolicies policies = plan.authorization().ofCluster(cluster, host);
        ClusterSpec spec = plan.clusters().get(cluster);
        if (policies == null || spec == null) {
            return;
        }
        EndpointPolicies.Judges judges = policies.of(spec, port);
        TokenRules rules = judges.policies().tokens();
        tokens(cluster, rules, toPort.apply(port), answer);
        for (int endpoint : judges.ports()) {
            claims(rules, toPort.apply(endpoint));
            PolicyRequest request = toPort.apply(endpoint);
            judge(cluster, kind.apply(judges.policies()), request, asSent == null ? request : asSent.get(), answer);
        }
    }

    static WeightedCluster heaviest(List<WeightedCluster> clusters) {
        return clusters.stream()
                .max(Comparator.comparingInt(WeightedCluster::weight))
                .orElseThrow();
    }

    /// @param sent the request with what its route changes: what denies this denies it, too
    private static void judge(
            String scope, PolicySet policies, PolicyRequest request, PolicyRequest sent, Explanation answer)
            throws ProxyException {
        List<PolicySet.Opinion> opinions = new ArrayList<>(policies.opinions(request));
        if (sent != request) {
            List<PolicySet.Opinion> ofSent = policies.opinions(sent);
            for (int i = 0; i < opinions.size(); i++) {
                boolean denies = opinions.get(i).policy().action().denies();
                if (denies && opinions.get(i).rule() < 0 && ofSent.get(i).rule() >= 0) {
                    opinions.set(i, ofSent.get(i));
                }
            }
        }
        for (PolicySet.Opinion each : opinions) {
            Explanation.Opinion opinion = new Explanation.Opinion(scope, each);
            // A tunnel meets the same policies as a request and as bytes.
            if (answer.policies.stream().noneMatch(before -> before.words().equals(opinion.words()))) {
                answer.policies.add(opinion);
            }
        }
        policies.enforce(request, new RequestFacts());
        if (sent != request) {
            policies.enforceDenials(sent, new RequestFacts());
        }
    }
}
