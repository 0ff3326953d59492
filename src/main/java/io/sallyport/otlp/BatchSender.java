package io.sallyport.otlp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sallyport.telemetry.MetricWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// Sends batches to one collector, each until it is taken or there is no hope, and counts what became of their spans,
/// records or data points. One thread sends.
final class BatchSender {
    private static final Logger LOG = System.getLogger(BatchSender.class.getName());
    /// As OpenTelemetry's own exporters.
    private static final int TRIES = 5;

    private static final long FIRST_PAUSE_MILLIS = 1000;
    private static final double BACKOFF = 1.5;
    private static final long LOG_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final String UNWANTED = "it does not keep up, or rejects them";

    private final String title;
    private final Supplier<@Nullable Destination> destination;
    private final Delivery delivery;
    private final LongPredicate hasTime;
    /// Those that the collector has taken.
    private volatile long exported;
    /// Those that could not be sent.
    private volatile long failed;
    /// Those that the collector did not want.
    private volatile long rejected;

    private String lastFailure = UNWANTED;
    private long lastLog;
    private long logged;
    private boolean everLogged;

    /// @param title of what is sent, for messages, as their first word: `Spans`
    /// @param destination null while there is none
    /// @param hasTime whether another attempt may be made after that many milliseconds; a thread that waits for
    ///     them and should not any longer is unparked
    BatchSender(String title, Supplier<@Nullable Destination> destination, Delivery delivery, LongPredicate hasTime) {
        this.title = title;
        this.destination = destination;
        this.delivery = delivery;
        this.hasTime = hasTime;
    }

    /// @param message remains the caller's
    /// @param count of spans, records or data points in it
    /// @return the last attempt's
    Delivery.Result send(ByteBuf message, long count) {
        Delivery.Result result = attempt(message);
        String failure = result.failure();
        if (failure == null) {
            // Whatever it says.
            long unwanted = Math.min(count, result.rejected());
            exported = exported + count - unwanted;
            rejected = rejected + unwanted;
            lastFailure = UNWANTED;
        } else {
            lose(count, failure);
        }
        return result;
    }

    /// What cannot even be sent.
    void lose(long count, String why) {
        lose(count);
        lastFailure = why;
    }

    /// The same of what would have followed, for the same reason as the last.
    void lose(long count) {
        failed = failed + count;
    }

    private Delivery.Result attempt(ByteBuf message) {
        double pause = FIRST_PAUSE_MILLIS;
        for (int i = 1; ; i++) {
            Destination to = destination.get();
            if (to == null) {
                return Delivery.Result.failed("there is no such provider, or its service is unknown", false);
            }
            Delivery.Result result =
                    delivery.send(to, to.collector().gzip() ? compressed(message) : message.retainedDuplicate());
            double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
            long millis = (long) Math.max(pause * jitter, TimeUnit.SECONDS.toMillis(result.pauseSeconds()));
            if (result.failure() == null || !result.passing() || i == TRIES || !hasTime.test(millis)) {
                return result;
            }
            sleep(millis);
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
        for (long left = end - System.nanoTime(); left > 0 && hasTime.test(0); left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    /// Logs what was lost since the last message, at most once a minute.
    ///
    /// @param dropped requests that were never sent, so far
    void complain(long dropped) {
        long lost = failed + rejected + dropped;
        long now = System.nanoTime();
        if (lost == logged || (everLogged && now - lastLog < LOG_EVERY_NANOS)) {
            return;
        }
        Destination to = destination.get();
        LOG.log(
                Level.WARNING,
                "{0} are lost on the way to {1}: {2} since the last message{3} ({4})",
                title,
                to == null ? "a collector that is gone" : to.collector(),
                lost - logged,
                dropped == 0 ? "" : ", a request that waited in vain as one",
                lastFailure);
        everLogged = true;
        lastLog = now;
        logged = lost;
    }

    /// Writes the samples of a counter by outcome.
    ///
    /// @param labels begins a label set, with what stands in front
    void write(Supplier<MetricWriter> labels) throws IOException {
        labels.get().label("outcome", "exported").sample(exported);
        labels.get().label("outcome", "failed").sample(failed);
        labels.get().label("outcome", "rejected").sample(rejected);
    }
}
