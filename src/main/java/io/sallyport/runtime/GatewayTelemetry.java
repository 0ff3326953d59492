package io.sallyport.runtime;

import io.sallyport.egress.EgressUsage;
import io.sallyport.otlp.LogExport;
import io.sallyport.otlp.MetricExport;
import io.sallyport.otlp.SpanExport;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.HandshakeMetrics;
import org.jspecify.annotations.Nullable;

/// Where the gateway reports what happens.
///
/// @param requests observes every request and connection: access log and metrics
/// @param configuration is notified of every reload
/// @param handshakes counts clients' connections whose TLS handshake failed
/// @param egress what mesh clients used and were denied; `requests` notifies it, too
/// @param live what the admin API shows of requests; `requests` notifies it, too
/// @param spans sends spans to their collectors; `requests` notifies it, too. Null where nothing is traced
/// @param logs sends the access log to collectors likewise; null where nothing is logged
/// @param metrics sends metrics to a collector; null where nobody is to get any
public record GatewayTelemetry(
        RequestObserver requests,
        ConfigurationMetrics configuration,
        HandshakeMetrics handshakes,
        EgressUsage egress,
        LiveFigures live,
        @Nullable SpanExport spans,
        @Nullable LogExport logs,
        @Nullable MetricExport metrics) {}
