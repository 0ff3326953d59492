package io.sallyport.cli.runtime;

import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.EgressUsage;
import io.sallyport.telemetry.HandshakeMetrics;
import io.sallyport.telemetry.RequestObserver;

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
