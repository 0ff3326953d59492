package io.sallyport.explain;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.egress.EgressPermit;
import io.sallyport.outcome.ProxyException;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Policy;
import io.sallyport.policy.PolicySet;
import io.sallyport.route.Considered;
import io.sallyport.route.Forward;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.WeightedCluster;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.L4Route;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.ServerRef;
import io.sallyport.tls.UpstreamTlsSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What would become of a request. Filled in step by step on the request's way; what was not reached stays null.
final class Explanation {
    @Nullable
    ListenerSnapshot listener;

    @Nullable
    FilterChain chain;

    @Nullable
    String virtualHost;

    @Nullable
    ServerRef server;

    @Nullable
    MatchedRoute matched;

    @Nullable
    L4Route bytesRoute;
    /// forward, redirect, direct_response, tcp, tls.
    @Nullable
    String action;

    /// Timeout and retries, where requests are forwarded.
    @Nullable
    Forward forward;

    final List<Destination> clusters = new ArrayList<>();

    @Nullable
    String location;

    @Nullable
    String upstreamAuthority;

    @Nullable
    String upstreamPath;

    /// Where the request goes out over TLS: how, and for which host.
    @Nullable
    UpstreamTlsSpec upstreamTls;

    String upstreamHost = "";

    final Map<String, String> upstreamHeaders = new LinkedHashMap<>();
    /// Of the answer that the gateway itself gives.
    @Nullable
    Integer status;

    @Nullable
    String flag;

    @Nullable
    String details;

    /// The entry of the egress list that lets it out.
    @Nullable
    EgressPermit permit;

    /// What a denied mesh client reads.
    @Nullable
    String explanation;

    /// Where a line of the log is explained: what it says beside what would be said now.
    @Nullable
    String logged;

    /// What is said of the VirtualService of the route, where an older version of it is served.
    @Nullable
    String held;

    /// What was made of its tokens.
    final List<String> tokens = new ArrayList<>();

    final List<Opinion> policies = new ArrayList<>();
    final List<Considered> considered = new ArrayList<>();
    boolean refused;

    /// What a policy says of it.
    ///
    /// @param scope what the policy applies to
    record Opinion(String scope, PolicySet.Opinion opinion) {
        String words() {
            Policy policy = opinion.policy();
            String result = opinion.rule() >= 0
                    ? "rule " + opinion.rule() + " matches" + asking(policy)
                    : opinion.nearest().isEmpty() ? "has no rules" : "no rule matches: " + opinion.nearest();
            return policy.action() + (policy.dryRun() ? " (dry run) " : " ") + policy.name() + " (" + policy.source()
                    + "), of " + scope + ": " + result;
        }

        private String asking(Policy policy) {
            if (policy.action() != Policy.Action.CUSTOM) {
                return "";
            }
            Authorizer asked = opinion.asked();
            return asked == null
                    ? ", and nobody can be asked"
                    : ", so provider " + asked.name() + " would be asked; this goes on as if it allowed the request";
        }
    }

    /// The VirtualService of the route, `namespace/name`; null where there is no route.
    @Nullable
    String virtualService() {
        return bytesRoute != null
                ? bytesRoute.virtualService()
                : matched == null ? null : matched.route().id().virtualService();
    }

    /// The rule that decides.
    ///
    /// @param opinion of its policy; null where there is no ALLOW policy with a rule at all
    record Decision(String words, @Nullable Opinion opinion) {}

    /// Which policy decided, or came nearest to allowing what none allows; null where none applies.
    @Nullable
    Decision decision() {
        List<Opinion> enforced = policies.stream()
                .filter(each -> !each.opinion.policy().dryRun())
                .toList();
        List<Opinion> denying = matching(enforced, Policy.Action.DENY);
        if (!denying.isEmpty()) {
            return decided("denied by ", denying.getFirst());
        }
        List<Opinion> allowing = matching(enforced, Policy.Action.ALLOW);
        if (!refused || details == null || !details.endsWith("[none]")) {
            return allowing.isEmpty() ? null : decided("allowed by ", allowing.getLast());
        }
        String last = enforced.isEmpty() ? "" : enforced.getLast().scope;
        Opinion nearest = enforced.stream()
                .filter(each -> each.scope.equals(last)
                        && each.opinion.policy().action() == Policy.Action.ALLOW
                        && each.opinion.nearestRule() >= 0)
                .max(Comparator.comparingInt(each -> each.opinion.holding()))
                .orElse(null);
        return nearest == null
                ? new Decision("denied: no ALLOW policy has a rule that could allow it", null)
                : new Decision(
                        "denied: no ALLOW policy allows it; nearest is rule " + nearest.opinion.nearestRule() + " of "
                                + nearest.opinion.policy().name() + " ("
                                + nearest.opinion.policy().source() + "): " + nearest.opinion.nearest(),
                        nearest);
    }

    private static List<Opinion> matching(List<Opinion> all, Policy.Action action) {
        return all.stream()
                .filter(each -> each.opinion.policy().action() == action && each.opinion.rule() >= 0)
                .toList();
    }

    private static Decision decided(String how, Opinion by) {
        return new Decision(
                how + "rule " + by.opinion.rule() + " of " + by.opinion.policy().name() + " ("
                        + by.opinion.policy().source() + ")",
                by);
    }

    /// One of the clusters that the route may pick.
    ///
    /// @param spec null where there is no such cluster
    /// @param policy the resource that its traffic policy is from; null for defaults
    record Destination(
            WeightedCluster weighted,
            @Nullable ClusterSpec spec,
            @Nullable String policy) {}

    /// The destination's weight; 100 for an only one, whatever is configured, because it gets all requests.
    int weight(Destination destination) {
        return clusters.size() == 1 ? 100 : destination.weighted().weight();
    }

    /// Where it is refused already, that stays.
    void refuse(ProxyException refusal) {
        if (refused) {
            return;
        }
        refuse(refusal.status(), refusal.flag().name(), refusal.details());
        explanation = refusal.explanation();
    }

    void refuse(@Nullable Integer answered, @Nullable String responseFlag, String why) {
        refused = true;
        status = answered;
        flag = responseFlag;
        details = why;
    }
}
