package io.sallyport.config.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `ConnectionPoolSettings`: limits on connections and requests to one cluster; in counts, 0 is absent.
public record ConnectionPoolSettings(
        @Nullable Tcp tcp, @Nullable Http http, Position at) {

    /// `ConnectionPoolSettings.TCPSettings`.
    ///
    /// @param connectTimeout null is 10 s
    /// @param idleTimeout null is 1 h; zero is off
    public record Tcp(
            int maxConnections,
            @Nullable Duration connectTimeout,
            @Nullable Keepalive tcpKeepalive,
            @Nullable Duration maxConnectionDuration,
            @Nullable Duration idleTimeout,
            Position at) {}

    /// `TCPSettings.TcpKeepalive`; what is absent is the operating system's.
    public record Keepalive(
            int probes, @Nullable Duration time, @Nullable Duration interval) {}

    /// `ConnectionPoolSettings.HTTPSettings`.
    ///
    /// @param idleTimeout of an upstream connection without requests; null is 1 h
    public record Http(
            int http1MaxPendingRequests,
            int http2MaxRequests,
            int maxRequestsPerConnection,
            int maxRetries,
            @Nullable Duration idleTimeout,
            H2UpgradePolicy h2UpgradePolicy,
            boolean useClientProtocol,
            int maxConcurrentStreams,
            @Nullable Http2Keepalive http2KeepAlive,
            Position at) {}

    /// `HTTPSettings.ConnectionKeepalive`: PING frames.
    public record Http2Keepalive(
            @Nullable Duration interval, @Nullable Duration timeout) {}

    /// `HTTPSettings.H2UpgradePolicy`.
    public enum H2UpgradePolicy {
        DEFAULT,
        DO_NOT_UPGRADE,
        UPGRADE
    }
}
