package io.sallyport.cli.runtime;

import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.RequestObserver;

/// Where the gateway tells what happens.
///
/// @param requests hears of every request and connection: access log and metrics
/// @param configuration is told of every reload
public record GatewayTelemetry(RequestObserver requests, ConfigurationMetrics configuration) {}
