package io.sallyport.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules of all policies of one action, in their order: of a thousand rules a request is compared with those few
/// that its method and path can meet, or its client, host and fields.
final class RuleTable {
    static final RuleTable EMPTY = new RuleTable(List.of());

    private final Rule[] rules;
    private final ValueTable byValue;
    private final OperationTable byOperation;
    /// The rules of the latter.
    private final int[] ofOperations;

    /// @param all in the order in which they are named where several match
    RuleTable(List<Rule> all) {
        rules = all.toArray(Rule[]::new);
        RuleKeys keys = new RuleKeys(all);
        Map<Place.Key, List<Integer>> values = new HashMap<>();
        List<Integer> others = new ArrayList<>();
        for (int i = 0; i < rules.length; i++) {
            List<Place.Key> chosen = keys.of(rules[i]);
            for (Place.Key key : chosen) {
                OperationTable.add(values, key, i);
            }
            if (chosen.isEmpty()) {
                others.add(i);
            }
        }
        byValue = new ValueTable(rules, values);
        byOperation = new OperationTable(rules, others);
        ofOperations = OperationTable.array(others);
    }

    /// The first rule that matches, or null.
    @Nullable
    Rule match(PolicyRequest request) {
        if (rules.length == 0) {
            return null;
        }
        int first = byValue.first(request, rules.length);
        // Where a path can be read in several ways, tables by its text are of no use.
        first = PathReadings.isPlain(request.path())
                ? byOperation.first(request, first)
                : Rule.first(rules, ofOperations, 0, ofOperations.length, first, request);
        return first == rules.length ? null : rules[first];
    }
}
