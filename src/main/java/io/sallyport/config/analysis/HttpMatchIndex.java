package io.sallyport.config.analysis;

import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.model.VirtualService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Matches seen so far, by path, so that only those that could cover a further one are compared with it.
final class HttpMatchIndex {
    /// A match, or a route without one.
    ///
    /// @param request null takes every request
    /// @param gateways `namespace/name` of those it applies to
    /// @param field path in `declaredIn`
    record Entry(
            VirtualService owner,
            int route,
            @Nullable HttpMatchRequest request,
            Set<String> gateways,
            VirtualService declaredIn,
            String field,
            Position at) {

        boolean isCatchAll() {
            return request == null || Conditions.isCatchAll(request);
        }
    }

    private final AnalysisContext context;
    private final List<Entry> anyPath = new ArrayList<>();
    private final Map<String, List<Entry>> byExact = new HashMap<>();
    private final Map<String, List<Entry>> byPrefix = new HashMap<>();
    private final Map<String, List<Entry>> byRegex = new HashMap<>();
    private final TreeSet<Integer> prefixLengths = new TreeSet<>();

    HttpMatchIndex(AnalysisContext context) {
        this.context = context;
    }

    void add(Entry entry) {
        HttpMatchRequest request = entry.request();
        StringMatch uri = request == null ? null : request.uri();
        if (uri == null || Conditions.isAnyUri(uri)) {
            anyPath.add(entry);
            return;
        }
        // Keys are in lower case whether or not the match cares: they only find candidates.
        switch (uri) {
            case StringMatch.Exact(String value) -> put(byExact, lower(value), entry);
            case StringMatch.Prefix(String prefix) -> {
                put(byPrefix, lower(prefix), entry);
                prefixLengths.add(prefix.length());
            }
            case StringMatch.Regex(String regex) -> put(byRegex, regex, entry);
            case StringMatch.Present _ -> anyPath.add(entry);
        }
    }

    /// A match added before that takes all requests of this one, or null.
    @Nullable
    Entry covering(Entry entry) {
        Entry found = first(anyPath, entry);
        StringMatch uri = entry.request() == null ? null : entry.request().uri();
        if (found != null || uri == null) {
            return found;
        }
        return switch (uri) {
            case StringMatch.Exact(String value) -> {
                Entry exact = first(byExact.getOrDefault(lower(value), List.of()), entry);
                yield exact != null ? exact : underPrefix(lower(value), entry);
            }
            case StringMatch.Prefix(String prefix) -> underPrefix(lower(prefix), entry);
            case StringMatch.Regex(String regex) -> first(byRegex.getOrDefault(regex, List.of()), entry);
            case StringMatch.Present _ -> null;
        };
    }

    private @Nullable Entry underPrefix(String path, Entry entry) {
        for (int length : prefixLengths.headSet(path.length(), true)) {
            if (!context.mayCompareMatches(1 + length / 16)) {
                return null;
            }
            List<Entry> candidates = byPrefix.get(path.substring(0, length));
            Entry found = candidates == null ? null : first(candidates, entry);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private @Nullable Entry first(List<Entry> candidates, Entry entry) {
        for (Entry candidate : candidates) {
            if (!context.mayCompareMatches(1)) {
                return null;
            }
            if (covers(candidate, entry)) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean covers(Entry outer, Entry inner) {
        if (!outer.gateways().containsAll(inner.gateways())) {
            return false;
        }
        if (outer.request() == null) {
            return true;
        }
        return inner.request() == null
                ? Conditions.isCatchAll(outer.request())
                : Conditions.cover(outer.request(), inner.request());
    }

    private static void put(Map<String, List<Entry>> map, String key, Entry entry) {
        map.computeIfAbsent(key, k -> new ArrayList<>(1)).add(entry);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
