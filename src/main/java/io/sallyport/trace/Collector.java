package io.sallyport.trace;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A service that takes spans or log records by OTLP.
///
/// @param name of the provider; empty for the one that the settings name
/// @param cluster by which it is reached
/// @param authority that it is asked as
/// @param path of the resource that takes spans; not used with gRPC
/// @param headers that go along, names in lower case
/// @param timeout for one batch
public record Collector(
        String name,
        String cluster,
        Protocol protocol,
        String authority,
        String path,
        List<Map.Entry<String, String>> headers,
        Duration timeout,
        boolean gzip) {
    /// The default of `OTEL_EXPORTER_OTLP_TIMEOUT`, for providers that name none.
    public static final Duration TIMEOUT = Duration.ofSeconds(10);

    public enum Protocol {
        GRPC,
        HTTP_PROTOBUF
    }

    public Collector {
        headers = List.copyOf(headers);
    }

    /// The same with less time for one batch, where it has more.
    public Collector within(Duration longest) {
        return timeout.compareTo(longest) <= 0
                ? this
                : new Collector(name, cluster, protocol, authority, path, headers, longest, gzip);
    }

    /// For messages.
    @Override
    public String toString() {
        return name.isEmpty() ? authority : "provider " + name + " (" + authority + ")";
    }
}
