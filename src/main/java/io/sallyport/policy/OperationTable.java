package io.sallyport.policy;

import io.sallyport.route.PrefixTrie;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Rules by their methods and paths, which may be any.
final class OperationTable {
    /// In upper case where the rule ignores the case.
    private final Map<String, Paths> byMethod = new HashMap<>();
    private final Paths ofAnyMethod;

    /// @param numbers of the rules that are in it, ascending
    OperationTable(Rule[] rules, List<Integer> numbers) {
        Map<String, List<Integer>> methods = new HashMap<>();
        List<Integer> any = new ArrayList<>();
        for (int number : numbers) {
            List<TextMatch> required = required(rules[number], OperationTable::methods);
            if (required == null) {
                any.add(number);
            } else {
                for (TextMatch method : required) {
                    TextMatch.Equals equals = (TextMatch.Equals) method;
                    add(
                            methods,
                            equals.ignoreCase() ? equals.value().toUpperCase(Locale.ROOT) : equals.value(),
                            number);
                }
            }
        }
        methods.forEach((method, list) -> byMethod.put(method, new Paths(rules, list)));
        ofAnyMethod = new Paths(rules, any);
    }

    /// The number of the first rule that matches.
    ///
    /// @param request whose path can be read in one way only
    /// @param before the result where none before this one does
    int first(PolicyRequest request, int before) {
        String path = request.path();
        int first = ofAnyMethod.first(path, before, request);
        String method = request.method();
        first = first(method, path, first, request);
        String key = method.toUpperCase(Locale.ROOT);
        return key.equals(method) ? first : first(key, path, first, request);
    }

    private int first(String key, String path, int before, PolicyRequest request) {
        Paths ofMethod = byMethod.get(key);
        return ofMethod == null ? before : ofMethod.first(path, before, request);
    }

    /// What a rule is found by, a method with a path each; those of the same operations are compared with the same
    /// requests.
    static List<String> operations(Rule rule) {
        List<TextMatch> methods = required(rule, OperationTable::methods);
        List<TextMatch> paths = required(rule, OperationTable::paths);
        List<String> operations = new ArrayList<>();
        for (Object method : methods == null ? List.of("") : methods) {
            for (Object path : paths == null ? List.of("") : paths) {
                operations.add(method + " " + path);
            }
        }
        return operations;
    }

    /// Rules by their paths.
    private static final class Paths {
        private static final int[] NONE = {};

        private final Rule[] rules;
        private final Map<String, int[]> exact;
        private final PrefixTrie prefixes;
        /// Those that do not depend on the path, or in another way.
        private final int[] others;

        Paths(Rule[] rules, List<Integer> numbers) {
            this.rules = rules;
            Map<String, List<Integer>> byPath = new HashMap<>();
            Map<String, List<Integer>> byPrefix = new HashMap<>();
            List<Integer> rest = new ArrayList<>();
            for (int number : numbers) {
                List<TextMatch> required = required(rules[number], OperationTable::paths);
                if (required == null) {
                    rest.add(number);
                    continue;
                }
                for (TextMatch path : required) {
                    if (path instanceof TextMatch.Equals equals) {
                        add(byPath, equals.value(), number);
                    } else if (path instanceof TextMatch.Begins begins) {
                        add(byPrefix, begins.value(), number);
                    }
                }
            }
            exact = arrays(byPath);
            prefixes = PrefixTrie.of(arrays(byPrefix), false);
            others = array(rest);
        }

        /// The number of the first rule that matches.
        ///
        /// @param before the result where none before this one does
        int first(String path, int before, PolicyRequest request) {
            int first = Rule.first(rules, others, 0, others.length, before, request);
            if (!exact.isEmpty()) {
                int[] ofPath = exact.getOrDefault(path, NONE);
                first = Rule.first(rules, ofPath, 0, ofPath.length, first, request);
            }
            int[] ofPrefixes = prefixes.orders();
            int at = 0;
            for (int node = 0; node >= 0; node = prefixes.next(node, path, at)) {
                at += prefixes.length(node);
                first = Rule.first(
                        rules, ofPrefixes, prefixes.ordersFrom(node), prefixes.ordersFrom(node + 1), first, request);
            }
            return first;
        }
    }

    /// The texts of which one must match for the rule to match, or null where nothing of the kind can be said.
    private static @Nullable List<TextMatch> required(
            Rule rule, Function<Condition, @Nullable List<TextMatch>> ofCondition) {
        if (rule.to().isEmpty()) {
            return null;
        }
        List<TextMatch> all = new ArrayList<>();
        for (Rule.Clause alternative : rule.to()) {
            List<TextMatch> found = null;
            for (Condition condition : alternative.conditions()) {
                List<TextMatch> texts = ofCondition.apply(condition);
                found = texts == null ? found : texts;
            }
            if (found == null) {
                return null;
            }
            all.addAll(found);
        }
        return all;
    }

    private static @Nullable List<TextMatch> paths(Condition condition) {
        return condition instanceof Condition.Path path
                        && path.templates().isEmpty()
                        && path.values().stream()
                                .allMatch(
                                        value -> value instanceof TextMatch.Equals || value instanceof TextMatch.Begins)
                ? path.values()
                : null;
    }

    private static @Nullable List<TextMatch> methods(Condition condition) {
        return condition instanceof Condition.Method method
                        && method.values().stream().allMatch(TextMatch.Equals.class::isInstance)
                ? method.values()
                : null;
    }

    static <K> void add(Map<K, List<Integer>> lists, K key, int number) {
        List<Integer> list = lists.computeIfAbsent(key, _ -> new ArrayList<>());
        if (list.isEmpty() || list.getLast() != number) {
            list.add(number);
        }
    }

    private static Map<String, int[]> arrays(Map<String, List<Integer>> lists) {
        Map<String, int[]> arrays = new HashMap<>();
        lists.forEach((key, list) -> arrays.put(key, array(list)));
        return arrays;
    }

    static int[] array(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
