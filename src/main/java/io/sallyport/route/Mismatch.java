package io.sallyport.route;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts into words why a match does not hold. Off the request path: for `explain`, never for routing.
final class Mismatch {
    private static final int LONGEST = 200;

    private Mismatch() {}

    static @Nullable String of(RouteMatch match, RequestView request) {
        String why = string("uri", match.uri(), request.path());
        why = why != null ? why : port(match, request);
        why = why != null ? why : string("method", match.method(), request.method());
        why = why != null ? why : string("scheme", match.scheme(), request.scheme());
        why = why != null ? why : authority(match.authority(), request);
        why = why != null ? why : namespace(match, request);
        why = why != null ? why : headers(match, request);
        why = why != null ? why : claims(match, request);
        why = why != null ? why : query(match, request);
        return why != null ? why : labels(match, request);
    }

    private static @Nullable String string(String what, @Nullable StringMatcher match, String actual) {
        return match == null || match.matches(actual)
                ? null
                : what + ' ' + match.describe() + " does not match " + bounded(actual);
    }

    private static @Nullable String authority(@Nullable StringMatcher match, RequestView request) {
        return match == null || AuthorityCondition.holds(match, request)
                ? null
                : "authority " + match.describe() + " does not match " + bounded(request.namedAuthority());
    }

    private static @Nullable String port(RouteMatch match, RequestView request) {
        return match.port() == 0 || match.port() == request.port()
                ? null
                : "port " + match.port() + " does not match " + request.port();
    }

    private static @Nullable String namespace(RouteMatch match, RequestView request) {
        String wanted = match.sourceNamespace();
        String actual = request.sourceNamespace();
        return wanted == null || wanted.equals(actual)
                ? null
                : "sourceNamespace " + wanted + " does not match " + (actual == null ? "absent" : actual);
    }

    private static @Nullable String headers(RouteMatch match, RequestView request) {
        for (HeaderMatch header : match.headers()) {
            if (!header.matches(request)) {
                String condition = header.name() + ": " + header.value().describeQuoted();
                String actual = orAbsent(request.header(header.name()));
                return header.inverse()
                        ? "withoutHeaders " + condition + " matches " + actual
                        : "header " + condition + " does not match " + actual;
            }
        }
        return null;
    }

    private static @Nullable String claims(RouteMatch match, RequestView request) {
        for (ClaimMatch claim : match.claims()) {
            if (!claim.matches(request)) {
                List<String> texts = request.claim(claim.path());
                String condition =
                        String.join(".", claim.path()) + ": " + claim.value().describeQuoted();
                String actual = texts.isEmpty() ? "absent" : bounded(String.join(", ", texts));
                return claim.inverse()
                        ? "without claim " + condition + " matches " + actual
                        : "claim " + condition + " does not match " + actual;
            }
        }
        return null;
    }

    private static @Nullable String query(RouteMatch match, RequestView request) {
        for (QueryMatch parameter : match.queryParams()) {
            if (!parameter.matches(request)) {
                String actual = orAbsent(QueryMatch.firstValue(request.query(), parameter.name()));
                return "query parameter " + parameter.name() + ": "
                        + parameter.value().describeQuoted() + " does not match " + actual;
            }
        }
        return null;
    }

    private static @Nullable String labels(RouteMatch match, RequestView request) {
        for (Map.Entry<String, String> label : match.sourceLabels().entrySet()) {
            String actual = request.sourceLabels().get(label.getKey());
            if (!label.getValue().equals(actual)) {
                return "sourceLabels " + label.getKey() + '=' + label.getValue() + " does not match "
                        + (actual == null ? "absent" : actual);
            }
        }
        return null;
    }

    /// A request's own text, bounded because the client chose its length.
    private static String bounded(CharSequence text) {
        return text.length() <= LONGEST
                ? text.toString()
                : text.subSequence(0, LONGEST) + "... (" + text.length() + " characters)";
    }

    private static String orAbsent(@Nullable CharSequence text) {
        return text == null ? "absent" : '"' + bounded(text) + '"';
    }
}
