package io.sallyport.cli;

import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.quarkus.runtime.Quarkus;
import io.sallyport.admin.Readiness;
import io.sallyport.cli.runtime.GatewayRuntime;
import io.sallyport.cli.settings.Settings;
import io.sallyport.cli.settings.SettingsException;
import io.sallyport.cli.settings.SettingsLoader;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Serves until it is told to stop.
@Command(
        name = "serve",
        description = "Runs the gateway: reads the configuration directory, serves it, and follows its changes.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by SIGTERM or SIGINT, after its drain",
            "1:the first configuration cannot be served",
            "2:a setting or the command line is wrong",
        })
final class ServeCommand implements Callable<Integer> {
    static final int SETTINGS_REFUSED = 2;

    // Beans are only there where the process serves; `--help` makes this command without any.
    @Inject
    @SuppressWarnings("NullAway.Init")
    Instance<Vertx> vertx;

    @Inject
    @SuppressWarnings("NullAway.Init")
    Instance<PrometheusMeterRegistry> metrics;

    @Inject
    @SuppressWarnings("NullAway.Init")
    Instance<Readiness> readiness;

    @Inject
    @SuppressWarnings("NullAway.Init")
    Instance<GatewayRuntime.Factory> runtimes;

    @Override
    public Integer call() {
        return serve(Map.of());
    }

    /// @param fixed settings that win over all others
    int serve(Map<String, String> fixed) {
        Settings settings;
        try {
            settings = SettingsLoader.load(fixed);
        } catch (SettingsException e) {
            System.err.println(e.getMessage());
            return SETTINGS_REFUSED;
        }
        return new Serving(
                        vertx.get(), metrics.get(), readiness.get(), runtimes.get(), QuarkusStop.INSTANCE, System.err)
                .run(settings);
    }

    /// Quarkus waits in a shutdown hook until this command has returned, so the command must wait for what Quarkus
    /// waits for:
    /// a process that ends otherwise than by a signal (System.exit) would hang else.
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
