package io.sallyport.cli;

import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.sallyport.admin.AdminView;
import io.sallyport.admin.EmptyAdminView;
import io.sallyport.admin.Readiness;
import io.sallyport.runtime.GatewayRuntime;
import io.sallyport.runtime.StartException;
import io.sallyport.runtime.settings.SettingsLoader;
import io.sallyport.telemetry.ClusterMetrics;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.ListenerMetrics;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/// What [ServingTest] runs as a process of its own: the serving life around a runtime that only says what is asked of
/// it.
public final class ServingProcess {
    private ServingProcess() {}

    /// @param args how the drain behaves: `quick`, `slow` (as long as the grace), `stuck`; or `refused` for a start
    ///     that fails
    public static void main(String... args) throws Exception {
        var requested = new CountDownLatch(1);
        var stop = new Serving.Stop() {
            @Override
            public void request() {
                requested.countDown();
            }

            @Override
            public void await() {
                try {
                    requested.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        var readiness = new Readiness();
        var serving = new Serving(
                Vertx.vertx(),
                new Exposition(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), System::currentTimeMillis),
                readiness,
                (_, _, _) -> new Told(args[0], readiness),
                stop,
                System.err);
        System.exit(serving.run(SettingsLoader.load(Map.of("sallyport.admin.port", "0")), () -> {}));
    }

    private record Told(String drain, Readiness readiness) implements GatewayRuntime {
        private void say(String what) {
            System.out.println(what + " while " + readiness.state());
        }

        @Override
        public void start() throws StartException {
            say("start");
            if (drain.equals("refused")) {
                throw new StartException(List.of("a.yaml:1:1: one problem", "b.yaml:2:2: another problem"));
            }
        }

        @Override
        public long generation() {
            return 1;
        }

        @Override
        public List<String> listeners() {
            return List.of("0.0.0.0:8080", "0.0.0.0:8443");
        }

        @Override
        public int drain(Duration grace, BooleanSupplier undone) {
            say("drain " + grace.toSeconds() + "s");
            try {
                switch (drain) {
                    case "slow" -> Thread.sleep(grace);
                    case "undone" -> await(undone, System.nanoTime() + grace.toNanos());
                    case "stuck" -> Thread.sleep(Duration.ofHours(1));
                    default -> {}
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            say("drained");
            return 0;
        }

        @Override
        public int finish(Duration grace) {
            say("finish");
            return 0;
        }

        private static void await(BooleanSupplier undone, long end) throws InterruptedException {
            while (!undone.getAsBoolean() && System.nanoTime() < end) {
                Thread.sleep(Duration.ofMillis(10));
            }
        }

        @Override
        public void resume() {
            say("resume");
        }

        @Override
        public void close() {
            say("close");
        }

        @Override
        public Collection<ClusterMetrics.Sample> clusterSamples() {
            return List.of();
        }

        @Override
        public Collection<ListenerMetrics.Sample> listenerSamples() {
            return List.of();
        }

        @Override
        public long blockedMillis() {
            return 0;
        }

        @Override
        public Duration loopDelay() {
            return Duration.ZERO;
        }

        @Override
        public AdminView adminView() {
            return new EmptyAdminView();
        }
    }
}
