package io.sallyport.config.index;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.StringMatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Root match ∧ delegate match. Each match of the delegate must lie within some match of the root
/// (`HTTPRoute.delegate`; Istio pilot, `mergeHTTPMatchRequests`). Whether a regex does cannot be known, so a regex
/// beside any other condition on the same thing is a conflict.
public final class MatchNarrowing {
    private MatchNarrowing() {}

    /// The matches with their gateways named in full, for each level means those of its own namespace.
    ///
    /// @param namespace of the VirtualService that has them
    public static List<HttpMatchRequest> inFull(List<HttpMatchRequest> matches, String namespace) {
        if (matches.stream().allMatch(match -> match.gateways().isEmpty())) {
            return matches;
        }
        return matches.stream()
                .map(match -> match.withGateways(match.gateways().stream()
                        .map(reference -> GatewayReference.resolve(reference, namespace))
                        .toList()))
                .toList();
    }

    /// The matches that both levels ask for, or null if a match of the delegate lies within none of the root's.
    ///
    /// @param root as [#inFull] has them, likewise `delegate`
    public static @Nullable List<HttpMatchRequest> narrow(
            List<HttpMatchRequest> root, List<HttpMatchRequest> delegate) {
        if (root.isEmpty()) {
            return delegate;
        }
        if (delegate.isEmpty()) {
            return root;
        }
        List<HttpMatchRequest> narrowed = new ArrayList<>();
        for (HttpMatchRequest inner : delegate) {
            int before = narrowed.size();
            for (HttpMatchRequest outer : root) {
                if (contains(outer, inner)) {
                    narrowed.add(both(outer, inner));
                }
            }
            if (narrowed.size() == before) {
                return null;
            }
        }
        return narrowed;
    }

    private static boolean contains(HttpMatchRequest outer, HttpMatchRequest inner) {
        return contains(outer.uri(), inner.uri())
                && contains(outer.scheme(), inner.scheme())
                && contains(outer.method(), inner.method())
                && contains(outer.authority(), inner.authority())
                && containsEach(outer.headers(), inner.headers())
                && containsEach(outer.queryParams(), inner.queryParams())
                // What must not hold is the other way round: the delegate may only exclude more.
                && containsEach(inner.withoutHeaders(), outer.withoutHeaders())
                && outer.ignoreUriCase() == inner.ignoreUriCase()
                && (outer.port() == 0 || inner.port() == 0 || outer.port() == inner.port())
                && (outer.gateways().isEmpty() || outer.gateways().containsAll(inner.gateways()))
                && (outer.sourceNamespace().isEmpty()
                        || inner.sourceNamespace().isEmpty()
                        || outer.sourceNamespace().equals(inner.sourceNamespace()))
                && agree(outer.sourceLabels(), inner.sourceLabels());
    }

    private static boolean agree(Map<String, String> outer, Map<String, String> inner) {
        for (Map.Entry<String, String> label : inner.entrySet()) {
            if (!outer.getOrDefault(label.getKey(), label.getValue()).equals(label.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static boolean containsEach(Map<String, StringMatch> outer, Map<String, StringMatch> inner) {
        for (Map.Entry<String, StringMatch> condition : inner.entrySet()) {
            if (!contains(outer.get(condition.getKey()), condition.getValue())) {
                return false;
            }
        }
        return true;
    }

    /// Whether all strings that `inner` matches are matched by `outer`; an absent condition leaves the other one alone.
    private static boolean contains(@Nullable StringMatch outer, @Nullable StringMatch inner) {
        if (outer == null || inner == null) {
            return true;
        }
        boolean regex = outer instanceof StringMatch.Regex || inner instanceof StringMatch.Regex;
        return !regex && StringConditions.contains(outer, inner);
    }

    private static HttpMatchRequest both(HttpMatchRequest outer, HttpMatchRequest inner) {
        return new HttpMatchRequest(
                joined(outer.name(), inner.name()),
                either(inner.uri(), outer.uri()),
                either(inner.scheme(), outer.scheme()),
                either(inner.method(), outer.method()),
                either(inner.authority(), outer.authority()),
                union(outer.headers(), inner.headers()),
                inner.port() != 0 ? inner.port() : outer.port(),
                union(outer.sourceLabels(), inner.sourceLabels()),
                inner.gateways().isEmpty() ? outer.gateways() : inner.gateways(),
                union(outer.queryParams(), inner.queryParams()),
                inner.ignoreUriCase(),
                union(outer.withoutHeaders(), inner.withoutHeaders()),
                inner.sourceNamespace().isEmpty() ? outer.sourceNamespace() : inner.sourceNamespace(),
                inner.statPrefix().isEmpty() ? outer.statPrefix() : inner.statPrefix(),
                inner.at());
    }

    /// Names of the two levels as Istio joins them: `root-delegate`.
    static String joined(String outer, String inner) {
        if (outer.isEmpty()) {
            return inner;
        }
        return inner.isEmpty() ? outer : outer + "-" + inner;
    }

    private static @Nullable StringMatch either(@Nullable StringMatch inner, @Nullable StringMatch outer) {
        return inner != null ? inner : outer;
    }

    private static <V> Map<String, V> union(Map<String, V> outer, Map<String, V> inner) {
        if (outer.isEmpty()) {
            return inner;
        }
        Map<String, V> union = new LinkedHashMap<>(outer);
        union.putAll(inner);
        return union;
    }
}
