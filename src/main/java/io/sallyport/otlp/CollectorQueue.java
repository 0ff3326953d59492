package io.sallyport.otlp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.FactsQueue;
import io.sallyport.upstream.UpstreamLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// What is on its way to one collector. Its thread makes spans or log records, encodes a batch and waits until the
/// collector has taken it; meanwhile the next ones wait in the queue, as far as there is room.
final class CollectorQueue implements FactsQueue.Taker, AutoCloseable {
    private static final Logger LOG = System.getLogger(CollectorQueue.class.getName());
    private static final Duration GATHERING = Duration.ofMillis(100);
    private static final int BATCH = 512;
    /// Bytes after which a batch is sent, so that it is larger by one span or record at most. By default, collectors
    /// accept 4 MiB by gRPC.
    private static final int BATCH_BYTES = 1 << 20;

    /// As OpenTelemetry's own exporters.
    private static final int TRIES = 5;

    private static final long FIRST_PAUSE_MILLIS = 1000;
    private static final double BACKOFF = 1.5;
    private static final long LOG_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Signal signal;
    private final Supplier<@Nullable Destination> destination;
    private final Delivery delivery;
    private final FactsQueue queue;
    private final Batch batch = new Batch();
    private volatile long exported;
    private volatile long failed;
    private volatile long rejected;
    private long lastLog;
    private long logged;
    private boolean everLogged;

    /// @param destination null while there is none
    CollectorQueue(Signal signal, int capacity, Supplier<@Nullable Destination> destination, UpstreamLoop loop) {
        this.signal = signal;
        this.destination = destination;
        delivery = new Delivery(loop, signal.method());
        queue = new FactsQueue(signal.thread(), capacity, GATHERING, this);
    }

    void start() {
        queue.start();
    }

    void offer(RequestFacts facts) {
        queue.offer(facts);
    }

    /// Spans or records that the collector has taken.
    long exported() {
        return exported;
    }

    /// Those that could not be sent.
    long failed() {
        return failed;
    }

    /// Those that the collector did not want.
    long rejected() {
        return rejected;
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
            failed = failed + 1;
            complain(Delivery.Result.failed("it cannot be encoded: " + defect, false));
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
        Delivery.Result result = send();
        if (result.failure() == null) {
            exported = exported + batch.count() - result.rejected();
            rejected = rejected + result.rejected();
        } else {
            failed = failed + batch.count();
        }
        batch.clear();
        complain(result);
    }

    private Delivery.Result send() {
        ByteBuf message = batch.message();
        double pause = FIRST_PAUSE_MILLIS;
        for (int i = 1; ; i++) {
            Destination to = destination.get();
            if (to == null) {
                return Delivery.Result.failed("there is no such provider, or its service is unknown", false);
            }
            Delivery.Result result =
                    delivery.send(to, to.collector().gzip() ? compressed(message) : message.retainedDuplicate());
            if (result.failure() == null || !result.passing() || i == TRIES || queue.isClosing()) {
                return result;
            }
            double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
            sleep((long) Math.max(pause * jitter, TimeUnit.SECONDS.toMillis(result.pauseSeconds())));
            pause *= BACKOFF;
        }
    }

    private static ByteBuf compressed(ByteBuf message) {
        var bytes = new ByteArrayOutputStream(message.readableBytes() / 4);
        try (OutputStream compressing = new GZIPOutputStream(bytes)) {
            message.getBytes(message.readerIndex(), compressing, message.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Unpooled.wrappedBuffer(bytes.toByteArray());
    }

    private void sleep(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        // A close ends it early.
        for (long left = end - System.nanoTime(); left > 0 && !queue.isClosing(); left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    /// At most once a minute, with what was lost since.
    private void complain(Delivery.Result result) {
        long lost = failed + rejected + queue.dropped();
        long now = System.nanoTime();
        if (lost == logged || (everLogged && now - lastLog < LOG_EVERY_NANOS)) {
            return;
        }
        Destination to = destination.get();
        LOG.log(
                Level.WARNING,
                "{0} are lost on the way to {1}: {2} since the last message, a request that waited in vain as one ({3})",
                signal.title(),
                to == null ? "a collector that is gone" : to.collector(),
                lost - logged,
                result.failure() == null ? "it does not keep up, or rejects them" : result.failure());
        everLogged = true;
        lastLog = now;
        logged = lost;
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
