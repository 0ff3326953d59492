package io.sallyport.egress;

import io.sallyport.egress.EgressKey.Outcome;
import io.sallyport.telemetry.Exposition;
import io.sallyport.telemetry.MetricSource;
import io.sallyport.telemetry.MetricWriter;
import io.sallyport.telemetry.MetricWriter.Type;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// `sallyport_egress_requests_total{permit, protocol}`: what was let out, by the resource that lists it (`egress mode`
/// where none does); `sallyport_egress_denied_total{host, port, reason}`: what was answered 403, bounded, and then
/// `host="overflow"`. What has not been used for an hour is not shown; its count goes on when it is used again.
public final class EgressMetrics implements MetricSource {
    private record Let(String permit, String protocol) {}

    private final EgressUsage usage;

    public EgressMetrics(EgressUsage usage) {
        this.usage = usage;
    }

    @Override
    public void write(MetricWriter out) throws IOException {
        out.family(
                "sallyport_egress_requests", Type.COUNTER, "Requests and tunnels of mesh clients that were let out.");
        for (Map.Entry<Let, Long> each : letOut().entrySet()) {
            out.labels()
                    .label("permit", each.getKey().permit())
                    .label("protocol", each.getKey().protocol())
                    .sample(each.getValue());
        }
        out.family("sallyport_egress_denied", Type.COUNTER, "Requests and tunnels of mesh clients that were denied.");
        for (EgressCount count : used(Outcome.DENIED)) {
            EgressKey key = count.key;
            out.labels()
                    .label("host", key.host())
                    .label("port", key.port() == 0 ? "" : Integer.toString(key.port()))
                    .label("reason", key.how())
                    .sample(count.requests());
        }
    }

    private Map<Let, Long> letOut() {
        Map<Let, Long> requests =
                new TreeMap<>(Comparator.comparing(Let::permit).thenComparing(Let::protocol));
        for (Outcome outcome : List.of(Outcome.LISTED, Outcome.UNLISTED)) {
            for (EgressCount count : used(outcome)) {
                String permit = count.key.permit();
                requests.merge(
                        new Let(permit == null ? unnamed(outcome) : permit, count.key.how()),
                        count.requests(),
                        Long::sum);
            }
        }
        return requests;
    }

    private List<EgressCount> used(Outcome outcome) {
        long since = usage.nowMillis() - Exposition.GONE_MILLIS;
        var used = new ArrayList<>(usage.counts().all(outcome));
        used.removeIf(count -> !count.isUsedSince(since));
        used.addAll(usage.counts().overflow(outcome));
        return used;
    }

    private static String unnamed(Outcome outcome) {
        return outcome == Outcome.UNLISTED ? EgressKey.EVERYTHING : EgressKey.OVERFLOW;
    }
}
