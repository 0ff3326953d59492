package io.sallyport.runtime;

import io.sallyport.cluster.CircuitStatus;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.ClusterStatus;
import io.sallyport.telemetry.ClusterMetrics;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/// A cluster as the admin API and the metrics show it.
final class ClusterReport {
    private ClusterReport() {}

    static JsonObject json(Cluster cluster, Instant now) {
        ClusterSpec spec = cluster.spec();
        ClusterStatus status = cluster.status();
        JsonArray endpoints = new JsonArray();
        status.endpoints().forEach(endpoint -> endpoints.add(endpoint(endpoint, now)));
        return new JsonObject()
                .put("name", cluster.name())
                .put("discovery", spec.discovery().name())
                .put("loadBalancing", spec.loadBalancing().name())
                .put("protocol", spec.protocol().name())
                .put("tls", tls(spec))
                .put("requestsActive", status.requestsActive())
                .put("requestsTotal", status.requestsTotal())
                .put("connectionsTotal", status.connectionsTotal())
                .put("connectFailuresTotal", status.connectFailures())
                .put("noEndpointTotal", status.noEndpointTotal())
                .put("circuit", circuit(status.circuit()))
                .put("outliers", outliers(status.outliers()))
                .put("endpoints", endpoints);
    }

    private static @Nullable String tls(ClusterSpec spec) {
        if (spec.meshTls() != null) {
            return "ISTIO_MUTUAL by label";
        }
        return spec.tls() == null ? null : spec.tls().mode().name();
    }

    private static JsonObject circuit(CircuitStatus circuit) {
        return new JsonObject()
                .put("state", state(circuit.isOpen()))
                .put("connections", limit(circuit.connections()))
                .put("pendingRequests", limit(circuit.pendingRequests()))
                .put("requests", limit(circuit.requests()))
                .put("retriesActive", circuit.retriesActive())
                .put("retryOverflowsTotal", circuit.retryOverflows());
    }

    /// Without a limit nothing is said of it; what is used is counted all the same, but for requests.
    private static JsonObject limit(CircuitStatus.LimitStatus limit) {
        return new JsonObject()
                .put("state", state(limit.isLimited() && limit.isOpen()))
                .put("limit", limit.isLimited() ? limit.most() : null)
                .put("used", limit.used())
                .put("overflowsTotal", limit.overflows());
    }

    private static String state(boolean open) {
        return open ? "open" : "closed";
    }

    private static @Nullable JsonObject outliers(ClusterStatus.@Nullable OutlierStatus outliers) {
        return outliers == null
                ? null
                : new JsonObject()
                        .put("ejected", outliers.ejected())
                        .put("ejectionsTotal", outliers.ejectionsTotal())
                        .put("notEjectedTotal", outliers.notEjectedTotal())
                        .put("belowMinHealth", outliers.panicking());
    }

    private static JsonObject endpoint(ClusterStatus.EndpointStatus endpoint, Instant now) {
        JsonArray addresses = new JsonArray();
        endpoint.addresses().forEach(address -> addresses.add(address.toString()));
        JsonObject json = new JsonObject()
                .put("address", endpoint.spec().address())
                .put("port", endpoint.spec().port())
                .put(
                        "labels",
                        new JsonObject(new LinkedHashMap<>(endpoint.spec().labels())))
                .put("weight", endpoint.spec().weight())
                .put("resolved", addresses)
                .put("available", endpoint.available())
                .put("requestsActive", endpoint.requestsActive())
                .put("requestsTotal", endpoint.requestsTotal())
                .put("errorsTotal", endpoint.errorsTotal())
                .put("failuresTotal", endpoint.failuresTotal());
        ClusterStatus.HealthStatus health = endpoint.health();
        if (health != null) {
            Duration left = health.ejectedFor();
            json.put("healthCheckFailed", health.checkFailed())
                    .put("ejectedUntil", left == null ? null : now.plus(left).toString())
                    .put("ejectionsTotal", health.ejections());
        }
        return json;
    }

    static ClusterMetrics.Sample sample(Cluster cluster) {
        ClusterStatus status = cluster.status();
        ClusterStatus.OutlierStatus outliers = status.outliers();
        int available = (int) status.endpoints().stream()
                .filter(ClusterStatus.EndpointStatus::available)
                .count();
        return new ClusterMetrics.Sample(
                cluster.name(),
                cluster.counters.sinceMillis,
                status.endpoints().size(),
                available,
                status.requestsActive(),
                status.requestsTotal(),
                status.connectionsTotal(),
                status.connectFailures(),
                status.noEndpointTotal(),
                new ClusterMetrics.Sample.Resilience(
                        outliers == null ? 0 : outliers.ejected(),
                        outliers == null ? 0 : outliers.ejectionsTotal(),
                        status.circuit().isOpen() ? 1 : 0,
                        status.circuit().connections().overflows(),
                        status.circuit().pendingRequests().overflows(),
                        status.circuit().requests().overflows(),
                        status.circuit().retryOverflows()));
    }
}
