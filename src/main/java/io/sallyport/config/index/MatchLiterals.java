package io.sallyport.config.index;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.StringMatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Converts the literals of HTTP matches to the form of what they are compared with: canonical paths, authorities
/// in lower case and without a trailing dot. Regular expressions stay as they are written; so does a literal that
/// no request can meet. Queries and other headers are compared as they are sent.
public final class MatchLiterals {
    private final PathLiterals paths;

    public MatchLiterals(PathLiterals paths) {
        this.paths = paths;
    }

    /// The same route where nothing changes.
    public HttpRoute canonical(HttpRoute route) {
        List<HttpMatchRequest> matches = new ArrayList<>(route.match().size());
        boolean changed = false;
        for (HttpMatchRequest match : route.match()) {
            HttpMatchRequest canonical = canonical(match);
            changed |= canonical != match;
            matches.add(canonical);
        }
        return changed ? route.withMatch(matches) : route;
    }

    /// The same match where nothing changes.
    @SuppressWarnings("ReferenceEquality") // What did not change is the same object.
    public HttpMatchRequest canonical(HttpMatchRequest match) {
        StringMatch uri = match.uri() == null ? null : uri(match.uri());
        StringMatch authority = match.authority() == null ? null : authority(match.authority());
        Map<String, StringMatch> headers = headers(match.headers());
        Map<String, StringMatch> without = headers(match.withoutHeaders());
        return uri == match.uri()
                        && authority == match.authority()
                        && headers == match.headers()
                        && without == match.withoutHeaders()
                ? match
                : match.withLiterals(uri, authority, headers, without);
    }

    private StringMatch uri(StringMatch uri) {
        return switch (uri) {
            case StringMatch.Exact(String path) -> exact(uri, path, paths.exact(path));
            case StringMatch.Prefix(String prefix) -> prefix(uri, prefix, paths.prefix(prefix));
            case StringMatch.Regex _, StringMatch.Present _ -> uri;
        };
    }

    private Map<String, StringMatch> headers(Map<String, StringMatch> headers) {
        Map<String, StringMatch> changed = null;
        for (Map.Entry<String, StringMatch> header : headers.entrySet()) {
            StringMatch canonical =
                    switch (header.getKey()) {
                        case ":path" -> target(header.getValue());
                        case ":authority", "host" -> authority(header.getValue());
                        default -> header.getValue();
                    };
            if (!canonical.equals(header.getValue())) {
                changed = changed == null ? new LinkedHashMap<>(headers) : changed;
                changed.put(header.getKey(), canonical);
            }
        }
        return changed == null ? headers : changed;
    }

    /// The pseudo-header `:path` has the query, too, which stays as it is.
    private StringMatch target(StringMatch target) {
        return switch (target) {
            case StringMatch.Exact(String text) -> exact(target, text, target(text, false));
            case StringMatch.Prefix(String text) -> prefix(target, text, target(text, true));
            case StringMatch.Regex _, StringMatch.Present _ -> target;
        };
    }

    @Nullable
    String target(String text, boolean open) {
        int query = text.indexOf('?');
        if (query < 0) {
            return open ? paths.prefix(text) : paths.exact(text);
        }
        String path = paths.exact(text.substring(0, query));
        return path == null ? null : path.concat(text.substring(query));
    }

    /// Hosts have no case (RFC 9110, 4.2.3), and mean the same with a trailing dot.
    private static StringMatch authority(StringMatch authority) {
        return switch (authority) {
            case StringMatch.Exact(String text) -> exact(authority, text, withoutDot(text.toLowerCase(Locale.ROOT)));
            case StringMatch.Prefix(String text) -> prefix(authority, text, text.toLowerCase(Locale.ROOT));
            case StringMatch.Regex _, StringMatch.Present _ -> authority;
        };
    }

    private static String withoutDot(String authority) {
        int colon = authority.indexOf(':');
        int end = colon < 0 ? authority.length() : colon;
        return end > 1 && authority.charAt(end - 1) == '.'
                ? authority.substring(0, end - 1).concat(authority.substring(end))
                : authority;
    }

    private static StringMatch exact(StringMatch match, String written, @Nullable String canonical) {
        return canonical == null || canonical.equals(written) ? match : new StringMatch.Exact(canonical);
    }

    private static StringMatch prefix(StringMatch match, String written, @Nullable String canonical) {
        return canonical == null || canonical.equals(written) ? match : new StringMatch.Prefix(canonical);
    }
}
