package io.sallyport.route;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts into words why a match does not hold. Off the request path: `explain` asks it, routing never does.
final class Mismatch {
    private Mismatch() {}

    static @Nullable String of(RouteMatch match, RequestView request) {
        String why = string("uri", match.uri(), request.path());
        why = why != null ? why : port(match, request);
        why = why != null ? why : string("method", match.method(), request.method());
        why = why != null ? why : string("scheme", match.scheme(), request.scheme());
        why = why != null ? why : authority(match.authority(), request);
        why = why != null ? why : namespace(match, request);
        why = why != null ? why : headers(match, request);
        why = why != null ? why : query(match, request);
        return why != null ? why : labels(match, request);
    }

    private static @Nullable String string(String what, @Nullable StringMatch match, String actual) {
        return match == null || match.matches(actual)
                ? null
                : what + ' ' + match.describe() + " does not match " + Quote.plain(actual);
    }

    private static @Nullable String authority(@Nullable StringMatch match, RequestView request) {
        return match == null || AuthorityCondition.holds(match, request)
                ? null
                : "authority " + match.describe() + " does not match " + Quote.plain(request.namedAuthority());
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
            String why = header.mismatch(request);
            if (why != null) {
                return why;
            }
        }
        return null;
    }

    private static @Nullable String query(RouteMatch match, RequestView request) {
        for (QueryMatch parameter : match.queryParams()) {
            String why = parameter.mismatch(request);
            if (why != null) {
                return why;
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
}
