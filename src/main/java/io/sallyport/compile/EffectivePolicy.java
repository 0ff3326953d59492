package io.sallyport.compile;

import io.sallyport.config.model.ClientTlsSettings;
import io.sallyport.config.model.ConnectionPoolSettings;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.LoadBalancerSettings;
import io.sallyport.config.model.OutlierDetection;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import org.jspecify.annotations.Nullable;

/// The traffic policy of one port of one subset: what the DestinationRule says for the host, overridden part by part
/// by the subset's. Where a level has settings for the port, they stand alone: what they leave out is the default, not
/// what the level says otherwise (`TrafficPolicy.port_level_settings`: "do not inherit").
record EffectivePolicy(
        @Nullable LoadBalancerSettings loadBalancer,
        @Nullable ConnectionPoolSettings connectionPool,
        @Nullable OutlierDetection outlierDetection,
        @Nullable ClientTlsSettings tls,
        TrafficPolicy.@Nullable TunnelSettings tunnel,
        TrafficPolicy.@Nullable ProxyProtocol proxyProtocol,
        TrafficPolicy.@Nullable RetryBudget retryBudget) {

    private static final EffectivePolicy NONE = new EffectivePolicy(null, null, null, null, null, null, null);

    static EffectivePolicy of(@Nullable DestinationRule rule, @Nullable Subset subset, int port) {
        if (rule == null) {
            return NONE;
        }
        EffectivePolicy ofHost = level(rule.trafficPolicy(), port, NONE);
        return subset == null ? ofHost : level(subset.trafficPolicy(), port, ofHost);
    }

    private static EffectivePolicy level(@Nullable TrafficPolicy policy, int port, EffectivePolicy outer) {
        if (policy == null) {
            return outer;
        }
        // They have no place among a port's settings, which so do not override them.
        TrafficPolicy.TunnelSettings tunnel = policy.tunnel() != null ? policy.tunnel() : outer.tunnel;
        TrafficPolicy.ProxyProtocol header =
                policy.proxyProtocol() != null ? policy.proxyProtocol() : outer.proxyProtocol;
        for (TrafficPolicy.PortTrafficPolicy ofPort : policy.portLevelSettings()) {
            if (ofPort.port() == port) {
                return new EffectivePolicy(
                        ofPort.loadBalancer(),
                        ofPort.connectionPool(),
                        ofPort.outlierDetection(),
                        ofPort.tls(),
                        tunnel,
                        header,
                        outer.retryBudget);
            }
        }
        return new EffectivePolicy(
                policy.loadBalancer() != null ? policy.loadBalancer() : outer.loadBalancer,
                policy.connectionPool() != null ? policy.connectionPool() : outer.connectionPool,
                policy.outlierDetection() != null ? policy.outlierDetection() : outer.outlierDetection,
                policy.tls() != null ? policy.tls() : outer.tls,
                tunnel,
                header,
                policy.retryBudget() != null ? policy.retryBudget() : outer.retryBudget);
    }
}
