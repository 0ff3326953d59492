package io.sallyport.cli;

import io.micrometer.core.instrument.FunctionCounter;
import io.sallyport.admin.AdminServer;
import io.sallyport.admin.LogLevels;
import io.sallyport.admin.Readiness;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.otlp.CollectorEndpoint;
import io.sallyport.otlp.LogExport;
import io.sallyport.otlp.MetricExport;
import io.sallyport.otlp.SpanExport;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.runtime.GatewayRuntime;
import io.sallyport.runtime.GatewayTelemetry;
import io.sallyport.runtime.LiveFigures;
import io.sallyport.runtime.StartException;
import io.sallyport.runtime.settings.AccessLogFormat;
import io.sallyport.runtime.settings.MetricExportView;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsView;
import io.sallyport.runtime.settings.TracingView;
import io.sallyport.telemetry.AccessLog;
import io.sallyport.telemetry.AuthorizerMetrics;
import io.sallyport.telemetry.ClusterMetrics;
import io.sallyport.telemetry.ConfigurationMetrics;
import io.sallyport.telemetry.DiscoveryMetrics;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.HandshakeMetrics;
import io.sallyport.telemetry.InstanceLabels;
import io.sallyport.telemetry.KeyMetrics;
import io.sallyport.telemetry.ListenerMetrics;
import io.sallyport.telemetry.LiveTraffic;
import io.sallyport.telemetry.MirrorMetrics;
import io.sallyport.telemetry.PolicyMetrics;
import io.sallyport.telemetry.ProcessMetrics;
import io.sallyport.telemetry.RecentRequests;
import io.sallyport.telemetry.RequestMetrics;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The life of a serving process from its settings to its exit code.
final class Serving {
    static final int STOPPED = 0;
    static final int CONFIGURATION_REFUSED = 1;

    /// Beyond the grace, for closing what has been drained.
    private static final Duration CLOSING = Duration.ofSeconds(5);
    /// After which what has been needed for the start alone is given back.
    private static final Duration SETTLED = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Exposition metrics;
    private final Readiness readiness;
    private final GatewayRuntime.Factory runtimes;
    private final Stop stop;
    private final PrintStream err;
    private volatile Supplier<Collection<String>> clusters = List::of;

    /// How the process is asked to end.
    interface Stop {
        /// Asks for the end; any thread may.
        void request();

        /// Waits until somebody has.
        void await();
    }

    Serving(
            Vertx vertx,
            Exposition metrics,
            Readiness readiness,
            GatewayRuntime.Factory runtimes,
            Stop stop,
            PrintStream err) {
        this.vertx = vertx;
        this.metrics = metrics;
        this.readiness = readiness;
        this.runtimes = runtimes;
        this.stop = stop;
        this.err = err;
    }

    /// Serves until the process is asked to stop; returns its exit code.
    ///
    /// @param whenServing called once, as soon as requests are served
    int run(Settings settings, Runnable whenServing) {
        FunctionCounter.builder("sallyport.log.dropped", this, _ -> StandardStreams.dropped())
                .description("Messages of the log that were lost because nobody read them in time.")
                .register(metrics.registry());
        try (AccessLog accessLog = accessLog(settings);
                EgressTelemetry egress = EgressTelemetry.start(settings, metrics)) {
            GatewayTelemetry telemetry = telemetry(settings, accessLog, egress);
            return serve(settings, runtimes.create(vertx, settings, telemetry), whenServing);
        }
    }

    private int serve(Settings settings, GatewayRuntime runtime, Runnable whenServing) {
        Thread classes = PathClasses.load(settings.health().port());
        clusters = () -> runtime.clusterSamples().stream()
                .map(ClusterMetrics.Sample::cluster)
                .toList();
        ClusterMetrics.register(metrics, runtime::clusterSamples);
        ListenerMetrics.register(metrics, runtime::listenerSamples);
        ProcessMetrics.build(metrics.registry(), Version.number());
        ProcessMetrics.loopDelay(metrics.registry(), runtime::loopDelay);
        if (runtime.discoverySample() != null) {
            DiscoveryMetrics.register(metrics.registry(), () -> Objects.requireNonNull(runtime.discoverySample()));
        }
        readiness.completeWhen(runtime::isComplete);
        Duration grace = settings.drain().grace();
        var drain = new Drain(readiness, runtime, settings.drain().delay(), grace);
        try (AdminServer admin =
                new AdminServer(vertx, settings.admin().port(), runtime.adminView(), readiness, drain, levels())) {
            runtime.start();
            await(classes);
            readiness.blockedBy(runtime::blockedMillis, settings.health().maxBlocked());
            DescriptorLimit.ofProcess().measure();
            HeapGrowth.watch(vertx, () -> isIdle(runtime));
            readiness.serving();
            listenForStop(grace);
            err.println(startLine(runtime, admin));
            whenServing.run();
            vertx.setTimer(
                    SETTLED.toMillis(), _ -> vertx.executeBlocking(Executors.callable(StartMemory::giveBack), false));
            stop.await();
            drain.stop();
            return STOPPED;
        } catch (StartException e) {
            // In one write, so that the queue takes or drops it as a whole.
            err.writeBytes("%s\nThe configuration in %s cannot be served.\n"
                    .formatted(String.join("\n", e.problems()), place(settings))
                    .getBytes(err.charset()));
            return CONFIGURATION_REFUSED;
        } catch (IOException e) {
            err.println(e.getMessage());
            return CONFIGURATION_REFUSED;
        } finally {
            runtime.close();
        }
    }

    /// From now on there is something to bring to an end.
    private void listenForStop(Duration grace) {
        StopSignals.install(
                () -> {
                    haltAfter(grace.plus(CLOSING));
                    stop.request();
                },
                Runtime.getRuntime()::halt);
    }

    private static boolean isIdle(GatewayRuntime runtime) {
        return runtime.listenerSamples().stream().allMatch(listener -> listener.connectionsActive() == 0);
    }

    private LogLevels levels() {
        return new LogLevels(Clock.systemUTC(), (delay, task) -> {
            long timer = vertx.setTimer(
                    delay.toMillis(),
                    _ -> vertx.executeBlocking(
                            () -> {
                                task.run();
                                return delay;
                            },
                            false));
            return () -> vertx.cancelTimer(timer);
        });
    }

    static void await(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String place(Settings settings) {
        String files = settings.discovery()
                .configMap()
                .map(name -> "configmap " + name)
                .orElseGet(() -> settings.config().dir().toString());
        return settings.discovery().resources() ? files + " and the Kubernetes API" : files;
    }

    // By the uptime: the process's start time is, on Linux, only known to a second. And without a Formatter, which
    // reads the locale's digits first: a fiftieth of the start.
    private static String startLine(GatewayRuntime runtime, AdminServer admin) {
        return new Version().getVersion()[0]
                + ": generation "
                + runtime.generation()
                + ", listening on "
                + (runtime.listeners().isEmpty() ? "nothing" : String.join(", ", runtime.listeners()))
                + "; admin on 127.0.0.1:"
                + admin.port()
                + "; started in "
                + ManagementFactory.getRuntimeMXBean().getUptime()
                + " ms";
    }

    private GatewayTelemetry telemetry(Settings settings, @Nullable AccessLog accessLog, EgressTelemetry egress) {
        var instance = InstanceLabels.of(SettingsView.labels(settings), settings.namespace(), settings.clusterId());
        var counted = new RequestMetrics(
                instance,
                new RequestMetrics.Limits(
                        settings.metrics().maxSeries(), settings.metrics().maxLabelValues()),
                SettingsView.histogramBounds(settings.metrics()),
                () -> clusters.get());
        var mirrored = new MirrorMetrics(() -> clusters.get());
        metrics.add(counted);
        var policies = new PolicyMetrics();
        var authorizers = new AuthorizerMetrics();
        var keys = new KeyMetrics(System::nanoTime);
        metrics.add(mirrored);
        metrics.add(policies);
        metrics.add(authorizers);
        metrics.add(keys);
        RequestObserver requests =
                counted.and(mirrored).and(policies).and(authorizers).and(keys);
        if (settings.mesh().enabled()) {
            requests = requests.and(egress.observer());
        }
        LiveTraffic traffic = new LiveTraffic(SettingsView.histogramBounds(settings.metrics()), System::nanoTime);
        requests = requests.and(traffic);
        int most = settings.admin().recentRequests();
        RecentRequests recent = most == 0 ? null : new RecentRequests(most);
        if (recent != null) {
            requests = requests.and(recent);
        }
        SpanExport spans = spans(settings);
        if (spans != null) {
            metrics.add(spans);
            requests = requests.and(spans);
        }
        LogExport logs = null;
        if (accessLog != null) {
            logs = new LogExport(
                    TracingView.instance(settings), settings.accessLog().queue());
            metrics.add(logs);
            requests = requests.and(accessLog).and(logs);
        }
        return new GatewayTelemetry(
                requests,
                new ConfigurationMetrics(metrics.registry()),
                new HandshakeMetrics(metrics.registry()),
                egress.usage(),
                new LiveFigures(traffic, policies, recent),
                spans,
                logs,
                metricExport(settings));
    }

    private @Nullable MetricExport metricExport(Settings settings) {
        CollectorEndpoint collector = MetricExportView.collector(settings);
        if (collector == null) {
            return null;
        }
        MetricExport export =
                new MetricExport(TracingView.instance(settings), metrics, collector, MetricExportView.times(settings));
        metrics.add(export);
        return export;
    }

    private static @Nullable SpanExport spans(Settings settings) {
        return settings.tracing().disabled()
                ? null
                : new SpanExport(
                        TracingView.instance(settings), settings.tracing().queue(), TracingView.collector(settings));
    }

    private @Nullable AccessLog accessLog(Settings settings) {
        if (!settings.accessLog().enabled()) {
            return null;
        }
        AccessLog log = AccessLog.start(
                settings.accessLog().format() == AccessLogFormat.JSON ? AccessLog.Format.JSON : AccessLog.Format.TEXT,
                settings.accessLog().queue(),
                AccessLog.file(settings.accessLog().file()));
        FunctionCounter.builder("sallyport.access.log.dropped", log, AccessLog::dropped)
                .description("Lines of the access log that were lost.")
                .register(metrics.registry());
        return log;
    }

    /// Something that does not end must not keep the process.
    private static void haltAfter(Duration longest) {
        Thread.ofPlatform().daemon().name("sallyport-end").start(() -> {
            try {
                Thread.sleep(longest);
                Runtime.getRuntime().halt(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }
}
