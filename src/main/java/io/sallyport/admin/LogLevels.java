package io.sallyport.admin;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.Logger;
import org.jspecify.annotations.Nullable;

/// Levels of the process's log that are changed for a time, and return by themselves. `trace` is not to be had: at it,
/// libraries log what was sent, tokens among it, and native executables have no such messages.
public final class LogLevels {
    static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration USUAL = Duration.ofMinutes(10);
    private static final int MOST = 20;
    private static final String OWN = "io.sallyport";
    private static final Pattern CATEGORY = Pattern.compile("[A-Za-z0-9_$-]{1,100}(\\.[A-Za-z0-9_$-]{1,100}){0,20}");
    private static final Map<String, java.util.logging.Level> LEVELS = Map.of(
            "error", org.jboss.logmanager.Level.ERROR,
            "warn", org.jboss.logmanager.Level.WARN,
            "info", org.jboss.logmanager.Level.INFO,
            "debug", org.jboss.logmanager.Level.DEBUG);
    private static final System.Logger LOG = System.getLogger(LogLevels.class.getName());

    /// Runs a task after a delay.
    public interface Timer {
        /// @return cancels it
        Runnable schedule(Duration delay, Runnable task);
    }

    /// A level that is changed.
    ///
    /// @param logger kept from being collected: another one would have the level that it had at first
    /// @param before the level to return to; null for that of the category above
    /// @param number of the change: an earlier one of the same category that comes to its end late means nothing
    private record Change(
            Logger logger,
            java.util.logging.@Nullable Level before,
            String level,
            Instant until,
            long number,
            Runnable cancel) {}

    private final Clock clock;
    private final Timer timer;
    private final Map<String, Change> changes = new TreeMap<>();
    private long count;

    public LogLevels(Clock clock, Timer timer) {
        this.clock = clock;
        this.timer = timer;
    }

    /// Changes a level.
    ///
    /// @param level `error`, `warn`, `info` or `debug`
    /// @param category with all below it; null for `io.sallyport`
    /// @param time such as `10m`, at most an hour; null for ten minutes
    /// @throws IllegalArgumentException if one of them is not understood, or too many levels are changed; its
    ///     message is for the user
    void change(@Nullable String level, @Nullable String category, @Nullable String time) {
        java.util.logging.Level wanted = level == null ? null : LEVELS.get(level.toLowerCase(Locale.ROOT));
        if (level == null || wanted == null) {
            throw new IllegalArgumentException("level must be error, warn, info or debug");
        }
        String name = category == null ? OWN : category;
        if (!CATEGORY.matcher(name).matches()) {
            throw new IllegalArgumentException("category must be the name of one, such as " + OWN + ".proxy");
        }
        Duration longest = time == null ? USUAL : ShortTime.parse(time);
        if (longest == null || longest.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("for must be a time of at most 1h, such as 10m");
        }
        Instant until = begin(name, level.toLowerCase(Locale.ROOT), wanted, longest);
        LOG.log(Level.INFO, "the log level of {0} is {1} until {2}, by the admin API", name, level, until);
    }

    private synchronized Instant begin(String name, String level, java.util.logging.Level wanted, Duration longest) {
        Change known = changes.get(name);
        if (known == null && changes.size() >= MOST) {
            throw new IllegalArgumentException(
                    MOST + " categories are changed already: DELETE /logging takes them back");
        }
        Logger logger = known == null ? LogContext.getLogContext().getLogger(name) : known.logger;
        java.util.logging.Level before = known == null ? logger.getLevel() : known.before;
        if (known != null) {
            known.cancel.run();
        }
        Instant until = clock.instant().plus(longest);
        long number = ++count;
        Runnable cancel = timer.schedule(longest, () -> ended(name, number));
        changes.put(name, new Change(logger, before, level, until, number, cancel));
        logger.setLevel(wanted);
        return until;
    }

    private void ended(String name, long number) {
        if (end(name, number)) {
            LOG.log(Level.INFO, "the log level of {0} is as before", name);
        }
    }

    private synchronized boolean end(String name, long number) {
        Change change = changes.get(name);
        if (change == null || change.number != number) {
            return false;
        }
        changes.remove(name);
        change.logger.setLevel(change.before);
        return true;
    }

    /// Takes changes back before their time.
    ///
    /// @param category null for all
    /// @throws IllegalArgumentException if the category is not changed; its message is for the user
    void takeBack(@Nullable String category) {
        Map<String, Change> back = changed(category);
        if (category != null && back.isEmpty()) {
            throw new IllegalArgumentException("the level of this category is not changed: GET /logging lists those");
        }
        back.forEach((name, change) -> {
            change.cancel.run();
            ended(name, change.number);
        });
    }

    private synchronized Map<String, Change> changed(@Nullable String category) {
        Map<String, Change> some = new TreeMap<>(changes);
        if (category != null) {
            some.keySet().retainAll(Set.of(category));
        }
        return some;
    }

    /// What is changed, and until when.
    JsonObject json() {
        var list = new JsonArray();
        changed(null)
                .forEach((name, change) -> list.add(new JsonObject()
                        .put("category", name)
                        .put("level", change.level)
                        .put("until", change.until.toString())));
        return new JsonObject().put("changed", list);
    }
}
