package io.sallyport.runtime;

import io.sallyport.admin.Listing;
import io.sallyport.policy.Policy;
import io.sallyport.snapshot.Policies;
import io.sallyport.telemetry.PolicyMetrics;
import io.sallyport.telemetry.PolicyMetrics.Decision;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The AuthorizationPolicies that are served as the admin API shows them: where each is written, what it is asked
/// about, and how often it denied.
final class PolicyReport {
    /// @param policy null for what no ALLOW policy allowed
    /// @param appliesTo `this instance`, `Gateway default/front`, `endpoints of 3 clusters`
    private record Row(@Nullable Policy policy, String name, String appliesTo) {
        String text() {
            return name + ' ' + appliesTo + (policy == null ? "" : ' ' + policy.source() + ' ' + action());
        }

        private @Nullable String action() {
            if (policy == null) {
                return null;
            }
            return policy.authorizer() == null
                    ? policy.action().name()
                    : policy.action() + " " + policy.authorizer().name();
        }

        JsonObject json(@Nullable PolicyMetrics counts) {
            return new JsonObject()
                    .put("policy", name)
                    .put("action", action())
                    .put("dryRun", policy != null && policy.dryRun())
                    .put("rules", policy == null ? null : policy.rules().size())
                    .put("source", policy == null ? null : policy.source())
                    .put("appliesTo", appliesTo)
                    .put("denied", count(counts, Decision.DENIED))
                    .put("wouldDeny", count(counts, Decision.WOULD_DENY))
                    .put("audited", count(counts, Decision.AUDITED));
        }

        private @Nullable Long count(@Nullable PolicyMetrics counts, Decision decision) {
            return counts == null ? null : counts.count(policy == null ? PolicyMetrics.NONE : name, decision);
        }
    }

    private PolicyReport() {}

    /// Made once a generation: there may be many policies, and many clusters.
    ///
    /// @param counts null where nothing is counted
    static Listing<?> of(Policies policies, @Nullable PolicyMetrics counts) {
        Map<Policy, Integer> clusters = policies.clustersByPolicy();
        List<Row> rows = new ArrayList<>();
        for (Policy policy : policies.written()) {
            int about = clusters.getOrDefault(policy, 0);
            rows.add(new Row(policy, policy.name(), appliesTo(policies, policy, about)));
        }
        if (!rows.isEmpty()) {
            rows.add(new Row(null, "no ALLOW policy allowed it", "what ALLOW policies apply to"));
        }
        return new Listing<>(rows, Row::text, row -> row.json(counts));
    }

    private static String appliesTo(Policies policies, Policy policy, int clusters) {
        List<String> scopes = new ArrayList<>(policies.gatewaysOf(policy));
        if (policies.instance().requests().has(policy)) {
            scopes.addFirst("this instance");
        }
        if (clusters > 0) {
            scopes.add(clusters == 1 ? "endpoints of 1 cluster" : "endpoints of " + clusters + " clusters");
        }
        return scopes.isEmpty() ? "mesh services that no resource lists" : String.join(", ", scopes);
    }
}
