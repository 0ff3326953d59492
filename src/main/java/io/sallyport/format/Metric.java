package io.sallyport.format;

import org.jspecify.annotations.Nullable;

/// Istio's standard metrics, `MetricSelector.IstioMetric`.
public enum Metric {
    /// Stands for each of the others.
    ALL_METRICS("", false),
    REQUEST_COUNT("requests_total", false),
    REQUEST_DURATION("request_duration_milliseconds", false),
    REQUEST_SIZE("request_bytes", false),
    RESPONSE_SIZE("response_bytes", false),
    TCP_OPENED_CONNECTIONS("tcp_connections_opened_total", true),
    TCP_CLOSED_CONNECTIONS("tcp_connections_closed_total", true),
    TCP_SENT_BYTES("tcp_sent_bytes_total", true),
    TCP_RECEIVED_BYTES("tcp_received_bytes_total", true),
    GRPC_REQUEST_MESSAGES("request_messages_total", false),
    GRPC_RESPONSE_MESSAGES("response_messages_total", false);

    private final String customName;
    private final boolean ofConnections;

    Metric(String customName, boolean ofConnections) {
        this.customName = customName;
        this.ofConnections = ofConnections;
    }

    /// The one that `customMetric` means, which has Prometheus' name without `istio_`; null for none.
    public static @Nullable Metric custom(String name) {
        for (Metric each : values()) {
            if (each != ALL_METRICS && each.customName.equals(name)) {
                return each;
            }
        }
        return null;
    }

    /// Whether it is about connections, not about requests.
    public boolean isOfConnections() {
        return ofConnections;
    }
}
