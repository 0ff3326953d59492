package io.sallyport.config.validation;

import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.OutlierDetection;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.model.TrafficPolicy.PortTrafficPolicy;
import io.sallyport.config.model.TrafficPolicy.RetryBudget;
import io.sallyport.config.model.TrafficPolicy.TunnelSettings;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `TrafficPolicy`, of a rule, a subset or a port.
final class TrafficPolicyValidator {
    private TrafficPolicyValidator() {}

    static void validate(@Nullable TrafficPolicy policy, Place place) {
        if (policy == null) {
            return;
        }
        if (place.keys().isEmpty()) {
            place.report(ProblemCode.EMPTY_POLICY, "a trafficPolicy has at least one setting", "delete it");
        }
        LoadBalancerValidator.validate(policy.loadBalancer(), policy.outlierDetection(), place.field("loadBalancer"));
        ConnectionPoolValidator.validate(policy.connectionPool(), place.field("connectionPool"));
        outlierDetection(policy.outlierDetection(), place.field("outlierDetection"));
        tls(policy.tls(), place.field("tls"));
        ports(policy, place.field("portLevelSettings"));
        if (policy.tunnel() != null && policy.proxyProtocol() != null) {
            place.field("tunnel").report(ProblemCode.BAD_TUNNEL, "tunnel and proxyProtocol exclude each other");
        }
        tunnel(policy.tunnel(), place.field("tunnel"));
        retryBudget(policy.retryBudget(), place.field("retryBudget"));
    }

    private static void ports(TrafficPolicy policy, Place place) {
        Set<Integer> numbers = new HashSet<>();
        for (int i = 0; i < policy.portLevelSettings().size(); i++) {
            PortTrafficPolicy port = policy.portLevelSettings().get(i);
            Place at = place.index(i);
            Place number = at.field("port").field("number");
            if (number.isPresent()) {
                Checks.port(port.port(), number);
            }
            if (number.isPresent() && !numbers.add(port.port())) {
                number.report(ProblemCode.DUPLICATE_NAME, "port " + port.port() + " is given twice");
            }
            boolean empty = port.loadBalancer() == null && port.connectionPool() == null;
            if (empty && port.outlierDetection() == null && port.tls() == null) {
                at.report(ProblemCode.EMPTY_POLICY, "the settings of a port say something", "delete it");
            }
            LoadBalancerValidator.validate(port.loadBalancer(), port.outlierDetection(), at.field("loadBalancer"));
            ConnectionPoolValidator.validate(port.connectionPool(), at.field("connectionPool"));
            outlierDetection(port.outlierDetection(), at.field("outlierDetection"));
            tls(port.tls(), at.field("tls"));
        }
    }

    private static void outlierDetection(@Nullable OutlierDetection outlier, Place place) {
        if (outlier == null) {
            return;
        }
        Checks.time(outlier.interval(), place.field("interval"));
        Checks.time(outlier.baseEjectionTime(), place.field("baseEjectionTime"));
        Checks.percent(outlier.maxEjectionPercent(), place.field("maxEjectionPercent"));
        Checks.percent(outlier.minHealthPercent(), place.field("minHealthPercent"));
        if (outlier.consecutiveErrors() != 0) {
            String message = "consecutiveErrors is deprecated and has no effect";
            String hint = "use consecutive5xxErrors or consecutiveGatewayErrors";
            place.field("consecutiveErrors").report(ProblemCode.DEPRECATED, message, hint);
        }
        Integer localFailures = outlier.consecutiveLocalOriginFailures();
        if (!outlier.splitExternalLocalOriginErrors() && localFailures != null && localFailures > 0) {
            String message = "it has no effect while splitExternalLocalOriginErrors is false";
            place.field("consecutiveLocalOriginFailures").report(ProblemCode.BAD_OUTLIER, message);
        }
    }

    private static void tls(@Nullable ClientTlsSettings tls, Place place) {
        if (tls != null) {
            ClientTlsValidator.validate(tls, place);
        }
    }

    private static void tunnel(@Nullable TunnelSettings tunnel, Place place) {
        if (tunnel == null) {
            return;
        }
        if (!Set.of("", "CONNECT", "POST").contains(tunnel.protocol())) {
            String message = Quote.of(tunnel.protocol()) + " is neither CONNECT nor POST";
            place.field("protocol").report(ProblemCode.BAD_TUNNEL, message);
        }
        if (!tunnel.targetHost().isEmpty()) {
            HostNames.checkNameOrAddress(tunnel.targetHost(), ProblemCode.BAD_TUNNEL, place.field("targetHost"));
        }
        if (place.field("targetPort").isPresent()) {
            Checks.port(tunnel.targetPort(), place.field("targetPort"));
        }
    }

    private static void retryBudget(@Nullable RetryBudget budget, Place place) {
        if (budget == null) {
            return;
        }
        Double percent = budget.percent();
        if (percent != null && (percent < 0 || percent > 100)) {
            place.field("percent").report(ProblemCode.BAD_PERCENTAGE, percent + " is not in 0 to 100");
        }
        // Zero is none.
        if (budget.budgetInterval() != null && !budget.budgetInterval().isZero()) {
            Checks.time(budget.budgetInterval(), place.field("budgetInterval"));
        }
    }
}
