package io.sallyport.config.validation;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.yaml.Place;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `HTTPMatchRequest`.
final class HttpMatchValidator {
    private HttpMatchValidator() {}

    static void validate(List<HttpMatchRequest> matches, Place place) {
        for (int i = 0; i < matches.size(); i++) {
            validate(matches.get(i), place.index(i));
        }
    }

    private static void validate(HttpMatchRequest match, Place place) {
        if (match.uri() instanceof StringMatch.Regex regex) {
            // An empty prefix is every path; the others have no such use.
            Checks.regex(regex.value(), place.field("uri").field("regex"));
        }
        Checks.stringMatch(match.scheme(), place.field("scheme"));
        Checks.stringMatch(match.method(), place.field("method"));
        Checks.stringMatch(match.authority(), place.field("authority"));
        headers(match.headers(), place.field("headers"));
        headers(match.withoutHeaders(), place.field("withoutHeaders"));
        match.queryParams()
                .forEach((name, value) ->
                        Checks.stringMatch(value, place.field("queryParams").key(name)));
        Checks.optionalPort(match.port(), place.field("port"));
        LabelChecks.labels(match.sourceLabels(), place.field("sourceLabels"));
        RouteChecks.gatewayNames(match.gateways(), place.field("gateways"));
        if (!match.sourceNamespace().isEmpty()) {
            Checks.name(match.sourceNamespace(), place.field("sourceNamespace"));
        }
    }

    private static void headers(Map<String, StringMatch> headers, Place place) {
        for (String written : place.keys()) {
            HeaderChecks.matchName(written, place.key(written));
            StringMatch match = headers.get(written.startsWith("@") ? written : written.toLowerCase(Locale.ROOT));
            Checks.stringMatch(match, place.key(written));
        }
    }
}
