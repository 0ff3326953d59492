package io.sallyport.telemetry;

import io.sallyport.format.LogPlan;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Formats and writes the access log, as each request's configuration says, to the file that this names. Files that
/// have got nothing for a while are closed: those of former configurations.
final class AccessLogWriter implements FactsQueue.Taker {
    private static final long LONGEST_IDLE_NANOS = Duration.ofMinutes(1).toNanos();
    /// Of former configurations, too; they are all forgotten beyond it, and made anew.
    private static final int MOST_PLANS = 64;

    private final LongSupplier nanos;
    private final Function<String, OutputStream> files;
    private final LongAdder lost = new LongAdder();
    private final AccessLogFormatter usual;
    private final LogOutput usualOutput;
    private final Map<LogPlan, List<PlacedLines>> ways = new IdentityHashMap<>();
    private final Map<String, OpenFile> open = new HashMap<>();
    private @Nullable LogPlan plan;
    private List<PlacedLines> current = List.of();
    private long lastSweep;

    private static final class OpenFile {
        final LogOutput output;
        long lastUse;

        OpenFile(LogOutput output, long now) {
            this.output = output;
            lastUse = now;
        }
    }

    /// @param usual of requests whose configuration says nothing
    /// @param out for the lines of these
    /// @param files opens a file by its path
    /// @param nanos monotonic clock
    AccessLogWriter(
            AccessLogFormatter usual, OutputStream out, Function<String, OutputStream> files, LongSupplier nanos) {
        this.files = files;
        this.nanos = nanos;
        this.usual = usual;
        usualOutput = new LogOutput(out, lost);
        lastSweep = nanos.getAsLong();
    }

    /// Lines that could not be written.
    long lost() {
        return lost.sum();
    }

    @Override
    public void take(RequestFacts facts) {
        LoggedFields log = facts.log;
        LogPlan asked = log == null ? null : log.plan;
        if (log == null || asked == null) {
            write(usual, usualOutput, facts);
            return;
        }
        if (asked != plan) {
            plan = asked;
            current = ways.computeIfAbsent(
                    asked, of -> of.files().stream().map(PlacedLines::new).toList());
        }
        for (PlacedLines each : current) {
            if (each.takes(facts, log)) {
                write(each.formatter(), output(each.placed().sink().file()), facts);
            }
        }
    }

    private static void write(AccessLogFormatter formatter, LogOutput output, RequestFacts facts) {
        formatter.format(facts, output.line());
        output.endLine();
    }

    private LogOutput output(String file) {
        return open.computeIfAbsent(
                        file, path -> new OpenFile(new LogOutput(files.apply(path), lost), nanos.getAsLong()))
                .output;
    }

    @Override
    public void flush() {
        usualOutput.flush();
        if (!open.isEmpty()) {
            long now = nanos.getAsLong();
            boolean sweeps = now - lastSweep > LONGEST_IDLE_NANOS;
            for (Iterator<OpenFile> each = open.values().iterator(); each.hasNext(); ) {
                OpenFile file = each.next();
                if (file.output.flush()) {
                    file.lastUse = now;
                } else if (sweeps && now - file.lastUse > LONGEST_IDLE_NANOS) {
                    file.output.close();
                    each.remove();
                }
            }
            lastSweep = sweeps ? now : lastSweep;
        }
        if (ways.size() > MOST_PLANS) {
            ways.clear();
            plan = null;
        }
    }
}
