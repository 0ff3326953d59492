package io.sallyport.cli;

import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.sallyport.admin.Readiness;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.MetricFormat;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// A serving gateway as a process of its own, without Quarkus: for every line of its input, a format and a file, it
/// writes to the file what a scrape would get, and says so. It ends with its input.
public final class MetricsProcess {
    /// Printed, among lines of the access log, when a file is written.
    public static final String WRITTEN = "# WRITTEN";

    private MetricsProcess() {}

    public static void main(String... args) throws Exception {
        var registry = Exposition.emptyRegistry();
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
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] words = line.split(" ", 2);
                try (OutputStream file = Files.newOutputStream(Path.of(words[1]))) {
                    metrics.write(MetricFormat.valueOf(words[0]), file);
                }
                System.out.println(WRITTEN);
            }
        } catch (java.io.IOException e) {
            System.err.println(e);
        } finally {
            stop.request();
        }
    }
}
