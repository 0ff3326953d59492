package io.sallyport.config.model;

import java.time.Duration;

/// The annotation `sallyport.io/health-check` of a ServiceEntry: how its endpoints are asked whether they are well. Not
/// Istio's; the names of the fields are ours.
///
/// @param path of the request, for HTTP
/// @param service that is asked about, for GRPC; `""` for the endpoint as a whole
/// @param port of the endpoint; 0 for the one that requests go to
/// @param timeout of one check
/// @param healthyThreshold checks in a row that must succeed until a failed endpoint is used again
/// @param unhealthyThreshold checks in a row that must fail until an endpoint is not used
public record HealthCheck(
        Type type,
        String path,
        String service,
        int port,
        Duration interval,
        Duration timeout,
        int healthyThreshold,
        int unhealthyThreshold) {

    public static final String ANNOTATION = "sallyport.io/health-check";

    public enum Type {
        HTTP,
        GRPC,
        TCP
    }
}
