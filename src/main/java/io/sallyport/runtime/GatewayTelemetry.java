package io.sallyport.runtime;

import io.sallyport.egress.EgressUsage;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.HandshakeMetrics;

/// Where the gateway tells what happens.
///
/// @param requests hears of every request and connection: access log and metrics
/// @param configuration is told of every reload
/// @param handshakes counts clients' connections that TLS did not let in
/// @param egress what mesh clients used and were denied; `requests` tells it, too
public record GatewayTelemetry(
        RequestObserver requests,
        ConfigurationMetrics configuration,
        HandshakeMetrics handshakes,
        EgressUsage egress) {}
