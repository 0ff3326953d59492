package io.sallyport.explain;

import io.sallyport.cluster.CircuitLimits;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.HealthCheckSpec;
import io.sallyport.cluster.OutlierSpec;
import io.sallyport.cluster.ResilienceSpec;
import io.sallyport.cluster.RetryLimit;
import io.sallyport.cluster.balance.BalancingSpec;
import io.sallyport.cluster.balance.HashKey;
import io.sallyport.cluster.balance.HashPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What protects a cluster and its clients from each other, and how near its endpoints are; a line each.
final class ProtectionLines {
    private final ClusterSpec spec;
    private final @Nullable String policy;
    private final List<Line> lines = new ArrayList<>();

    /// @param kind one word or two, the key in JSON
    /// @param source the resource, `DestinationRule default/a (a.yaml:12)`; `default` where nothing is written
    record Line(String kind, String words, String source) {}

    private ProtectionLines(ClusterSpec spec, @Nullable String policy) {
        this.spec = spec;
        this.policy = policy;
    }

    /// @param policy the resource that the cluster's traffic policy is from; null for none
    static List<Line> of(ClusterSpec spec, @Nullable String policy) {
        ProtectionLines all = new ProtectionLines(spec, policy);
        all.balancing(spec.balancing());
        all.resilience(spec.resilience());
        all.locality();
        return List.copyOf(all.lines);
    }

    private void add(String kind, String words, boolean configured) {
        lines.add(new Line(kind, words, configured && policy != null ? policy : "default"));
    }

    private void resilience(ResilienceSpec resilience) {
        CircuitLimits limits = resilience.limits();
        add("limits", limits(limits), !limits.equals(CircuitLimits.NONE));
        add("outliers", outliers(resilience.outliers()), resilience.outliers() != null);
        add("retryBudget", budget(resilience.retries()), !resilience.retries().equals(RetryLimit.DEFAULT));
        HealthCheckSpec check = resilience.healthCheck();
        if (check != null) {
            String words = check.type() + " every " + PolicyText.time(check.interval());
            lines.add(new Line("healthCheck", words, "annotation sallyport.io/health-check"));
        }
    }

    private static String limits(CircuitLimits limits) {
        return number(limits.connections()) + " connections, " + number(limits.pendingRequests())
                + " waiting requests, " + number(limits.requests()) + " active requests";
    }

    private static String number(int limit) {
        return limit == CircuitLimits.UNLIMITED ? "unlimited" : Integer.toString(limit);
    }

    private String outliers(@Nullable OutlierSpec outliers) {
        if (outliers == null) {
            return "no detection";
        }
        List<String> errors = new ArrayList<>();
        String statuses = outliers.errorStatuses().isEmpty()
                ? "5xx"
                : outliers.errorStatuses().stream()
                        .sorted()
                        .map(String::valueOf)
                        .collect(Collectors.joining("/"));
        consecutive(outliers.serverErrors(), statuses, errors);
        consecutive(outliers.gatewayErrors(), "gateway errors", errors);
        consecutive(outliers.splitLocalOrigin() ? outliers.localFailures() : 0, "local failures", errors);
        String after = errors.isEmpty() ? "nothing" : String.join(" or ", errors) + " in a row";
        String panic =
                outliers.minHealthPercent() == 0 ? "" : ", ignored below " + outliers.minHealthPercent() + " % healthy";
        return "ejected after " + after + " for " + PolicyText.time(outliers.baseEjectionTime())
                + " and longer, at most " + outliers.maxEjectionPercent() + " % at once" + most(outliers) + panic;
    }

    /// The count, where it is known beforehand.
    private String most(OutlierSpec outliers) {
        int endpoints = spec.endpoints().size();
        return switch (spec.discovery()) {
            case STATIC -> " (" + endpoints * outliers.maxEjectionPercent() / 100 + " of " + endpoints + ")";
            case STRICT_DNS, LOGICAL_DNS, DYNAMIC, ASKED_PORT, DISCOVERED -> "";
        };
    }

    private static void consecutive(int count, String of, List<String> all) {
        if (count > 0) {
            all.add(count + " " + of);
        }
    }

    private static String budget(RetryLimit limit) {
        if (limit.window().isZero()) {
            return limit.always() + " at once";
        }
        return percent(limit.percent()) + " of the requests of " + PolicyText.time(limit.window()) + ", "
                + limit.always() + " at once and a second always";
    }

    private static String percent(double percent) {
        return (percent == Math.rint(percent) ? Long.toString((long) percent) : Double.toString(percent)) + " %";
    }

    private void balancing(BalancingSpec balancing) {
        HashPolicy hash = balancing.hash();
        if (hash != null) {
            add("hash", key(hash.key()) + ", " + algorithm(hash.algorithm()), true);
        }
        BalancingSpec.SlowStart slow = balancing.slowStart();
        if (slow != null) {
            String from = ", from " + percent(slow.minimumShare() * 100);
            add("warmup", PolicyText.time(slow.window()) + from, true);
        }
    }

    private static String key(HashKey key) {
        return switch (key) {
            case HashKey.Header header -> "by header " + header.name();
            case HashKey.Cookie cookie -> "by cookie " + cookie.name();
            case HashKey.SourceAddress _ -> "by the client's address";
            case HashKey.QueryParameter parameter -> "by query parameter " + parameter.name();
        };
    }

    private static String algorithm(HashPolicy.Algorithm algorithm) {
        return switch (algorithm) {
            case HashPolicy.Ring(int size) -> "ring of " + size;
            case HashPolicy.Maglev(int size) -> "Maglev table of " + size;
        };
    }

    /// Shares, else priorities; neither where all endpoints are equally near.
    private void locality() {
        Map<String, Double> shares = spec.balancing().localityWeights();
        Map<Integer, String> levels = new TreeMap<>();
        for (EndpointSpec endpoint : spec.endpoints()) {
            String place = endpoint.locality() == null ? "no locality" : endpoint.locality();
            levels.merge(
                    endpoint.priority(),
                    place,
                    (before, more) -> List.of(before.split(", ")).contains(more) ? before : before + ", " + more);
        }
        if (!shares.isEmpty()) {
            add(
                    "locality",
                    new TreeMap<>(shares)
                            .entrySet().stream()
                                    .map(share -> (share.getKey().isEmpty() ? "no locality" : share.getKey()) + " "
                                            + percent(share.getValue()))
                                    .collect(Collectors.joining(", ")),
                    true);
        } else if (levels.size() > 1) {
            add("locality", String.join(", then ", levels.values()), true);
        }
    }
}
