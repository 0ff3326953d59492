package io.sallyport.otlp;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.grpc.ProtoWriter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A request to a collector as it grows: spans, log records or metrics, by resource. The messages of all three are
/// alike, with the same numbers of fields (opentelemetry-proto `ExportTraceServiceRequest`, `ExportLogsServiceRequest`,
/// `ExportMetricsServiceRequest`).
final class Batch {
    private static final int OF_RESOURCE = 1;
    private static final int OF_SCOPE = 2;
    private static final int ITEM = 2;
    /// Bytes that the length takes as a rule: of a span or record up to 16 KiB, of a batch up to 2 MiB.
    private static final int LENGTH_OF_ITEM = 2;

    private static final int LENGTH_OF_ALL = 3;
    /// `InstrumentationScope`, a field of `ScopeSpans`, `ScopeLogs` and `ScopeMetrics`.
    private static final byte[] SCOPE =
            new ProtoWriter().message(1, scope -> scope.text(1, "io.sallyport")).toBytes();

    private ProtoWriter out = new ProtoWriter();
    private @Nullable ByteBuf message;
    private @Nullable Resource current;
    private int resourceStart;
    private int scopeStart;
    private int items;

    /// @param resource what it is about; what follows it with the same object stands with it
    /// @param item writes the content of one `Span` or `LogRecord`. What it has written is taken back where it
    ///     throws
    void add(Resource resource, Consumer<ProtoWriter> item) {
        of(resource);
        int before = out.size();
        boolean whole = false;
        try {
            int start = out.open(ITEM, LENGTH_OF_ITEM);
            item.accept(out);
            out.close(start, LENGTH_OF_ITEM);
            whole = true;
            items++;
        } finally {
            if (!whole) {
                out.truncate(before);
            }
        }
    }

    /// Begins a `Metric`, which its caller writes in parts.
    ///
    /// @return for [#close]
    int open(Resource resource) {
        of(resource);
        return out.open(ITEM, LENGTH_OF_ALL);
    }

    void close(int start) {
        out.close(start, LENGTH_OF_ALL);
    }

    /// What is written to between [#open] and [#close].
    ProtoWriter content() {
        return out;
    }

    private void of(Resource resource) {
        if (current != resource) {
            end();
            current = resource;
            resourceStart = out.open(OF_RESOURCE, LENGTH_OF_ALL);
            resource.writeTo(out);
            scopeStart = out.open(OF_SCOPE, LENGTH_OF_ALL);
            out.raw(SCOPE);
        }
    }

    private void end() {
        if (current != null) {
            out.close(scopeStart, LENGTH_OF_ALL);
            out.close(resourceStart, LENGTH_OF_ALL);
            current = null;
        }
    }

    /// Spans or records; metrics are not among them.
    int count() {
        return items;
    }

    /// Bytes, about.
    int size() {
        return out.size();
    }

    /// The whole message. Nothing may be added before [#clear], to which the buffer belongs: who is to keep it longer
    /// retains it.
    ByteBuf message() {
        ByteBuf known = message;
        if (known == null) {
            end();
            known = out.toBuffer();
            message = known;
        }
        return known;
    }

    void clear() {
        if (message != null && !message.release()) {
            // Somebody is still at it: a connection that has not written it to its end.
            out = new ProtoWriter();
        }
        message = null;
        current = null;
        items = 0;
        out.truncate(0);
    }
}
