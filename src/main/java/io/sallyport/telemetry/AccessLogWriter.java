package io.sallyport.telemetry;

import io.sallyport.format.LogPlan;
import io.sallyport.outcome.RequestFacts;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
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
    private final Way usual;
    private final Map<LogPlan, Way> ways = new IdentityHashMap<>();
    private final Map<String, OpenFile> open = new HashMap<>();
    private @Nullable LogPlan plan;
    private Way way;
    private long lastSweep;

    /// Of the requests of one plan.
    private record Way(
            AccessLogFormatter formatter,
            String file,
            @Nullable LogOutput output) {}

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
        this.usual = new Way(usual, "", new LogOutput(out, lost));
        way = this.usual;
        lastSweep = nanos.getAsLong();
    }

    /// Lines that could not be written.
    long lost() {
        return lost.sum();
    }

    @Override
    public void take(RequestFacts facts) {
        LogPlan asked = facts.log == null ? null : facts.log.plan;
        if (asked != plan) {
            plan = asked;
            way = asked == null ? usual : ways.computeIfAbsent(asked, this::way);
        }
        LogOutput output = way.output == null ? output(way.file) : way.output;
        way.formatter.format(facts, output.line());
        output.endLine();
    }

    private static AccessLogFormatter formatter(LogPlan of) {
        if (of.format() != null) {
            return new OperatorFormat(of.format());
        }
        return of.json() ? new IstioJsonFormat() : new IstioTextFormat();
    }

    private Way way(LogPlan of) {
        return new Way(formatter(of), of.file(), null);
    }

    private LogOutput output(String file) {
        return open.computeIfAbsent(
                        file, path -> new OpenFile(new LogOutput(files.apply(path), lost), nanos.getAsLong()))
                .output;
    }

    @Override
    public void flush() {
        if (usual.output != null) {
            usual.output.flush();
        }
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
            way = usual;
        }
    }
}
