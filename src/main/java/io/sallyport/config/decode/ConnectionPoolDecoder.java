package io.sallyport.config.decode;

import io.sallyport.config.model.ConnectionPoolSettings;
import io.sallyport.config.model.ConnectionPoolSettings.H2UpgradePolicy;
import io.sallyport.config.model.ConnectionPoolSettings.Http2Keepalive;
import io.sallyport.config.model.ConnectionPoolSettings.Keepalive;
import io.sallyport.config.model.OutlierDetection;
import io.sallyport.config.yaml.ObjectReader;

/// `ConnectionPoolSettings` and `OutlierDetection`.
final class ConnectionPoolDecoder {
    private ConnectionPoolDecoder() {}

    static ConnectionPoolSettings pool(ObjectReader in) {
        return new ConnectionPoolSettings(
                in.object("tcp", ConnectionPoolDecoder::tcp), in.object("http", ConnectionPoolDecoder::http), in.at());
    }

    private static ConnectionPoolSettings.Tcp tcp(ObjectReader in) {
        return new ConnectionPoolSettings.Tcp(
                in.int32("maxConnections"),
                in.duration("connectTimeout"),
                in.object(
                        "tcpKeepalive",
                        keepalive -> new Keepalive(
                                keepalive.uint32("probes"),
                                keepalive.duration("time"),
                                keepalive.duration("interval"))),
                in.duration("maxConnectionDuration"),
                in.duration("idleTimeout"),
                in.at());
    }

    private static ConnectionPoolSettings.Http http(ObjectReader in) {
        return new ConnectionPoolSettings.Http(
                in.int32("http1MaxPendingRequests"),
                in.int32("http2MaxRequests"),
                in.int32("maxRequestsPerConnection"),
                in.int32("maxRetries"),
                in.duration("idleTimeout"),
                in.constant("h2UpgradePolicy", H2UpgradePolicy.values()),
                in.bool("useClientProtocol"),
                in.int32("maxConcurrentStreams"),
                in.object(
                        "http2KeepAlive",
                        ping -> new Http2Keepalive(ping.duration("interval"), ping.duration("timeout"))),
                in.at());
    }

    static OutlierDetection outlierDetection(ObjectReader in) {
        return new OutlierDetection(
                in.int32("consecutiveErrors"),
                in.bool("splitExternalLocalOriginErrors"),
                in.optionalUint32("consecutiveLocalOriginFailures"),
                in.optionalUint32("consecutiveGatewayErrors"),
                in.optionalUint32("consecutive5xxErrors"),
                in.duration("interval"),
                in.duration("baseEjectionTime"),
                in.int32("maxEjectionPercent"),
                in.int32("minHealthPercent"),
                in.uint32s("outlierDetectionHttpErrorCodes"),
                in.at());
    }
}
