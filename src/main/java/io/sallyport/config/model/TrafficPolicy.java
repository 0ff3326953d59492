package io.sallyport.config.model;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `TrafficPolicy`.
public record TrafficPolicy(
        @Nullable LoadBalancerSettings loadBalancer,
        @Nullable ConnectionPoolSettings connectionPool,
        @Nullable OutlierDetection outlierDetection,
        @Nullable ClientTlsSettings tls,
        List<PortTrafficPolicy> portLevelSettings,
        @Nullable TunnelSettings tunnel,
        @Nullable ProxyProtocol proxyProtocol,
        @Nullable RetryBudget retryBudget,
        Position at) {

    /// `TrafficPolicy.PortTrafficPolicy`: replaces the settings for one port; what it leaves out is not inherited.
    ///
    /// @param port `port.number`
    public record PortTrafficPolicy(
            int port,
            @Nullable LoadBalancerSettings loadBalancer,
            @Nullable ConnectionPoolSettings connectionPool,
            @Nullable OutlierDetection outlierDetection,
            @Nullable ClientTlsSettings tls,
            Position at) {}

    /// `TrafficPolicy.TunnelSettings`: reach the host through a CONNECT or POST tunnel.
    ///
    /// @param protocol `CONNECT`, `POST` or `""` for CONNECT
    public record TunnelSettings(String protocol, String targetHost, int targetPort, Position at) {}

    /// `TrafficPolicy.ProxyProtocol`: send a PROXY protocol header upstream.
    public record ProxyProtocol(Version version, Position at) {
        public enum Version {
            V1,
            V2
        }
    }

    /// `TrafficPolicy.RetryBudget`: how many retries there may be.
    ///
    /// @param percent of the requests, 0.0 to 100.0; null is 20
    /// @param minRetryConcurrency always allowed; 0 is absent and means 3
    /// @param budgetInterval over which requests are counted; null and zero are the default
    public record RetryBudget(
            @Nullable Double percent,
            int minRetryConcurrency,
            @Nullable Duration budgetInterval,
            Position at) {}
}
