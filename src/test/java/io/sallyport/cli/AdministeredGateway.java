package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.sallyport.admin.AdminServer;
import io.sallyport.admin.LogLevels;
import io.sallyport.admin.Readiness;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.GatewayTelemetry;
import io.sallyport.runtime.LiveFigures;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.runtime.settings.SettingsView;
import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.HandshakeMetrics;
import io.sallyport.telemetry.HistogramBounds;
import io.sallyport.telemetry.InstanceLabels;
import io.sallyport.telemetry.LiveTraffic;
import io.sallyport.telemetry.PolicyMetrics;
import io.sallyport.telemetry.RecentRequests;
import io.sallyport.telemetry.RequestMetrics;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A gateway with an admin port, as `serve` puts it together, but for the access log.
final class AdministeredGateway implements AutoCloseable {
    final int mesh = BuiltProgram.freePort();
    final Exposition metrics =
            new Exposition(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), System::currentTimeMillis);
    private final EgressTelemetry egress;
    private final GatewayProcess process;
    private final AdminServer admin;
    private final Drain drain;

    /// @param directory of its configuration
    /// @param more settings
    AdministeredGateway(Vertx vertx, Path directory, Map<String, String> more) throws Exception {
        Map<String, String> values = new HashMap<>(Map.of(
                "sallyport.config.dir", directory.toString(),
                "sallyport.secrets.dir", directory.resolve("none").toString(),
                "sallyport.event-loops", "2",
                "sallyport.mesh.enabled", "true",
                "sallyport.mesh.port", Integer.toString(mesh)));
        values.putAll(more);
        Settings settings = SettingsLoader.load(values);
        egress = EgressTelemetry.start(settings, metrics);
        HistogramBounds bounds = SettingsView.histogramBounds(settings.metrics());
        var counted = new RequestMetrics(
                InstanceLabels.of(Map.of(), "default", "Kubernetes"),
                new RequestMetrics.Limits(1_000, 10),
                bounds,
                List::of);
        var policies = new PolicyMetrics();
        var traffic = new LiveTraffic(bounds, System::nanoTime);
        var recent = new RecentRequests(settings.admin().recentRequests());
        process = new GatewayProcess(
                vertx,
                settings,
                new GatewayTelemetry(
                        egress.observer()
                                .and(counted)
                                .and(policies)
                                .and(traffic)
                                .and(recent),
                        new ConfigurationMetrics(new SimpleMeterRegistry()),
                        HandshakeMetrics.unread(),
                        egress.usage(),
                        new LiveFigures(traffic, policies, recent),
                        null,
                        null,
                        null));
        process.start();
        var readiness = new Readiness();
        readiness.serving();
        drain = new Drain(readiness, process, Duration.ZERO, Duration.ofMinutes(1));
        admin = new AdminServer(
                vertx, 0, process.adminView(), readiness, drain, new LogLevels(Clock.systemUTC(), (_, _) -> () -> {}));
    }

    String ask(String url, String host) throws Exception {
        return RawClient.exchange(mesh, "GET " + url + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    JsonObject report() throws Exception {
        String answer = RawClient.exchange(
                admin.port(), "GET /egress HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        return new JsonObject(answer.substring(answer.indexOf("\r\n\r\n")));
    }

    /// What the admin port answers to a request without a body.
    ///
    /// @param start method and path
    String admin(String start) throws Exception {
        return RawClient.exchange(
                admin.port(), start + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }

    String url() {
        return "http://127.0.0.1:" + admin.port();
    }

    /// What the signal to stop does; returns when the process would end.
    void stop() {
        drain.stop();
    }

    @Override
    public void close() {
        admin.close();
        process.close();
        egress.close();
    }
}
