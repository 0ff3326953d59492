package io.sallyport.otlp;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.internal.ImmutableSpanContext;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.exporter.internal.marshal.Marshaler;
import io.opentelemetry.exporter.internal.otlp.logs.LogsRequestMarshaler;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.resources.Resource;
import io.sallyport.format.LogPlan;
import io.sallyport.format.LogRecords;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.telemetry.PlacedLines;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Makes the records that one provider gets of requests that have ended, as Envoy's OpenTelemetry access logger does: a
/// line as the body, labels as attributes, the request's beginning as the time, and the trace that it belongs to.
final class RequestRecords implements Signal<LogRecordData> {
    /// Of former configurations, too; they are all forgotten beyond it, and made anew.
    private static final int MOST_PLANS = 64;

    private final String provider;
    private final Resource resource;
    private final Map<LogPlan, List<Way>> plans = new IdentityHashMap<>();

    /// What a plan has for the provider.
    ///
    /// @param resource with the name of the log
    private record Way(PlacedLines lines, Resource resource) {}

    RequestRecords(String provider, Resource resource) {
        this.provider = provider;
        this.resource = resource;
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
    public Marshaler encoder(List<LogRecordData> batch) {
        return LogsRequestMarshaler.create(batch);
    }

    @Override
    public long addTo(List<LogRecordData> batch, RequestFacts facts) {
        LoggedFields log = facts.log;
        LogPlan plan = log == null ? null : log.plan;
        if (log == null || plan == null) {
            return 0;
        }
        List<Way> ways = plans.get(plan);
        if (ways == null) {
            if (plans.size() >= MOST_PLANS) {
                plans.clear();
            }
            ways = ways(plan);
            plans.put(plan, ways);
        }
        long weight = 0;
        for (Way way : ways) {
            if (way.lines.takes(facts, log)) {
                RequestRecord record = record(way, facts, log);
                weight += record.weight();
                batch.add(record);
            }
        }
        return weight;
    }

    private List<Way> ways(LogPlan plan) {
        List<Way> ways = new ArrayList<>();
        for (LogPlan.Placed placed : plan.collectors()) {
            LogRecords records = placed.sink().records();
            if (records != null && records.provider().equals(provider)) {
                Attributes name = Attributes.of(Names.LOG_NAME, records.logName());
                ways.add(new Way(new PlacedLines(placed), resource.merge(Resource.create(name))));
            }
        }
        return ways;
    }

    private static RequestRecord record(Way way, RequestFacts facts, LoggedFields log) {
        AttributesBuilder attributes = Attributes.builder();
        way.lines.labels(facts, log, attributes::put);
        long start = TimeUnit.MILLISECONDS.toNanos(facts.startMillis);
        return new RequestRecord(
                way.resource,
                start,
                start + facts.durationNanos,
                context(facts.trace),
                way.lines.line(facts),
                attributes.build());
    }

    /// Where no span is reported, there is the trace alone. That is valid in a record, but the checks of a span's
    /// context would take the trace for nothing, too.
    private static SpanContext context(@Nullable RequestTrace trace) {
        if (trace == null) {
            return SpanContext.getInvalid();
        }
        String span = trace.spanIdText();
        TraceFlags flags = trace.sampled ? TraceFlags.getSampled() : TraceFlags.getDefault();
        return ImmutableSpanContext.create(
                trace.idText(), span == null ? SpanId.getInvalid() : span, flags, TraceState.getDefault(), false, true);
    }
}
