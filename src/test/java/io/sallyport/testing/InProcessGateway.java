package io.sallyport.testing;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import io.sallyport.cluster.EndpointFeed;
import io.sallyport.cluster.dns.DnsSettings;
import io.sallyport.cluster.dns.NameResolution;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.CredentialException;
import io.sallyport.otlp.LogExport;
import io.sallyport.otlp.MetricExport;
import io.sallyport.otlp.SpanExport;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.reload.DiscoveredFeed;
import io.sallyport.reload.Reloader;
import io.sallyport.runtime.DataPlane;
import io.sallyport.runtime.DataPlaneOptions;
import io.sallyport.runtime.settings.MetricExportView;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsView;
import io.sallyport.runtime.settings.TracingView;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.HandshakeMetrics;
import io.sallyport.telemetry.InstanceLabels;
import io.sallyport.telemetry.RequestMetrics;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.PoolUsage;
import io.sallyport.upstream.UpstreamLoop;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A gateway in the test's process, which can be looked into.
final class InProcessGateway extends TestGateway {
    private static final int MOST_RECORDS = 1024;
    private static final Duration WARM_UP = Duration.ofSeconds(3);

    private final Vertx vertx;
    private final DataPlane dataPlane;
    private final ConcurrentLinkedQueue<RequestFacts> facts = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> mirrored = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> authorizations = new ConcurrentLinkedQueue<>();
    private final MeterRegistry metrics = new SimpleMeterRegistry();
    private final SpanExport spans;
    private final LogExport logs;
    private final MetricExport metricExport;

    InProcessGateway(GatewayBuilder builder) throws IOException {
        super(builder);
        spans = builder.tracing.isEmpty() ? null : spans(builder.settings());
        logs = new LogExport(TracingView.instance(builder.settings()), MOST_RECORDS);
        RequestObserver recorder =
                new RequestRecorder(facts, mirrored, authorizations).and(logs).and(builder.observer);
        if (builder.metricExport.isEmpty()) {
            metricExport = null;
        } else {
            RequestMetrics counted = counted(builder.settings());
            metricExport = metricExport(builder.settings(), counted);
            recorder = recorder.and(counted);
        }
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(builder.eventLoops));
        dataPlane = new DataPlane(
                vertx,
                new DataPlaneOptions(
                        builder.eventLoops,
                        builder.listeners,
                        builder.proxy,
                        HttpLimits.DEFAULT,
                        builder.dns,
                        spans == null ? recorder : recorder.and(spans),
                        new HandshakeMetrics(metrics)),
                source,
                new DiscoveredFeed(builder.catalog, "cluster.local"),
                Clock.systemUTC());
        logs.start(dataPlane.upstreamLoops().getFirst(), dataPlane::current);
        try {
            startExports();
        } catch (CredentialException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static RequestMetrics counted(Settings settings) {
        return new RequestMetrics(
                InstanceLabels.UNKNOWN,
                new RequestMetrics.Limits(MOST_RECORDS, 1),
                SettingsView.histogramBounds(settings.metrics()),
                List::of);
    }

    private static MetricExport metricExport(Settings settings, RequestMetrics counted) {
        Exposition exposition = new Exposition(Exposition.emptyRegistry(), System::currentTimeMillis);
        MetricExport export = new MetricExport(
                TracingView.instance(settings),
                exposition,
                MetricExportView.collector(settings),
                MetricExportView.times(settings));
        exposition.add(counted);
        exposition.add(export);
        return export;
    }

    private static SpanExport spans(Settings settings) {
        return new SpanExport(
                TracingView.instance(settings), settings.tracing().queue(), TracingView.collector(settings));
    }

    private void startExports() throws CredentialException {
        EventLoop loop = dataPlane.eventLoops().getFirst();
        UpstreamLoop calls = dataPlane.upstreamLoops().getFirst();
        ClusterFactory clusters = new ClusterFactory(new NameResolution(loop, DnsSettings.DEFAULT), EndpointFeed.NONE);
        if (spans != null) {
            spans.start(calls, clusters, dataPlane::current);
        }
        if (metricExport != null) {
            metricExport.start(calls, clusters);
        }
    }

    @Override
    TestGateway serve(String yaml) {
        Reloader.Outcome outcome = apply(yaml);
        if (!outcome.applied()) {
            close();
            throw new AssertionError("refused: " + outcome.failure() + "\n" + outcome.problems());
        }
        return this;
    }

    @Override
    public Reloader.Outcome reload() {
        return dataPlane.reload(WARM_UP);
    }

    @Override
    public long generation() {
        return dataPlane.current().generation();
    }

    @Override
    public List<RequestFacts> facts() {
        return List.copyOf(facts);
    }

    @Override
    public List<PoolUsage> usage() {
        List<PoolUsage> usage = new ArrayList<>();
        for (UpstreamLoop loop : dataPlane.upstreamLoops()) {
            usage.addAll(loop.usage().toCompletableFuture().join());
        }
        return usage;
    }

    @Override
    public void assumeSeen(String what) {
        // It is.
    }

    @Override
    public DataPlane dataPlane() {
        return dataPlane;
    }

    @Override
    public List<String> mirrored() {
        return List.copyOf(mirrored);
    }

    @Override
    public List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    @Override
    public MeterRegistry metrics() {
        return metrics;
    }

    @Override
    public ListenerSnapshot listener(int gatewayPort) {
        return dataPlane.current().listeners().get(new BindAddress("0.0.0.0", port(gatewayPort)));
    }

    @Override
    public void close() {
        if (spans != null) {
            spans.close();
        }
        logs.close();
        if (metricExport != null) {
            metricExport.close();
        }
        dataPlane.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
