package io.sallyport.cli.runtime;

import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.ConnectionMetrics;
import io.sallyport.telemetry.RequestObserver;

/// Where the gateway tells what happens.
///
/// @param requests hears of every request and connection: access log and metrics
/// @param configuration is told of every reload
/// @param connections counts those of clients, by listener
public record GatewayTelemetry(
        RequestObserver requests, ConfigurationMetrics configuration, ConnectionMetrics connections) {}
