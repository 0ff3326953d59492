package io.sallyport.testing;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.discovery.MeshDiscovery;
import io.sallyport.egress.EgressUsage;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.GatewayTelemetry;
import io.sallyport.runtime.LiveFigures;
import io.sallyport.runtime.settings.SettingsException;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.HandshakeMetrics;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.Map;

/// Makes gateways that watch their directories, as a serving process does, within the test's process. They share one
/// Vert.x, which lives as long as the test's JVM.
public final class TestProcess {
    private static final Vertx VERTX = Vertx.vertx();
    private static final int MOST_ENTRIES = 200;

    private TestProcess() {}

    public static GatewayProcess create(MeterRegistry metrics, Map<String, String> settings) throws SettingsException {
        return new GatewayProcess(VERTX, SettingsLoader.load(settings), telemetry(metrics));
    }

    /// @param discovery closed with the process
    public static GatewayProcess create(MeterRegistry metrics, Map<String, String> settings, MeshDiscovery discovery)
            throws SettingsException {
        return new GatewayProcess(VERTX, SettingsLoader.load(settings), telemetry(metrics), discovery);
    }

    public static GatewayTelemetry telemetry(MeterRegistry metrics) {
        return new GatewayTelemetry(
                RequestObserver.NONE,
                new ConfigurationMetrics(metrics),
                new HandshakeMetrics(metrics),
                new EgressUsage(Clock.systemUTC(), MOST_ENTRIES),
                LiveFigures.NONE,
                null,
                null,
                null);
    }
}
