package io.sallyport.config.analysis;

import io.sallyport.config.index.StringConditions;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.StringMatch;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether one match takes every request that another takes. Unsure means no: a false alarm about a route that works is
/// worse than a missed one.
final class Conditions {
    private Conditions() {}

    /// Without regard to `gateways`.
    static boolean cover(HttpMatchRequest outer, HttpMatchRequest inner) {
        return coverUri(outer, inner)
                && cover(outer.scheme(), inner.scheme())
                && cover(outer.method(), inner.method())
                && cover(outer.authority(), inner.authority())
                && coverEach(outer.headers(), inner.headers())
                && coverEach(outer.queryParams(), inner.queryParams())
                // What is excluded is the other way round: the inner match must exclude at least as much.
                && coverEach(inner.withoutHeaders(), outer.withoutHeaders(), outer.withoutHeaders())
                && coverPort(outer.port(), inner.port())
                && coverLabels(outer.sourceLabels(), inner.sourceLabels())
                && coverText(outer.sourceNamespace(), inner.sourceNamespace());
    }

    /// A match that asks for nothing: Istio's catch-all, which it tries last of all VirtualServices of a host.
    static boolean isCatchAll(HttpMatchRequest match) {
        return isAnyUri(match.uri())
                && match.scheme() == null
                && match.method() == null
                && match.authority() == null
                && match.headers().isEmpty()
                && match.queryParams().isEmpty()
                && match.withoutHeaders().isEmpty()
                && match.port() == 0
                && match.sourceLabels().isEmpty()
                && match.gateways().isEmpty()
                && match.sourceNamespace().isEmpty();
    }

    /// Every path begins with a slash.
    static boolean isAnyUri(@Nullable StringMatch uri) {
        return switch (uri) {
            case null -> true;
            case StringMatch.Present _ -> true;
            case StringMatch.Prefix(String prefix) -> prefix.equals("/");
            case StringMatch.Regex(String regex) -> StringConditions.matchesAll(regex) || regex.equals("/.*");
            case StringMatch.Exact _ -> false;
        };
    }

    private static boolean coverUri(HttpMatchRequest outer, HttpMatchRequest inner) {
        StringMatch outerUri = outer.uri();
        StringMatch innerUri = inner.uri();
        if (isAnyUri(outerUri)) {
            return true;
        }
        if (outerUri == null || innerUri == null) {
            return false;
        }
        if (outer.ignoreUriCase()) {
            return StringConditions.contains(lowerCase(outerUri), lowerCase(innerUri));
        }
        boolean innerIsWider = inner.ignoreUriCase() && !(innerUri instanceof StringMatch.Regex);
        return !innerIsWider && StringConditions.contains(outerUri, innerUri);
    }

    /// `ignoreUriCase` has no say over regular expressions.
    private static StringMatch lowerCase(StringMatch uri) {
        return switch (uri) {
            case StringMatch.Exact(String value) -> new StringMatch.Exact(value.toLowerCase(Locale.ROOT));
            case StringMatch.Prefix(String prefix) -> new StringMatch.Prefix(prefix.toLowerCase(Locale.ROOT));
            case StringMatch.Regex _, StringMatch.Present _ -> uri;
        };
    }

    private static boolean cover(@Nullable StringMatch outer, @Nullable StringMatch inner) {
        return outer == null || inner != null && StringConditions.contains(outer, inner);
    }

    private static boolean coverEach(Map<String, StringMatch> outer, Map<String, StringMatch> inner) {
        for (Map.Entry<String, StringMatch> condition : outer.entrySet()) {
            if (!cover(condition.getValue(), inner.get(condition.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /// For each of `keys`: the wider map has the condition, and it contains the narrower map's.
    private static boolean coverEach(
            Map<String, StringMatch> wider, Map<String, StringMatch> narrower, Map<String, StringMatch> keys) {
        for (String key : keys.keySet()) {
            StringMatch wide = wider.get(key);
            StringMatch narrow = narrower.get(key);
            if (wide == null || narrow == null || !StringConditions.contains(wide, narrow)) {
                return false;
            }
        }
        return true;
    }

    static boolean coverPort(int outer, int inner) {
        return outer == 0 || outer == inner;
    }

    static boolean coverLabels(Map<String, String> outer, Map<String, String> inner) {
        return inner.entrySet().containsAll(outer.entrySet());
    }

    static boolean coverText(String outer, String inner) {
        return outer.isEmpty() || outer.equals(inner);
    }

    /// For lists of which any member may hold; empty asks for nothing.
    static <T> boolean coverAny(Collection<T> outer, Collection<T> inner) {
        return outer.isEmpty() || !inner.isEmpty() && outer.containsAll(inner);
    }
}
