package io.sallyport.config.validation;

import io.sallyport.config.model.ConnectionPoolSettings;
import io.sallyport.config.model.ConnectionPoolSettings.H2UpgradePolicy;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.yaml.Place;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `ConnectionPoolSettings`.
final class ConnectionPoolValidator {
    private ConnectionPoolValidator() {}

    static void validate(@Nullable ConnectionPoolSettings pool, Place place) {
        if (pool == null) {
            return;
        }
        if (pool.tcp() == null && pool.http() == null) {
            place.report(ProblemCode.EMPTY_POLICY, "tcp or http is needed", "delete it");
        }
        if (pool.tcp() != null) {
            tcp(pool.tcp(), place.field("tcp"));
        }
        if (pool.http() != null) {
            http(pool.http(), place.field("http"));
        }
    }

    private static void tcp(ConnectionPoolSettings.Tcp tcp, Place place) {
        Checks.notNegative(tcp.maxConnections(), place.field("maxConnections"));
        Checks.time(tcp.connectTimeout(), place.field("connectTimeout"));
        Checks.time(tcp.maxConnectionDuration(), place.field("maxConnectionDuration"));
        // Zero turns it off.
        if (tcp.idleTimeout() != null && !tcp.idleTimeout().equals(Duration.ZERO)) {
            Checks.time(tcp.idleTimeout(), place.field("idleTimeout"));
        }
        if (tcp.tcpKeepalive() != null) {
            Checks.time(tcp.tcpKeepalive().time(), place.field("tcpKeepalive").field("time"));
            Checks.time(
                    tcp.tcpKeepalive().interval(), place.field("tcpKeepalive").field("interval"));
        }
    }

    private static void http(ConnectionPoolSettings.Http http, Place place) {
        Checks.notNegative(http.http1MaxPendingRequests(), place.field("http1MaxPendingRequests"));
        Checks.notNegative(http.http2MaxRequests(), place.field("http2MaxRequests"));
        Checks.notNegative(http.maxRequestsPerConnection(), place.field("maxRequestsPerConnection"));
        Checks.notNegative(http.maxRetries(), place.field("maxRetries"));
        Checks.notNegative(http.maxConcurrentStreams(), place.field("maxConcurrentStreams"));
        Checks.time(http.idleTimeout(), place.field("idleTimeout"));
        if (http.h2UpgradePolicy() == H2UpgradePolicy.UPGRADE && http.useClientProtocol()) {
            String message = "useClientProtocol contradicts h2UpgradePolicy: UPGRADE";
            place.field("useClientProtocol").report(ProblemCode.BAD_POOL, message);
        }
        if (http.http2KeepAlive() != null) {
            Place ping = place.field("http2KeepAlive");
            if (http.http2KeepAlive().interval() == null
                    || http.http2KeepAlive().timeout() == null) {
                ping.report(ProblemCode.BAD_POOL, "interval and timeout are both needed");
            }
            Checks.time(http.http2KeepAlive().interval(), ping.field("interval"));
            Checks.time(http.http2KeepAlive().timeout(), ping.field("timeout"));
        }
    }
}
