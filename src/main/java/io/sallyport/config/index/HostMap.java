package io.sallyport.config.index;

import static io.sallyport.config.index.HostPatterns.ANY;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Values by host pattern. A look-up costs one probe for each label of the host, whatever the number of patterns.
public final class HostMap<V> {
    /// Sorts after every character of a host name.
    private static final char LAST = '\uffff';

    private final Map<String, List<V>> byPattern = new HashMap<>();
    /// Patterns spelled backwards: all hosts below a suffix are neighbours. Made when they are first asked for,
    /// as of most maps they never are.
    private @Nullable TreeMap<String, String> reversed;

    public void add(String pattern, V value) {
        byPattern
                .computeIfAbsent(pattern, _ -> {
                    reversed = null;
                    return new ArrayList<>(1);
                })
                .add(value);
    }

    public boolean isEmpty() {
        return byPattern.isEmpty();
    }

    /// All patterns, in no particular order.
    public Iterable<String> patterns() {
        return byPattern.keySet();
    }

    /// The values of exactly this pattern.
    public List<V> get(String pattern) {
        return byPattern.getOrDefault(pattern, List.of());
    }

    /// The values of the most specific pattern that covers `host`: itself, else the longest wildcard.
    public List<V> mostSpecific(String host) {
        for (String pattern = host; pattern != null; pattern = HostPatterns.wider(pattern)) {
            List<V> values = byPattern.get(pattern);
            if (values != null) {
                return values;
            }
        }
        return List.of();
    }

    /// The patterns that cover `host`, most specific first.
    public List<String> covering(String host) {
        List<String> found = new ArrayList<>(2);
        for (String pattern = host; pattern != null; pattern = HostPatterns.wider(pattern)) {
            if (byPattern.containsKey(pattern)) {
                found.add(pattern);
            }
        }
        return found;
    }

    /// The patterns that match some host that `host` matches too: those that cover it, most specific first, then those
    /// below it.
    public List<String> overlapping(String host) {
        List<String> found = covering(host);
        if (HostPatterns.isWildcard(host)) {
            String suffix = host.equals(ANY) ? "" : reverse(host.substring(1));
            for (String below : reversed().subMap(suffix, suffix + LAST).values()) {
                if (!below.equals(host)) {
                    found.add(below);
                }
            }
        }
        return found;
    }

    /// The first value of the most specific pattern, or null.
    public @Nullable V first(String host) {
        List<V> values = mostSpecific(host);
        return values.isEmpty() ? null : values.getFirst();
    }

    private TreeMap<String, String> reversed() {
        TreeMap<String, String> all = reversed;
        if (all == null) {
            all = new TreeMap<>();
            for (String pattern : byPattern.keySet()) {
                all.put(reverse(pattern), pattern);
            }
            reversed = all;
        }
        return all;
    }

    private static String reverse(String pattern) {
        return new StringBuilder(pattern).reverse().toString();
    }
}
