package io.sallyport.config.decode;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.ObjectReader;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// `HTTPMatchRequest` and `StringMatch`.
final class HttpMatchDecoder {
    private HttpMatchDecoder() {}

    static HttpMatchRequest read(ObjectReader in) {
        return new HttpMatchRequest(
                in.text("name"),
                in.object("uri", HttpMatchDecoder::stringMatch),
                in.object("scheme", HttpMatchDecoder::stringMatch),
                in.object("method", HttpMatchDecoder::stringMatch),
                in.object("authority", HttpMatchDecoder::stringMatch),
                headers(in, "headers", in.objectMap("headers", HttpMatchDecoder::stringMatch)),
                in.uint32("port"),
                in.textMap("sourceLabels"),
                in.texts("gateways"),
                in.objectMapOrNull("queryParams", HttpMatchDecoder::stringMatch),
                in.bool("ignoreUriCase"),
                headers(in, "withoutHeaders", in.objectMapOrNull("withoutHeaders", HttpMatchDecoder::stringMatch)),
                in.text("sourceNamespace"),
                in.text("statPrefix"),
                in.at());
    }

    static StringMatch stringMatch(ObjectReader in) {
        in.atMostOne("exact", "prefix", "regex");
        String exact = in.optionalText("exact");
        String prefix = in.optionalText("prefix");
        String regex = in.optionalText("regex");
        if (exact != null) {
            return new StringMatch.Exact(exact);
        }
        if (prefix != null) {
            return new StringMatch.Prefix(prefix);
        }
        return regex != null ? new StringMatch.Regex(regex) : new StringMatch.Present();
    }

    /// Field names have no case (RFC 9110, 5.1); claims of a token have.
    private static Map<String, StringMatch> headers(ObjectReader in, String field, Map<String, StringMatch> given) {
        if (given.isEmpty()) {
            return Map.of();
        }
        Map<String, StringMatch> byName = new LinkedHashMap<>();
        given.forEach((written, match) -> {
            String name = written.startsWith("@") ? written : written.toLowerCase(Locale.ROOT);
            // Istio's way to write "is there" before empty matches were allowed; "*" alone is no RE2.
            boolean any = field.equals("withoutHeaders") && match.equals(new StringMatch.Regex("*"));
            if (byName.putIfAbsent(name, any ? new StringMatch.Present() : match) != null) {
                String message = "header " + Quote.of(name) + " is given twice, in different case";
                in.place().field(field).key(written).report(ProblemCode.DUPLICATE_KEY, message);
            }
        });
        return Collections.unmodifiableMap(byName);
    }
}
