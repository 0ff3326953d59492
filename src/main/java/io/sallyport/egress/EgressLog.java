package io.sallyport.egress;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.LineBuffer;
import io.sallyport.telemetry.SocketNames;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Logs denied requests, and those that only `allow-any` let out: one line a minute for each host, with the number left
/// out since its last one. A client that asks for a thousand names a second must fill neither the log nor the memory.
public final class EgressLog implements RequestObserver {
    private static final long PERIOD_MILLIS = 60_000;
    private static final int MOST_HOSTS = 1_000;
    private static final long SWEEP_MILLIS = 1_000;
    private static final int LONGEST_TEXT = 300;

    /// The last line of one host.
    private record Line(AtomicLong atMillis, AtomicInteger leftOut) {}

    private final Map<String, Line> hosts = new ConcurrentHashMap<>();
    private final AtomicInteger crowded = new AtomicInteger();
    private final AtomicLong crowdedSince = new AtomicLong();
    private final AtomicLong sweptAt = new AtomicLong(Long.MIN_VALUE / 2);
    private final boolean unlistedToo;
    private final LongSupplier clockMillis;
    private final Consumer<String> log;

    /// @param unlistedToo logs what was let out although nothing lists it, too
    /// @param clockMillis a monotonic clock
    /// @param log takes a line and returns at once: it is called on event loops
    public EgressLog(boolean unlistedToo, LongSupplier clockMillis, Consumer<String> log) {
        this.unlistedToo = unlistedToo;
        this.clockMillis = clockMillis;
        this.log = log;
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {
        EgressKey.Outcome outcome = EgressKey.Outcome.of(facts);
        boolean logged = outcome == EgressKey.Outcome.DENIED || unlistedToo && outcome == EgressKey.Outcome.UNLISTED;
        if (logged && facts.egress.host() != null) {
            log(facts.egress.host(), facts, outcome == EgressKey.Outcome.DENIED);
        }
    }

    private void log(String host, RequestFacts facts, boolean denied) {
        long now = clockMillis.getAsLong();
        Line last = hosts.get(host);
        if (last == null) {
            first(host, now, facts, denied);
            return;
        }
        long lastMillis = last.atMillis.get();
        // Whoever moves the time on writes the line.
        if (now - lastMillis >= PERIOD_MILLIS && last.atMillis.compareAndSet(lastMillis, now)) {
            int leftOut = last.leftOut.getAndSet(0);
            log.accept(line(facts, denied) + (leftOut == 0 ? "" : " (and " + leftOut + " more since the last line)"));
        } else {
            last.leftOut.incrementAndGet();
        }
    }

    private void first(String host, long now, RequestFacts facts, boolean denied) {
        if (hosts.size() >= MOST_HOSTS) {
            sweep(now);
        }
        if (hosts.size() >= MOST_HOSTS) {
            crowd(now);
            return;
        }
        if (hosts.putIfAbsent(host, new Line(new AtomicLong(now), new AtomicInteger())) == null) {
            log.accept(line(facts, denied));
        }
    }

    /// Forgets hosts whose last line is old enough; at most once a second, because it looks at all of them.
    private void sweep(long now) {
        long last = sweptAt.get();
        if (now - last < SWEEP_MILLIS || !sweptAt.compareAndSet(last, now)) {
            return;
        }
        for (Iterator<Line> all = hosts.values().iterator(); all.hasNext(); ) {
            if (now - all.next().atMillis.get() >= PERIOD_MILLIS) {
                all.remove();
            }
        }
    }

    /// One line a minute for all hosts that are too many.
    private void crowd(long now) {
        int requests = crowded.incrementAndGet();
        long since = crowdedSince.get();
        if ((since == 0 || now - since >= PERIOD_MILLIS) && crowdedSince.compareAndSet(since, now)) {
            crowded.set(0);
            log.accept("egress: more than " + MOST_HOSTS + " hosts that are not on the list were asked for within a"
                    + " minute; " + requests + " requests for further ones are not logged one by one");
        }
    }

    private static String line(RequestFacts facts, boolean denied) {
        if (denied && facts.egress.denial() != null) {
            return facts.egress.denial();
        }
        var out = new LineBuffer(256);
        out.put(denied ? "egress denied: " : "egress of an unlisted host: ");
        out.bare(orUnknown(facts.egress.host()), LONGEST_TEXT).put(':').put(facts.egress.port());
        out.put(" (").bare(orUnknown(facts.egress.protocol()), LONGEST_TEXT).put(") requested by ");
        if (facts.client.principal() != null) {
            out.bare(facts.client.principal(), LONGEST_TEXT).put(", ");
        }
        out.put(facts.client.remote() == null ? "an unknown client" : SocketNames.of(facts.client.remote()));
        return out.put(": ")
                .bare(denied ? facts.details : "let out by sallyport.egress.mode", LONGEST_TEXT)
                .toString();
    }

    private static String orUnknown(@Nullable String text) {
        return text == null ? "?" : text;
    }
}
