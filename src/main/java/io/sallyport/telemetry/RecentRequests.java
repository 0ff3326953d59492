package io.sallyport.telemetry;

import io.netty.util.concurrent.FastThreadLocal;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The last requests and connections that have ended, and, while somebody asks, counts by route.
///
/// An event loop puts the facts that it has anyway into a ring of its own, which nobody else writes: a few stores,
/// without a queue or a thread to wake. All else is done by whoever asks.
public final class RecentRequests implements RequestObserver {
    /// Of the texts that one event loop keeps, characters.
    private static final long MOST_WEIGHT = 1 << 20;
    /// Routes that one event loop counts; where there are more, over many generations, it begins anew.
    private static final int MOST_ROUTES = 50_000;
    /// Routes are counted for as long after somebody has asked.
    private static final long WATCHED = TimeUnit.SECONDS.toNanos(60);

    private static final double NANOS_PER_MILLI = 1e6;
    private static final Comparator<RequestFacts> BY_END =
            Comparator.comparingLong(facts -> facts.startNanos + facts.durationNanos);

    /// @param virtualService `namespace/name`
    /// @param name null where it has none
    /// @param index in the VirtualService's `http` list
    public record RouteKey(String virtualService, @Nullable String name, int index) {}

    private final int most;
    private final Histogram durations;
    private final LongSupplier nanoTime;
    private final List<Loop> loops = new CopyOnWriteArrayList<>();
    private final FastThreadLocal<Loop> loop;
    private volatile long watchedUntil;

    /// @param most that are shown
    /// @param nanoTime the clock of the facts
    public RecentRequests(int most, HistogramBounds bounds, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
        double[] upper =
                bounds.durations().stream().mapToDouble(Double::doubleValue).toArray();
        durations = new Histogram("", "", upper, 0, 1);
        watchedUntil = nanoTime.getAsLong();
        loop = new FastThreadLocal<>() {
            @Override
            protected Loop initialValue() {
                var made = new Loop();
                loops.add(made);
                return made;
            }
        };
    }

    /// What one event loop keeps. It alone writes.
    private final class Loop {
        private final AtomicReferenceArray<@Nullable RequestFacts> slots = new AtomicReferenceArray<>(most);
        private final int[] weights = new int[most];
        private final ConcurrentMap<RouteKey, AtomicLongArray> routes = new ConcurrentHashMap<>();
        private int next;
        private long weight;

        void keep(RequestFacts facts) {
            int own = facts.weight();
            weight += own - weights[next];
            weights[next] = own;
            slots.setRelease(next, facts);
            next = next + 1 == most ? 0 : next + 1;
            if (weight > MOST_WEIGHT) {
                lighten();
            }
        }

        /// Forgets the oldest; what is too heavy alone goes, too.
        private void lighten() {
            int oldest = next;
            while (weight > MOST_WEIGHT) {
                weight -= weights[oldest];
                weights[oldest] = 0;
                slots.setOpaque(oldest, null);
                oldest = oldest + 1 == most ? 0 : oldest + 1;
            }
        }

        void count(String virtualService, RequestFacts facts) {
            var key = new RouteKey(virtualService, facts.routeName, facts.routeIndex);
            AtomicLongArray cells = routes.get(key);
            if (cells == null) {
                if (routes.size() >= MOST_ROUTES) {
                    routes.clear();
                }
                cells = new AtomicLongArray(durations.end() + 1);
                routes.put(key, cells);
            }
            durations.record(cells, facts.durationNanos / NANOS_PER_MILLI, 0);
            if (ServerFailure.is(facts.status, RequestMetrics.grpcStatus(facts))) {
                Series.add(cells, durations.end(), 1);
            }
        }
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        Loop own = loop.get();
        own.keep(facts);
        boolean watched = facts.startNanos + facts.durationNanos - watchedUntil < 0;
        if (watched && facts.virtualService != null && !facts.method.isEmpty()) {
            own.count(facts.virtualService, facts);
        }
    }

    /// The newest first.
    public List<RequestFacts> latest() {
        List<RequestFacts> all = new ArrayList<>();
        for (Loop each : loops) {
            for (int slot = 0; slot < most; slot++) {
                RequestFacts facts = each.slots.getAcquire(slot);
                if (facts != null) {
                    all.add(facts);
                }
            }
        }
        all.sort(BY_END.reversed());
        return all.subList(0, Math.min(most, all.size()));
    }

    /// What routes were like lately.
    public TrafficWindow<RouteKey> traffic() {
        return new TrafficWindow<>(this::counts, durations.bounds(), nanoTime);
    }

    private Map<RouteKey, TrafficCount> counts() {
        watchedUntil = nanoTime.getAsLong() + WATCHED;
        Map<RouteKey, TrafficCount> counts = new HashMap<>();
        for (Loop each : loops) {
            each.routes.forEach((route, cells) -> counts.merge(
                    route,
                    new TrafficCount(durations.buckets(cells), cells.getOpaque(durations.end())),
                    TrafficCount::plus));
        }
        return counts;
    }
}
