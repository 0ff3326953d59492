package io.sallyport.otlp;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.FactsQueue;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is on its way to one collector. Its thread makes spans or log records, encodes a batch and waits until the
/// collector has taken it; meanwhile the next ones wait in the queue, as far as there is room.
final class CollectorQueue implements FactsQueue.Taker, AutoCloseable {
    private static final Duration GATHERING = Duration.ofMillis(100);
    private static final int BATCH = 512;
    /// Bytes after which a batch is sent, so that it is larger by one span or record at most. By default, collectors
    /// accept 4 MiB by gRPC.
    private static final int BATCH_BYTES = 1 << 20;

    private final Signal signal;
    private final BatchSender sender;
    private final FactsQueue queue;
    private final Batch batch = new Batch();

    /// @param destination null while there is none
    CollectorQueue(Signal signal, int capacity, Supplier<@Nullable Destination> destination, UpstreamLoop loop) {
        this.signal = signal;
        queue = new FactsQueue(signal.thread(), capacity, GATHERING, this);
        sender = new BatchSender(
                signal.title(), destination, new Delivery(loop, signal.method()), _ -> !queue.isClosing());
    }

    void start() {
        queue.start();
    }

    void offer(RequestFacts facts) {
        queue.offer(facts);
    }

    /// What became of spans or records that were sent.
    BatchSender sender() {
        return sender;
    }

    /// Requests that were lost because the collector did not keep up.
    long dropped() {
        return queue.dropped();
    }

    @Override
    public void take(RequestFacts facts) {
        try {
            signal.addTo(batch, facts);
        } catch (RuntimeException defect) {
            sender.lose(1, "it cannot be encoded: " + defect);
            sender.complain(queue.dropped());
        }
        if (batch.count() >= BATCH || batch.size() >= BATCH_BYTES) {
            flush();
        }
    }

    @Override
    public void flush() {
        if (batch.count() == 0) {
            return;
        }
        sender.send(batch.message(), batch.count());
        batch.clear();
        sender.complain(queue.dropped());
    }

    /// Lets it end, without waiting for that.
    void beginClose() {
        queue.beginClose();
    }

    @Override
    public void close() {
        queue.close();
    }
}
