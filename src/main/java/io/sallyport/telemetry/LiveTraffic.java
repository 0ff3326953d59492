package io.sallyport.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What requests of virtual hosts, routes and destinations are like, counted while somebody asks. Where nobody does, a
/// request costs a look at the clock's last word.
public final class LiveTraffic implements RequestObserver {
    /// What one event loop counts by; where there is more, over many generations, it begins anew.
    private static final int MOST_KEYS = 100_000;
    /// It counts for as long after somebody has asked.
    private static final long WATCHED = TimeUnit.SECONDS.toNanos(60);

    private static final double NANOS_PER_MILLI = 1e6;

    /// What requests are counted by.
    public sealed interface Key {}

    /// @param domain `*.example.com`
    /// @param port of the Gateway, or the one that a mesh client has asked for
    public record HostKey(String domain, int port) implements Key {}

    /// @param virtualService `namespace/name`
    /// @param name null where it has none
    /// @param index in the VirtualService's `http` list
    public record RouteKey(String virtualService, @Nullable String name, int index) implements Key {}

    /// @param host `payments.default.svc.cluster.local`
    /// @param subset null where there is none
    public record DestinationKey(String host, @Nullable String subset) implements Key {}

    private final Histogram durations;
    private final LongSupplier nanoTime;
    private final List<ConcurrentMap<Key, AtomicLongArray>> loops = new CopyOnWriteArrayList<>();
    /// What one event loop counts. It alone writes.
    private final FastThreadLocal<ConcurrentMap<Key, AtomicLongArray>> loop;

    private volatile long watchedUntil;

    /// @param nanoTime the clock of the facts
    public LiveTraffic(HistogramBounds bounds, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        double[] upper =
                bounds.durations().stream().mapToDouble(Double::doubleValue).toArray();
        durations = new Histogram("", "", upper, 0, 1);
        watchedUntil = nanoTime.getAsLong();
        loop = new FastThreadLocal<>() {
            @Override
            protected ConcurrentMap<Key, AtomicLongArray> initialValue() {
                var made = new ConcurrentHashMap<Key, AtomicLongArray>();
                loops.add(made);
                return made;
            }
        };
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        boolean watched = facts.startNanos + facts.durationNanos - watchedUntil < 0;
        if (!watched || facts.method.isEmpty()) {
            return;
        }
        if (facts.virtualHost != null) {
            int port = facts.egress.host() == null ? facts.client.port() : facts.egress.port();
            count(new HostKey(facts.virtualHost, port), facts);
        }
        if (facts.virtualService != null) {
            count(new RouteKey(facts.virtualService, facts.routeName, facts.routeIndex), facts);
        }
        if (facts.destination.host() != null) {
            count(new DestinationKey(facts.destination.host(), facts.destination.subset()), facts);
        }
    }

    private void count(Key key, RequestFacts facts) {
        ConcurrentMap<Key, AtomicLongArray> own = loop.get();
        AtomicLongArray cells = own.get(key);
        if (cells == null) {
            if (own.size() >= MOST_KEYS) {
                own.clear();
            }
            cells = new AtomicLongArray(durations.end() + 1);
            own.put(key, cells);
        }
        durations.record(cells, facts.durationNanos / NANOS_PER_MILLI, 0);
        if (ServerFailure.is(facts.status, RequestMetrics.grpcStatus(facts))) {
            Series.add(cells, durations.end(), 1);
        }
    }

    /// What they were like lately.
    public TrafficWindow<Key> window() {
        return new TrafficWindow<>(this::counts, durations.bounds(), nanoTime);
    }

    private Map<Key, TrafficCount> counts() {
        watchedUntil = nanoTime.getAsLong() + WATCHED;
        Map<Key, TrafficCount> counts = new HashMap<>();
        for (ConcurrentMap<Key, AtomicLongArray> each : loops) {
            each.forEach((key, cells) -> counts.merge(
                    key,
                    new TrafficCount(durations.buckets(cells), cells.getOpaque(durations.end())),
                    TrafficCount::plus));
        }
        return counts;
    }
}
