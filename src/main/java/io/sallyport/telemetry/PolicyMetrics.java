package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// `sallyport_policy_decisions_total{policy, decision}`: requests and connections that authorization policies denied,
/// would have denied on trial, or audited. The policy is `none` where ALLOW policies applied and none of them allowed.
public final class PolicyMetrics implements RequestObserver, MetricSource {
    /// Policies with a count of their own; the rest share `other`.
    private static final int MOST = 1_000;

    private record Decision(String policy, String decision) {}

    private final Map<Decision, LongAdder> counts = new ConcurrentHashMap<>();

    @Override
    public void onRequestEnd(RequestFacts facts) {
        if (facts.deniedBy != null) {
            count(facts.deniedBy.isEmpty() ? "none" : facts.deniedBy, "denied");
        }
        if (facts.policyTrial != null) {
            count(policyOf(facts.policyTrial), "would_deny");
        }
        if (facts.audited != null) {
            count(facts.audited, "audited");
        }
    }

    /// `namespace/name` of the response code details of a denial.
    private static String policyOf(String details) {
        int namespace = details.indexOf("[ns[");
        if (namespace < 0) {
            return "none";
        }
        int name = details.indexOf("]-policy[", namespace);
        return details.substring(namespace + "[ns[".length(), name)
                + '/'
                + details.substring(name + "]-policy[".length(), details.indexOf("]-rule[", name));
    }

    private void count(String policy, String decision) {
        Decision key = new Decision(policy, decision);
        LongAdder count = counts.get(key);
        if (count == null) {
            Decision bounded = counts.size() < MOST ? key : new Decision("other", decision);
            count = counts.computeIfAbsent(bounded, _ -> new LongAdder());
        }
        count.increment();
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        out.family(
                "sallyport_policy_decisions",
                Type.COUNTER,
                "Requests and connections that authorization policies denied, would have denied on trial, or audited.");
        for (Map.Entry<Decision, LongAdder> each : counts.entrySet()) {
            out.labels()
                    .label("policy", each.getKey().policy())
                    .label("decision", each.getKey().decision())
                    .sample(each.getValue().sum());
        }
    }
}
