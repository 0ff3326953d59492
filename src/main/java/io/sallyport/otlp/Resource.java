package io.sallyport.otlp;

import io.sallyport.http.grpc.ProtoWriter;
import java.util.Map;

/// Who spans, log records and metrics are about, as the field of `ResourceSpans`, `ResourceLogs` and `ResourceMetrics`
/// is written.
final class Resource {
    private final byte[] field;

    Resource(Map<String, String> attributes) {
        field = new ProtoWriter()
                .message(1, resource -> {
                    Attributes to = new Attributes(resource, 1);
                    attributes.forEach(to::instead);
                })
                .toBytes();
    }

    void writeTo(ProtoWriter out) {
        out.raw(field);
    }
}
