package io.sallyport.config.validation;

import java.util.HashSet;
import java.util.Set;

/// Localities of which none is within another: `a/b/c`, `a/*` for all of `a`, and `a`, which is the same.
final class LocalitySet {
    private final Set<String> whole = new HashSet<>();
    private final Set<String> partly = new HashSet<>();

    /// False when the locality overlaps with one that is there.
    boolean add(String locality) {
        String name = locality.endsWith("/*") ? locality.substring(0, locality.length() - 2) : locality;
        if (name.equals("*")) {
            boolean first = whole.isEmpty();
            return whole.add("*") && first;
        }
        boolean free = !whole.contains("*") && !whole.contains(name) && !partly.contains(name);
        for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
            String outer = name.substring(0, slash);
            free &= !whole.contains(outer);
            partly.add(outer);
        }
        whole.add(name);
        return free;
    }
}
