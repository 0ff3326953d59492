package io.sallyport.policy;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One rule of a policy: any of `from`, any of `to`, and all of `when`.
///
/// @param policy `namespace/name`
/// @param index of the rule in its policy
/// @param denial what a request is denied with that this rule denies
/// @param from alternatives; none holds always
/// @param to as `from`
record Rule(String policy, int index, Denial denial, List<Clause> from, List<Clause> to, Clause when) {

    Rule(String policy, int index, List<Clause> from, List<Clause> to, Clause when) {
        this(policy, index, Denial.by(policy, index), from, to, when);
    }

    /// Conditions that must all hold.
    ///
    /// @param texts the fields that they are made of, one each, for explanations
    record Clause(List<Condition> conditions, List<String> texts) {
        /// The first condition that does not hold, or -1.
        int failing(PolicyRequest request) {
            for (int i = 0; i < conditions.size(); i++) {
                if (!conditions.get(i).matches(request)) {
                    return i;
                }
            }
            return -1;
        }
    }

    boolean readsFields() {
        return Stream.of(from, to, List.of(when))
                .flatMap(List::stream)
                .flatMap(clause -> clause.conditions().stream())
                .anyMatch(Condition::readsFields);
    }

    /// The dearest last: what a path may be read as. A [RuleTable] asks only those that path and method let pass.
    boolean matches(PolicyRequest request) {
        return any(from, request) && when.failing(request) < 0 && any(to, request);
    }

    /// The number of the first of these rules that matches.
    ///
    /// @param numbers of rules, ascending, of which those from `from` to `to` count
    /// @param before the result where none before this one does
    static int first(Rule[] rules, int[] numbers, int from, int to, int before, PolicyRequest request) {
        for (int i = from; i < to && numbers[i] < before; i++) {
            if (rules[numbers[i]].matches(request)) {
                return numbers[i];
            }
        }
        return before;
    }

    private static boolean any(List<Clause> alternatives, PolicyRequest request) {
        for (int i = 0; i < alternatives.size(); i++) {
            if (alternatives.get(i).failing(request) < 0) {
                return true;
            }
        }
        return alternatives.isEmpty();
    }

    /// The first condition that keeps the rule from matching: that of the alternative that came nearest.
    ///
    /// @param holding how many conditions of the rule hold
    record Mismatch(int holding, String text) {}

    /// Why the rule does not match, or null where it does.
    @Nullable
    Mismatch mismatch(PolicyRequest request) {
        int holding = 0;
        String first = null;
        for (List<Clause> alternatives : List.of(from, to, List.of(when))) {
            Mismatch nearest = null;
            int held = 0;
            boolean matched = alternatives.isEmpty();
            for (Clause clause : alternatives) {
                int failing = clause.failing(request);
                if (failing < 0) {
                    matched = true;
                    held = Math.max(held, clause.conditions().size());
                } else if (nearest == null || failing > nearest.holding()) {
                    String actual = clause.conditions().get(failing).actual(request);
                    nearest = new Mismatch(failing, clause.texts().get(failing) + " does not hold: " + actual);
                }
            }
            if (matched || nearest == null) {
                holding += held;
            } else {
                holding += nearest.holding();
                first = first == null ? nearest.text() : first;
            }
        }
        return first == null ? null : new Mismatch(holding, first);
    }
}
