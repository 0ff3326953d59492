package io.sallyport.telemetry;

import io.sallyport.outcome.AuthorizationOutcome;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestObserver;
import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;

/// `sallyport_external_authorizations_total{provider, outcome}`: questions to external authorizers.
public final class AuthorizerMetrics implements RequestObserver, MetricSource {
    /// Providers with a count of their own; the rest share `other`.
    private static final int MOST = 1_000;

    private static final int OUTCOMES = AuthorizationOutcome.values().length;

    /// By the ordinal of the outcome.
    private final Map<String, AtomicLongArray> byProvider = new ConcurrentHashMap<>();

    @Override
    public void onRequestEnd(RequestFacts facts) {}

    @Override
    public void onAuthorization(String provider, AuthorizationOutcome outcome) {
        AtomicLongArray counts = byProvider.get(provider);
        if (counts == null) {
            String bounded = byProvider.size() < MOST ? provider : "other";
            counts = byProvider.computeIfAbsent(bounded, _ -> new AtomicLongArray(OUTCOMES));
        }
        counts.incrementAndGet(outcome.ordinal());
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        out.family(
                "sallyport_external_authorizations",
                Type.COUNTER,
                "Questions to external authorizers, by their answers.");
        for (Map.Entry<String, AtomicLongArray> each : byProvider.entrySet()) {
            for (AuthorizationOutcome outcome : AuthorizationOutcome.values()) {
                long count = each.getValue().get(outcome.ordinal());
                if (count > 0) {
                    out.labels()
                            .label("provider", each.getKey())
                            .label("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .sample(count);
                }
            }
        }
    }
}
