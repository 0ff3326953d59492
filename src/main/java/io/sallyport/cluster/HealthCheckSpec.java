package io.sallyport.cluster;

import java.time.Duration;

/// How endpoints are asked whether they are well: the annotation `sallyport.io/health-check` of a ServiceEntry. Istio's
/// gateways do not do this; the words are those of Envoy's `HealthCheck`.
///
/// @param path of the request, with its `/`; for GRPC the name of the service that is asked about, or `""` for all
/// @param port of the endpoint; 0 for the one that requests go to
/// @param timeout of one check, connecting included
/// @param healthyThreshold checks in a row that must succeed until a failed endpoint is used again
/// @param unhealthyThreshold checks in a row that must fail until an endpoint is not used any more
public record HealthCheckSpec(
        Type type,
        String path,
        int port,
        Duration interval,
        Duration timeout,
        int healthyThreshold,
        int unhealthyThreshold) {
    public enum Type {
        /// A GET that is answered 200 to 299.
        HTTP,
        /// `grpc.health.v1.Health/Check` that is answered SERVING.
        GRPC,
        /// A connection, its TLS handshake done if the cluster speaks TLS.
        TCP
    }
}
