package io.sallyport.cli;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jspecify.annotations.Nullable;

/// Passes a repeated warning or error once a minute, with the number that was left out: what fails for every
/// connection, such as a lack of descriptors, must not fill the log.
final class RepeatFilter implements Filter {
    private static final long PERIOD_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MOST = 1_000;

    private final @Nullable Filter next;
    private final LongSupplier nanoTime;
    private final Map<Key, Passed> known = new ConcurrentHashMap<>();

    /// What makes two lines the same. In a line with an exception an id of a connection does not count.
    private record Key(
            @Nullable String logger,
            String text,
            @Nullable Class<?> exception,
            @Nullable String message) {
        static Key of(ExtLogRecord line) {
            Throwable thrown = line.getThrown();
            return thrown == null
                    ? new Key(line.getLoggerName(), String.valueOf(line.getFormattedMessage()), null, null)
                    : new Key(
                            line.getLoggerName(),
                            withoutIds(String.valueOf(line.getMessage())),
                            thrown.getClass(),
                            thrown.getMessage());
        }

        private static String withoutIds(String text) {
            int from = text.indexOf("[id: ");
            return from < 0 ? text : text.substring(0, from);
        }
    }

    private record Passed(AtomicLong atNanos, AtomicLong leftOut) {}

    /// @param next asked as well; null for none
    /// @param nanoTime a monotonic clock
    RepeatFilter(@Nullable Filter next, LongSupplier nanoTime) {
        this.next = next;
        this.nanoTime = nanoTime;
    }

    @Override
    public boolean isLoggable(LogRecord line) {
        if (next != null && !next.isLoggable(line)) {
            return false;
        }
        return line.getLevel().intValue() < Level.WARNING.intValue()
                || !(line instanceof ExtLogRecord extended)
                || passes(extended);
    }

    private boolean passes(ExtLogRecord line) {
        long now = nanoTime.getAsLong();
        if (known.size() >= MOST) {
            known.values().removeIf(passed -> now - passed.atNanos.get() >= PERIOD_NANOS);
        }
        if (known.size() >= MOST) {
            // More kinds than that within a minute are logged one by one.
            return true;
        }
        Passed passed = known.putIfAbsent(Key.of(line), new Passed(new AtomicLong(now), new AtomicLong()));
        if (passed == null) {
            return true;
        }
        long last = passed.atNanos.get();
        if (now - last < PERIOD_NANOS || !passed.atNanos.compareAndSet(last, now)) {
            passed.leftOut.incrementAndGet();
            return false;
        }
        long leftOut = passed.leftOut.getAndSet(0);
        if (leftOut > 0) {
            line.setMessage(
                    line.getMessage() + " (and " + leftOut + " more since the last line)", line.getFormatStyle());
        }
        return true;
    }
}
