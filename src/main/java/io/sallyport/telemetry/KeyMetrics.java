package io.sallyport.telemetry;

import io.sallyport.outcome.KeyFetchOutcome;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// `sallyport_jwks_fetches_total{origin, outcome}`: fetches of issuers' keys. `sallyport_jwks_age_seconds{origin}`: how
/// long ago the last one succeeded. Of origins in use alone; fetches are rare.
public final class KeyMetrics implements RequestObserver, MetricSource {
    /// Origins with samples of their own; the rest share `other`.
    private static final int MOST = 1_000;

    private static final KeyFetchOutcome[] OUTCOMES = KeyFetchOutcome.values();

    private static final class Origin {
        private final long[] counts = new long[OUTCOMES.length];
        private final long sinceMillis;
        /// When the last fetch succeeded.
        private @Nullable Long fetched;

        Origin(long sinceMillis) {
            this.sinceMillis = sinceMillis;
        }
    }

    private final LongSupplier nanoTime;
    private final Map<String, Origin> origins = new TreeMap<>();

    public KeyMetrics(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public void onRequestEnd(RequestFacts facts) {}

    @Override
    public synchronized void onKeyFetch(String origin, KeyFetchOutcome outcome) {
        boolean own = origins.containsKey(origin) || origins.size() < MOST;
        Origin of = origins.computeIfAbsent(own ? origin : "other", _ -> new Origin(System.currentTimeMillis()));
        of.counts[outcome.ordinal()]++;
        if (outcome == KeyFetchOutcome.FETCHED) {
            of.fetched = nanoTime.getAsLong();
        }
    }

    @Override
    public synchronized void onKeysUnused(String origin) {
        origins.remove(origin);
    }

    private synchronized Map<String, Origin> copy() {
        Map<String, Origin> copy = new TreeMap<>();
        origins.forEach((name, origin) -> {
            Origin same = new Origin(origin.sinceMillis);
            System.arraycopy(origin.counts, 0, same.counts, 0, OUTCOMES.length);
            same.fetched = origin.fetched;
            copy.put(name, same);
        });
        return copy;
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        // Whoever reads slowly must not hold up a fetch.
        Map<String, Origin> all = copy();
        long now = nanoTime.getAsLong();
        out.family("sallyport_jwks_fetches", Type.COUNTER, "Fetches of issuers' keys.");
        for (Map.Entry<String, Origin> each : all.entrySet()) {
            for (KeyFetchOutcome outcome : OUTCOMES) {
                long count = each.getValue().counts[outcome.ordinal()];
                if (count > 0) {
                    out.labels()
                            .since(each.getValue().sinceMillis)
                            .label("origin", each.getKey())
                            .label("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .sample(count);
                }
            }
        }
        out.family("sallyport_jwks_age_seconds", Type.GAUGE, "Since issuers' keys were fetched.");
        for (Map.Entry<String, Origin> each : all.entrySet()) {
            Long fetched = each.getValue().fetched;
            if (fetched != null) {
                out.labels().label("origin", each.getKey()).sample((now - fetched) / 1e9);
            }
        }
    }
}
