package io.sallyport.cli;

import io.quarkus.runtime.Quarkus;
import io.sallyport.admin.HealthServer;
import io.sallyport.admin.Readiness;
import io.sallyport.runtime.GatewayRuntime;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsException;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.telemetry.Exposition;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;

/// Serving inside Quarkus, which answers health checks meanwhile.
@Singleton
final class QuarkusServing {
    static final int SETTINGS_REFUSED = 2;

    private static final int START_FAILED = 1;

    private final Vertx vertx;
    private final Router router;
    private final Exposition metrics;
    private final Readiness readiness;
    private final GatewayRuntime.Factory runtimes;

    @Inject
    QuarkusServing(
            Vertx vertx, Router router, Exposition metrics, Readiness readiness, GatewayRuntime.Factory runtimes) {
        this.vertx = vertx;
        this.router = router;
        this.metrics = metrics;
        this.readiness = readiness;
        this.runtimes = runtimes;
    }

    Vertx vertx() {
        return vertx;
    }

    /// Waits until the process is asked to stop.
    void awaitStop() {
        HeapGrowth.watch(vertx, () -> false);
        StopSignals.install(QuarkusStop.INSTANCE::request, Runtime.getRuntime()::halt);
        QuarkusStop.INSTANCE.await();
    }

    /// Serves until the process is asked to stop; returns its exit code.
    ///
    /// @param fixed settings that win over all others
    /// @param whenServing called once with the settings in force, as soon as requests are served
    int serve(Map<String, String> fixed, Consumer<Settings> whenServing) {
        Settings settings;
        try {
            settings = SettingsLoader.load(fixed);
        } catch (SettingsException e) {
            System.err.println(e.getMessage());
            return SETTINGS_REFUSED;
        }
        NativeLibraries.await();
        try (HealthServer _ = HealthServer.start(vertx, settings.health().port(), router)) {
            return new Serving(vertx, metrics, readiness, runtimes, QuarkusStop.INSTANCE, System.err)
                    .run(settings, () -> whenServing.accept(settings));
        } catch (IOException e) {
            System.err.println(e.getMessage());
            return START_FAILED;
        }
    }

    /// Quarkus waits in a shutdown hook until the command has returned, so the command must wait for what Quarkus
    /// waits for: a process that ends otherwise than by a signal (System.exit) would hang else.
    private enum QuarkusStop implements Serving.Stop {
        INSTANCE;

        @Override
        public void request() {
            Quarkus.asyncExit();
        }

        @Override
        public void await() {
            Quarkus.waitForExit();
        }
    }
}
