package io.sallyport.otlp;

import io.sallyport.format.LogPlan;
import io.sallyport.format.LogRecords;
import io.sallyport.http.grpc.ProtoWriter;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.telemetry.PlacedLines;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Makes the records that one provider gets of requests that have ended, as Envoy's OpenTelemetry access logger does: a
/// line as the body, labels as attributes, the request's beginning as the time, and the trace that it belongs to.
final class RequestRecords implements Signal {
    /// Of former configurations, too; they are all forgotten beyond it, and made anew.
    private static final int MOST_PLANS = 64;
    /// Of a resource (Envoy `open_telemetry/access_log_impl.cc`).
    private static final String LOG_NAME = "log_name";
    /// `SEVERITY_NUMBER_INFO`.
    private static final int INFO = 9;

    private static final int SAMPLED = 1;

    private final String provider;
    private final Instance instance;
    private final Map<LogPlan, List<Way>> plans = new IdentityHashMap<>();

    /// What a plan has for the provider.
    ///
    /// @param resource with the name of the log
    private record Way(PlacedLines lines, Resource resource) {}

    RequestRecords(String provider, Instance instance) {
        this.provider = provider;
        this.instance = instance;
    }

    @Override
    public String title() {
        return "Records of the access log";
    }

    @Override
    public String thread() {
        return "sallyport-log-records";
    }

    @Override
    public String method() {
        return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    }

    @Override
    public void addTo(Batch batch, RequestFacts facts) {
        LoggedFields log = facts.log;
        LogPlan plan = log == null ? null : log.plan;
        if (log == null || plan == null) {
            return;
        }
        List<Way> ways = plans.get(plan);
        if (ways == null) {
            if (plans.size() >= MOST_PLANS) {
                plans.clear();
            }
            ways = ways(plan);
            plans.put(plan, ways);
        }
        for (Way way : ways) {
            if (way.lines.takes(facts, log)) {
                batch.add(way.resource, out -> record(way.lines, facts, log, out));
            }
        }
    }

    private List<Way> ways(LogPlan plan) {
        List<Way> ways = new ArrayList<>();
        for (LogPlan.Placed placed : plan.collectors()) {
            LogRecords records = placed.sink().records();
            if (records != null && records.provider().equals(provider)) {
                Resource resource = instance.resource(Map.of(LOG_NAME, records.logName()));
                ways.add(new Way(new PlacedLines(placed), resource));
            }
        }
        return ways;
    }

    /// `LogRecord` (opentelemetry-proto `logs.proto`).
    private static void record(PlacedLines lines, RequestFacts facts, LoggedFields log, ProtoWriter out) {
        long start = TimeUnit.MILLISECONDS.toNanos(facts.startMillis);
        out.fixed64(1, start);
        // A line says what happened; how bad it is, nobody has said.
        out.number(2, INFO);
        out.message(5, body -> body.text(1, lines.line(facts)));
        Attributes labels = new Attributes(out, 6);
        lines.labels(facts, log, labels::instead);
        RequestTrace trace = facts.trace;
        if (trace != null) {
            // Where no span is reported, there is the trace alone.
            out.fixed32(8, trace.sampled ? SAMPLED : 0);
            int traceId = out.open(9);
            out.bigEndian(trace.high);
            out.bigEndian(trace.low);
            out.close(traceId);
            if (trace.isReported()) {
                int spanId = out.open(10);
                out.bigEndian(trace.spanId);
                out.close(spanId);
            }
        }
        out.fixed64(11, start + facts.durationNanos);
    }
}
