package io.sallyport.otlp;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.MetricWriter;
import io.sallyport.telemetry.MetricWriter.Type;
import io.sallyport.upstream.UpstreamLoop;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The queues of one kind of signal: one for each collector, made when it gets something for the first time. What comes
/// before the start, or behind the close, is dropped.
final class CollectorQueues implements AutoCloseable {
    /// Providers come and go with the configuration, and each has had a thread of its own.
    private static final int MOST_QUEUES = 64;
    /// No provider's name.
    private static final String OTHERS = "(others)";

    private final int capacity;
    private final Function<String, Signal> signals;
    private final Map<String, CollectorQueue> queues = new ConcurrentHashMap<>();
    /// Requests whose collector would have been one too many.
    private final LongAdder beyond = new LongAdder();

    private volatile @Nullable Running running;
    private volatile boolean closed;

    private record Running(UpstreamLoop loop, Destinations destinations) {}

    /// Where collectors are now, by their names.
    interface Destinations {
        /// Null while there is none of that name.
        @Nullable
        Destination find(String collector);
    }

    /// @param capacity requests that may wait for each event loop, for each collector
    /// @param signals what a collector of that name gets
    CollectorQueues(int capacity, Function<String, Signal> signals) {
        this.capacity = capacity;
        this.signals = signals;
    }

    /// @param loop that calls collectors
    void start(UpstreamLoop loop, Destinations destinations) {
        running = new Running(loop, destinations);
    }

    /// From an event loop, which it never holds up.
    void offer(String collector, RequestFacts facts) {
        Running now = running;
        if (now == null || closed) {
            return;
        }
        CollectorQueue queue = queues.get(collector);
        if (queue == null && queues.size() < MOST_QUEUES) {
            queue = queues.computeIfAbsent(collector, name -> started(name, now));
        }
        if (queue == null) {
            beyond.increment();
        } else {
            queue.offer(facts);
        }
    }

    private CollectorQueue started(String name, Running now) {
        CollectorQueue queue =
                new CollectorQueue(signals.apply(name), capacity, () -> now.destinations.find(name), now.loop);
        queue.start();
        return queue;
    }

    /// @param sent the metric that counts spans or records by their outcome
    /// @param dropped the metric that counts requests that waited in vain
    void write(MetricWriter out, String sent, String sentHelp, String dropped, String droppedHelp) throws IOException {
        if (queues.isEmpty()) {
            return;
        }
        out.family(sent, Type.COUNTER, sentHelp);
        for (Map.Entry<String, CollectorQueue> each : queues.entrySet()) {
            each.getValue().sender().write(() -> out.labels().label("collector", each.getKey()));
        }
        out.family(dropped, Type.COUNTER, droppedHelp);
        for (Map.Entry<String, CollectorQueue> each : queues.entrySet()) {
            out.labels()
                    .label("collector", each.getKey())
                    .sample(each.getValue().dropped());
        }
        if (beyond.sum() > 0) {
            out.labels().label("collector", OTHERS).sample(beyond.sum());
        }
    }

    /// Sends what is waiting, for a few seconds at most. Must come before the event loops end.
    @Override
    public void close() {
        closed = true;
        queues.values().forEach(CollectorQueue::beginClose);
        queues.values().forEach(CollectorQueue::close);
    }
}
