package io.sallyport.runtime;

import io.sallyport.runtime.settings.Settings;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;

/// Makes the gateway of a serving process.
@ApplicationScoped
final class GatewayProcesses implements GatewayRuntime.Factory {
    @Override
    public GatewayRuntime create(Vertx vertx, Settings settings, GatewayTelemetry telemetry) {
        return new GatewayProcess(vertx, settings, telemetry);
    }
}
