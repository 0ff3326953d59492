package io.sallyport.compile;

import io.sallyport.cluster.CircuitLimits;
import io.sallyport.cluster.ConnectionLife;
import io.sallyport.cluster.HealthCheckSpec;
import io.sallyport.cluster.OutlierSpec;
import io.sallyport.cluster.ResilienceSpec;
import io.sallyport.cluster.RetryLimit;
import io.sallyport.config.model.ConnectionPoolSettings;
import io.sallyport.config.model.OutlierDetection;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.http.h2.KeepAlive;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Translates what a traffic policy says of limits, retries and outliers.
final class ResilienceCompiler {
    private ResilienceCompiler() {}

    static ResilienceSpec compile(EffectivePolicy policy, @Nullable HealthCheckSpec healthCheck) {
        ConnectionPoolSettings pool = policy.connectionPool();
        ConnectionPoolSettings.Tcp tcp = pool == null ? null : pool.tcp();
        ConnectionPoolSettings.Http http = pool == null ? null : pool.http();
        return new ResilienceSpec(
                limits(tcp, http),
                retries(policy.retryBudget(), http),
                life(tcp, http),
                outliers(policy.outlierDetection()),
                healthCheck);
    }

    private static CircuitLimits limits(
            ConnectionPoolSettings.@Nullable Tcp tcp, ConnectionPoolSettings.@Nullable Http http) {
        return new CircuitLimits(
                limit(tcp == null ? 0 : tcp.maxConnections()),
                limit(http == null ? 0 : http.http1MaxPendingRequests()),
                limit(http == null ? 0 : http.http2MaxRequests()));
    }

    /// 0 is absent.
    private static int limit(int number) {
        return number == 0 ? CircuitLimits.UNLIMITED : number;
    }

    /// A budget takes precedence over a number, as in Envoy (`CircuitBreakers.Thresholds.retry_budget`).
    private static RetryLimit retries(
            TrafficPolicy.@Nullable RetryBudget budget, ConnectionPoolSettings.@Nullable Http http) {
        if (budget != null) {
            Double percent = budget.percent();
            int always = budget.minRetryConcurrency();
            RetryLimit standard = RetryLimit.DEFAULT;
            return new RetryLimit(
                            percent == null ? standard.percent() : percent,
                            always == 0 ? standard.always() : always,
                            standard.window(),
                            standard.countsEnded())
                    .withInterval(orElse(budget.budgetInterval(), Duration.ZERO));
        }
        return http == null || http.maxRetries() == 0 ? RetryLimit.DEFAULT : RetryLimit.fixed(http.maxRetries());
    }

    private static ConnectionLife life(
            ConnectionPoolSettings.@Nullable Tcp tcp, ConnectionPoolSettings.@Nullable Http http) {
        int streams = http == null ? 0 : http.maxConcurrentStreams();
        return new ConnectionLife(
                orElse(tcp == null ? null : tcp.maxConnectionDuration(), Duration.ZERO),
                tcp == null ? null : tcp.idleTimeout(),
                limit(streams),
                keepAlive(http == null ? null : http.http2KeepAlive()));
    }

    private static @Nullable KeepAlive keepAlive(ConnectionPoolSettings.@Nullable Http2Keepalive pings) {
        return pings == null || pings.interval() == null || pings.timeout() == null
                ? null
                : new KeepAlive(pings.interval(), pings.timeout());
    }

    private static @Nullable OutlierSpec outliers(@Nullable OutlierDetection detection) {
        if (detection == null) {
            return null;
        }
        OutlierSpec standard = OutlierSpec.DEFAULT;
        Integer localFailures = detection.consecutiveLocalOriginFailures();
        return new OutlierSpec(
                orElse(detection.consecutive5xxErrors(), standard.serverErrors()),
                orElse(detection.consecutiveGatewayErrors(), standard.gatewayErrors()),
                detection.splitExternalLocalOriginErrors(),
                // Unlike the other counts, none at all does not turn this one off (Istio pilot,
                // `applyOutlierDetection`).
                localFailures == null || localFailures == 0 ? standard.localFailures() : localFailures,
                orElse(detection.interval(), standard.interval()),
                orElse(detection.baseEjectionTime(), standard.baseEjectionTime()),
                detection.maxEjectionPercent() == 0 ? standard.maxEjectionPercent() : detection.maxEjectionPercent(),
                detection.minHealthPercent(),
                Set.copyOf(detection.outlierDetectionHttpErrorCodes()));
    }

    private static <T> T orElse(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
