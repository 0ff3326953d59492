package io.sallyport.runtime;

import io.sallyport.egress.EgressUsage;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.HandshakeMetrics;

/// Where the gateway reports what happens.
///
/// @param requests observes every request and connection: access log and metrics
/// @param configuration is notified of every reload
/// @param handshakes counts clients' connections whose TLS handshake failed
/// @param egress what mesh clients used and were denied; `requests` notifies it, too
public record GatewayTelemetry(
        RequestObserver requests,
        ConfigurationMetrics configuration,
        HandshakeMetrics handshakes,
        EgressUsage egress) {}
