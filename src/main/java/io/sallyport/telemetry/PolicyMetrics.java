package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// `sallyport_policy_decisions_total{policy, decision}`: requests and connections that authorization policies denied,
/// would have denied on trial, or audited. The policy is `none` where ALLOW policies applied and none of them allowed.
public final class PolicyMetrics implements RequestObserver, MetricSource {
    /// Policies with a count of their own; the rest share `other`.
    private static final int MOST = 1_000;

    /// The policy's name where ALLOW policies applied and none of them allowed.
    public static final String NONE = "none";

    public enum Decision {
        DENIED,
        WOULD_DENY,
        AUDITED
    }

    private record Key(String policy, Decision decision) {}

    private final Map<Key, LongAdder> counts = new ConcurrentHashMap<>();

    @Override
    public void onRequestEnd(RequestFacts facts) {
        if (facts.policy.deniedBy() != null) {
            add(facts.policy.deniedBy().isEmpty() ? NONE : facts.policy.deniedBy(), Decision.DENIED);
        }
        if (facts.policy.trial() != null) {
            add(policyOf(facts.policy.trial()), Decision.WOULD_DENY);
        }
        if (facts.policy.audited() != null) {
            add(facts.policy.audited(), Decision.AUDITED);
        }
    }

    /// `namespace/name` of the response code details of a denial.
    private static String policyOf(String details) {
        int namespace = details.indexOf("[ns[");
        if (namespace < 0) {
            return NONE;
        }
        int name = details.indexOf("]-policy[", namespace);
        return details.substring(namespace + "[ns[".length(), name)
                + '/'
                + details.substring(name + "]-policy[".length(), details.indexOf("]-rule[", name));
    }

    /// How often that was decided since the process began.
    public long count(String policy, Decision decision) {
        LongAdder count = counts.get(new Key(policy, decision));
        return count == null ? 0 : count.sum();
    }

    private void add(String policy, Decision decision) {
        Key key = new Key(policy, decision);
        LongAdder count = counts.get(key);
        if (count == null) {
            Key bounded = counts.size() < MOST ? key : new Key("other", decision);
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
        for (Map.Entry<Key, LongAdder> each : counts.entrySet()) {
            out.labels()
                    .label("policy", each.getKey().policy())
                    .label("decision", each.getKey().decision().name().toLowerCase(Locale.ROOT))
                    .sample(each.getValue().sum());
        }
    }
}
