package io.sallyport.telemetry;

/// The formats of an exposition that Prometheus reads.
public enum MetricFormat {
    /// Prometheus' own text format, 0.0.4.
    TEXT("text/plain; version=0.0.4; charset=utf-8"),
    /// OpenMetrics 1.0.
    OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

    private final String contentType;

    MetricFormat(String contentType) {
        this.contentType = contentType;
    }

    public String contentType() {
        return contentType;
    }
}
