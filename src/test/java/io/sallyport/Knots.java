package io.sallyport;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Finds the classes of each package that all depend on each other, directly or by way of others of the package. Nested
/// classes count as their outermost one.
final class Knots {
    private static final int ALLOWED = 3;

    private Knots() {}

    /// The size of the largest knot of each package that has one of more than three classes, by the package's name
    /// below `io.sallyport`.
    static Map<String, Integer> of(JavaClasses classes) {
        Map<String, Map<String, Set<String>>> packages = new HashMap<>();
        for (JavaClass from : classes) {
            for (var dependency : from.getDirectDependenciesFromSelf()) {
                JavaClass to = dependency.getTargetClass();
                String user = outermost(from);
                String used = outermost(to);
                if (from.getPackageName().equals(to.getPackageName()) && !user.equals(used)) {
                    packages.computeIfAbsent(from.getPackageName(), _ -> new HashMap<>())
                            .computeIfAbsent(user, _ -> new HashSet<>())
                            .add(used);
                }
            }
        }
        Map<String, Integer> knots = new TreeMap<>();
        packages.forEach((name, uses) -> {
            int largest = largest(uses);
            if (largest > ALLOWED) {
                knots.put(name.replace("io.sallyport.", ""), largest);
            }
        });
        return knots;
    }

    private static String outermost(JavaClass each) {
        String name = each.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    private static int largest(Map<String, Set<String>> uses) {
        Map<String, Set<String>> reached = new HashMap<>();
        uses.keySet().forEach(each -> reached.put(each, reachable(each, uses)));
        int largest = 0;
        for (String each : uses.keySet()) {
            int together = 0;
            for (String other : reached.get(each)) {
                if (reached.getOrDefault(other, Set.of()).contains(each)) {
                    together++;
                }
            }
            largest = Math.max(largest, together);
        }
        return largest;
    }

    private static Set<String> reachable(String from, Map<String, Set<String>> uses) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(uses.getOrDefault(from, Set.of()));
        while (!open.isEmpty()) {
            String next = open.pop();
            if (seen.add(next)) {
                open.addAll(uses.getOrDefault(next, Set.of()));
            }
        }
        return seen;
    }
}
