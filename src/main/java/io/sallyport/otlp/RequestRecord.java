package io.sallyport.otlp;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.Value;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.logs.data.Body;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.resources.Resource;
import java.util.Map;

/// A record of the access log as OpenTelemetry's encoder reads it.
///
/// @param start nanoseconds since 1970, as `end`, when it was known what to say
/// @param context invalid where no trace is known
record RequestRecord(Resource resource, long start, long end, SpanContext context, String line, Attributes attributes)
        implements LogRecordData {
    /// Of its texts, characters.
    long weight() {
        long weight = line.length();
        for (Map.Entry<AttributeKey<?>, Object> label : attributes.asMap().entrySet()) {
            weight += label.getKey().getKey().length()
                    + label.getValue().toString().length();
        }
        return weight;
    }

    @Override
    public Resource getResource() {
        return resource;
    }

    @Override
    public InstrumentationScopeInfo getInstrumentationScopeInfo() {
        return Instance.SCOPE;
    }

    @Override
    public long getTimestampEpochNanos() {
        return start;
    }

    @Override
    public long getObservedTimestampEpochNanos() {
        return end;
    }

    @Override
    public SpanContext getSpanContext() {
        return context;
    }

    /// A line says what happened; how bad it is, nobody has said.
    @Override
    public Severity getSeverity() {
        return Severity.INFO;
    }

    @Override
    public String getSeverityText() {
        return "";
    }

    @Override
    @Deprecated
    public Body getBody() {
        return Body.string(line);
    }

    @Override
    public Value<?> getBodyValue() {
        return Value.of(line);
    }

    @Override
    public Attributes getAttributes() {
        return attributes;
    }

    @Override
    public int getTotalAttributeCount() {
        return attributes.size();
    }
}
