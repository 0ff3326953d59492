package io.sallyport.format;

import java.util.LinkedHashMap;
import java.util.Map;

/// Records that a collector gets of requests (OpenTelemetry's logs), each with a line as its body.
///
/// @param provider by whose name the collector is known
/// @param logName of the log that they belong to
/// @param labels the attributes besides, by their names
public record LogRecords(String provider, String logName, Map<String, ParsedFormat> labels) {
    /// Of Istio's `envoyOtelAls` providers that do not name their log.
    public static final String USUAL_NAME = "otel_envoy_accesslog";

    /// @param logName empty for the usual one
    /// @param labels texts with operators, by name
    public static LogRecords of(String provider, String logName, Map<String, String> labels) throws FormatException {
        Map<String, ParsedFormat> parsed = new LinkedHashMap<>();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            parsed.put(label.getKey(), FormatParser.headerValue(label.getValue()));
        }
        return new LogRecords(provider, logName.isEmpty() ? USUAL_NAME : logName, parsed);
    }
}
