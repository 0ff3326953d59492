package io.sallyport.cli;

import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.sallyport.admin.Readiness;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.MetricFormat;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// A serving gateway as a process of its own, without Quarkus: for every line of its input it prints what a scrape
/// would get, and ends with its input.
public final class MetricsProcess {
    /// After the metrics.
    public static final String END = "# END";

    private MetricsProcess() {}

    public static void main(String... args) throws Exception {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        // As Quarkus binds them.
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        var metrics = new Exposition(registry, System::currentTimeMillis);
        var ended = new CountDownLatch(1);
        var stop = new Serving.Stop() {
            @Override
            public void request() {
                ended.countDown();
            }

            @Override
            public void await() {
                try {
                    ended.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        var serving = new Serving(Vertx.vertx(), metrics, new Readiness(), GatewayProcess::new, stop, System.err);
        System.exit(serving.run(
                SettingsLoader.load(Map.of()), () -> Thread.ofPlatform().start(() -> answer(metrics, stop))));
    }

    private static void answer(Exposition metrics, Serving.Stop stop) {
        try (var input = new BufferedReader(new InputStreamReader(System.in))) {
            while (input.readLine() != null) {
                metrics.write(MetricFormat.TEXT, System.out);
                System.out.println(END);
            }
        } catch (java.io.IOException e) {
            System.err.println(e);
        } finally {
            stop.request();
        }
    }
}
