package io.sallyport.cli;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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
    /// Kinds of lines in one generation.
    private static final int MOST = 500;

    private final @Nullable Filter next;
    private final LongSupplier nanoTime;
    private final AtomicReference<Known> known = new AtomicReference<>(Known.first());

    /// Kinds in two generations: the older one is dropped when the younger one is full, so that nothing has to be
    /// searched for what may be forgotten. What goes on repeating itself moves to the younger one.
    private record Known(Map<Key, Passed> younger, Map<Key, Passed> older) {
        static Known first() {
            return new Known(new ConcurrentHashMap<>(), Map.of());
        }

        /// Null where the kind is new, and known from now on.
        @Nullable
        Passed find(Key key, long now) {
            Passed passed = younger.get(key);
            if (passed != null) {
                return passed;
            }
            Passed before = older.get(key);
            Passed added = before == null ? new Passed(new AtomicLong(now), new AtomicLong()) : before;
            Passed other = younger.putIfAbsent(key, added);
            return other == null ? before : other;
        }
    }

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
        Known current = known.get();
        if (current.younger.size() >= MOST) {
            Known next = new Known(new ConcurrentHashMap<>(), current.younger);
            current = known.compareAndSet(current, next) ? next : known.get();
        }
        Passed passed = current.find(Key.of(line), now);
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
