package io.sallyport.policy;

import io.sallyport.route.PrefixTrie;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The rules of all policies of one action, in their order, with tables by method and path: of a thousand rules a
/// request is compared with those few that its method and path can meet.
final class RuleTable {
    static final RuleTable EMPTY = new RuleTable(List.of());

    private final Rule[] rules;
    private final Map<String, Paths> byMethod = new HashMap<>();
    private final Paths ofAnyMethod;

    /// @param all in the order in which they are named where several match
    RuleTable(List<Rule> all) {
        rules = all.toArray(Rule[]::new);
        Map<String, List<Integer>> methods = new HashMap<>();
        List<Integer> any = new ArrayList<>();
        for (int i = 0; i < rules.length; i++) {
            List<TextMatch> required = required(rules[i], RuleTable::methods);
            if (required == null) {
                any.add(i);
            } else {
                for (TextMatch method : required) {
                    add(methods, ((TextMatch.Equals) method).value(), i);
                }
            }
        }
        methods.forEach((method, numbers) -> byMethod.put(method, new Paths(rules, numbers)));
        ofAnyMethod = new Paths(rules, any);
    }

    boolean isEmpty() {
        return rules.length == 0;
    }

    /// The first rule that matches, or null.
    @Nullable
    Rule match(PolicyRequest request) {
        if (rules.length == 0) {
            return null;
        }
        String path = request.path();
        if (!PathReadings.isPlain(path)) {
            return firstOfAll(request);
        }
        int first = ofAnyMethod.first(path, rules.length, request);
        Paths ofMethod = byMethod.get(request.method());
        if (ofMethod != null) {
            first = ofMethod.first(path, first, request);
        }
        return first == rules.length ? null : rules[first];
    }

    /// Where a path can be read in several ways, tables by its text are of no use.
    private @Nullable Rule firstOfAll(PolicyRequest request) {
        for (Rule rule : rules) {
            if (rule.matches(request)) {
                return rule;
            }
        }
        return null;
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
                List<TextMatch> required = required(rules[number], RuleTable::paths);
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
            int first = first(others, 0, others.length, before, request);
            if (!exact.isEmpty()) {
                int[] ofPath = exact.getOrDefault(path, NONE);
                first = first(ofPath, 0, ofPath.length, first, request);
            }
            int[] ofPrefixes = prefixes.orders();
            int at = 0;
            for (int node = 0; node >= 0; node = prefixes.next(node, path, at)) {
                at += prefixes.length(node);
                first = first(ofPrefixes, prefixes.ordersFrom(node), prefixes.ordersFrom(node + 1), first, request);
            }
            return first;
        }

        private int first(int[] numbers, int from, int to, int before, PolicyRequest request) {
            for (int i = from; i < to && numbers[i] < before; i++) {
                if (rules[numbers[i]].matches(request)) {
                    return numbers[i];
                }
            }
            return before;
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

    private static void add(Map<String, List<Integer>> lists, String key, int number) {
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

    private static int[] array(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
