package io.sallyport.otlp;

import io.netty.buffer.ByteBuf;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.identity.CredentialException;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.MetricSource;
import io.sallyport.telemetry.MetricWriter;
import io.sallyport.telemetry.ThreadEnd;
import io.sallyport.upstream.UpstreamLoop;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Sends all metrics to a collector at an interval, and for the last time when the gateway ends. A thread of its own
/// writes them, and waits until the collector has taken each request: a collector that is away, slow or refuses
/// costs data points, which are counted, and the next interval says all of it again.
public final class MetricExport implements MetricSource, AutoCloseable {
    private static final Logger LOG = System.getLogger(MetricExport.class.getName());
    private static final String METHOD = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    /// Of a resource (OpenTelemetry's conventions). Two instances with the same would be one series.
    private static final String INSTANCE_ID = "service.instance.id";

    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Resource resource;
    private final Exposition exposition;
    private final CollectorEndpoint endpoint;
    private final long intervalNanos;
    private final long longestNanos;
    private volatile @Nullable Thread thread;
    private volatile @Nullable BatchSender sender;
    private volatile @Nullable Cluster cluster;
    private volatile boolean closing;
    /// Rises with each request that the collector has taken.
    private volatile long progress;
    /// When the export under way has to end.
    private long end;
    /// After that it tries nothing again.
    private long lastTry;

    /// When metrics are exported.
    ///
    /// @param interval from one export to the next
    /// @param longest time of one export; what is left out, the next one says
    public record Times(Duration interval, Duration longest) {}

    /// @param instance who reports; where its attributes have no `service.instance.id`, it gets one of its own
    public MetricExport(Instance instance, Exposition exposition, CollectorEndpoint endpoint, Times times) {
        resource = instance.resource(Map.of(INSTANCE_ID, UUID.randomUUID().toString()));
        this.exposition = exposition;
        this.endpoint = endpoint;
        intervalNanos = times.interval.toNanos();
        longestNanos = times.longest.toNanos();
    }

    /// Begins; the first export follows after an interval.
    ///
    /// @param loop that calls the collector
    /// @throws CredentialException if the authorities of the collector cannot be read
    public void start(UpstreamLoop loop, ClusterRegistry.Maker clusters) throws CredentialException {
        Cluster made = clusters.create(endpoint.spec(), null);
        cluster = made;
        Destination to = new Destination(endpoint.collector(), made);
        BatchSender sending =
                new BatchSender("Data points", () -> to.within(timeLeft()), new Delivery(loop, METHOD), this::hasTime);
        sender = sending;
        thread = Thread.ofPlatform().daemon().name("sallyport-metric-export").start(() -> run(sending));
    }

    private void run(BatchSender sending) {
        long due = System.nanoTime() + intervalNanos;
        boolean last = false;
        while (!last) {
            await(due);
            last = closing;
            export(sending);
            // What is late is left out.
            due += (Math.max(0, System.nanoTime() - due) / intervalNanos + 1) * intervalNanos;
        }
    }

    private void await(long due) {
        for (long left = due - System.nanoTime(); left > 0 && !closing; left = due - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    private Duration timeLeft() {
        return Duration.ofNanos(Math.max(SHORTEST_NANOS, end - System.nanoTime()));
    }

    /// Beyond the interval, the next export says the same again.
    private boolean hasTime(long millis) {
        return !closing && System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis) - lastTry < 0;
    }

    private void export(BatchSender sending) {
        long now = System.nanoTime();
        end = now + longestNanos;
        lastTry = now + Math.min(intervalNanos, longestNanos);
        MetricRequests requests = new MetricRequests(
                resource,
                TimeUnit.MILLISECONDS.toNanos(
                        ManagementFactory.getRuntimeMXBean().getStartTime()),
                () -> TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()),
                new Requests(sending));
        try {
            exposition.write(requests);
            requests.finish();
        } catch (IOException | RuntimeException defect) {
            LOG.log(Level.ERROR, "The metrics cannot be exported", defect);
        }
        sending.complain(0);
    }

    private final class Requests implements MetricRequests.Taker {
        private final BatchSender sending;

        Requests(BatchSender sending) {
            this.sending = sending;
        }

        /// Where the collector is away, it is so for all that follow.
        @Override
        public boolean take(ByteBuf message, int points) {
            if (System.nanoTime() - end >= 0) {
                sending.lose(points, "an export took longer than it may");
                return false;
            }
            Delivery.Result result = sending.send(message, points);
            if (result.failure() == null) {
                progress = progress + 1;
            }
            return !result.passing();
        }

        @Override
        public void skip(int points) {
            sending.lose(points);
        }
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        BatchSender sending = sender;
        if (sending != null) {
            out.family(
                    "sallyport_metric_points",
                    MetricWriter.Type.COUNTER,
                    "Data points of metrics, by what became of them on their way to the collector.");
            sending.write(out::labels);
        }
    }

    /// Has the last state sent, without waiting for that.
    public void beginClose() {
        closing = true;
        LockSupport.unpark(thread);
    }

    /// Sends the last state, for a few seconds at most. Must come before the event loops end.
    @Override
    public void close() {
        beginClose();
        Thread running = thread;
        if (running != null) {
            ThreadEnd.await(running, () -> progress);
        }
        Cluster made = cluster;
        if (made != null) {
            made.close();
        }
    }
}
