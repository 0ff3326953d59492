package io.sallyport.telemetry;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// The last requests and connections that have ended, and counts by route, for whoever looks at the gateway. Event
/// loops
/// only put facts into a [FactsQueue]; all else is done on its thread, which may lag behind and lose some.
public final class RecentRequests implements RequestObserver, AutoCloseable {
    private static final Duration GATHERING = Duration.ofMillis(50);
    private static final int WAITING = 4096;
    /// Of all texts that are kept, characters.
    private static final long MOST_WEIGHT = 4 << 20;
    /// Routes that are counted; where there are more, over many generations, counting begins anew.
    private static final int MOST_ROUTES = 50_000;

    private static final double NANOS_PER_MILLI = 1e6;

    /// @param virtualService `namespace/name`
    /// @param name null where it has none
    /// @param index in the VirtualService's `http` list
    public record RouteKey(String virtualService, @Nullable String name, int index) {}

    private final int most;
    private final Histogram durations;
    private final double[] bounds;
    private final Map<RouteKey, AtomicLongArray> routes = new ConcurrentHashMap<>();
    private final FactsQueue queue;
    /// Guards itself and the weight.
    private final Deque<RequestFacts> last = new ArrayDeque<>();

    private long weight;

    private RecentRequests(int most, HistogramBounds bounds) {
        this.most = most;
        this.bounds =
                bounds.durations().stream().mapToDouble(Double::doubleValue).toArray();
        durations = new Histogram("", "", this.bounds, 0, 1);
        queue = new FactsQueue("sallyport-recent-requests", WAITING, GATHERING, new FactsQueue.Taker() {
            @Override
            public void take(RequestFacts facts) {
                keep(facts);
                count(facts);
            }

            @Override
            public void flush() {}
        });
    }

    /// Starts the thread that keeps them.
    ///
    /// @param most that are kept
    public static RecentRequests start(int most, HistogramBounds bounds) {
        var recent = new RecentRequests(most, bounds);
        recent.queue.start();
        return recent;
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        queue.offer(facts);
    }

    private void keep(RequestFacts facts) {
        synchronized (last) {
            last.addFirst(facts);
            weight += facts.weight();
            while (last.size() > most || weight > MOST_WEIGHT) {
                weight -= last.removeLast().weight();
            }
        }
    }

    private void count(RequestFacts facts) {
        if (facts.virtualService == null || facts.method.isEmpty()) {
            return;
        }
        var key = new RouteKey(facts.virtualService, facts.routeName, facts.routeIndex);
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

    /// The newest first.
    public List<RequestFacts> latest() {
        synchronized (last) {
            return new ArrayList<>(last);
        }
    }

    /// What routes were like lately.
    public TrafficWindow<RouteKey> traffic() {
        return new TrafficWindow<>(this::counts, bounds, System::nanoTime);
    }

    private Map<RouteKey, TrafficCount> counts() {
        Map<RouteKey, TrafficCount> counts = new HashMap<>();
        routes.forEach((route, cells) ->
                counts.put(route, new TrafficCount(durations.buckets(cells), cells.getOpaque(durations.end()))));
        return counts;
    }

    @Override
    public void close() {
        queue.close();
    }
}
