package io.sallyport.config.analysis;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Condition;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.Source;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiPredicate;

/// Rules of policies that have no effect.
final class PolicyRules implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        for (AuthorizationPolicy policy : context.index().policies().all()) {
            for (int i = 0; i < policy.rules().size(); i++) {
                Rule rule = policy.rules().get(i);
                String field = Fields.item("spec.rules", i);
                int covering = covering(context, policy.rules(), i);
                if (covering >= 0) {
                    boolean always = appliesAlways(policy.rules().get(covering));
                    context.report(
                            ProblemCode.SHADOWED_RULE,
                            rule.at(),
                            field,
                            "rules[" + covering + "] of " + policy.meta()
                                    + (always ? " is {}, which always applies" : " applies wherever this one does")
                                    + ", so this rule changes nothing",
                            "delete one of the two");
                }
                contradictions(context, rule, field);
            }
        }
    }

    /// The first rule before that one that applies wherever it does, or -1.
    private static int covering(AnalysisContext context, List<Rule> rules, int number) {
        for (int i = 0; i < number && context.mayCompareMatches(1); i++) {
            if (covers(rules.get(i), rules.get(number))) {
                return i;
            }
        }
        return -1;
    }

    private static boolean appliesAlways(Rule rule) {
        return rule.from().isEmpty() && rule.to().isEmpty() && rule.when().isEmpty();
    }

    private static boolean covers(Rule wide, Rule narrow) {
        return any(wide.from(), narrow.from(), PolicyRules::covers)
                && any(wide.to(), narrow.to(), PolicyRules::covers)
                && wide.when().stream().allMatch(condition -> narrow.when().stream()
                        .anyMatch(other ->
                                other.key().equals(condition.key()) && covers(condition.values(), other.values())));
    }

    /// Whether each of the narrow alternatives is within a wide one; no alternatives are all.
    private static <T> boolean any(List<T> wide, List<T> narrow, BiPredicate<T, T> covers) {
        return wide.isEmpty()
                || (!narrow.isEmpty()
                        && narrow.stream().allMatch(each -> wide.stream().anyMatch(other -> covers.test(other, each))));
    }

    private static boolean covers(Source wide, Source narrow) {
        return covers(wide.principals(), narrow.principals())
                && covers(wide.requestPrincipals(), narrow.requestPrincipals())
                && covers(wide.namespaces(), narrow.namespaces())
                && covers(wide.serviceAccounts(), narrow.serviceAccounts())
                && covers(wide.trustDomains(), narrow.trustDomains())
                && covers(wide.ipBlocks(), narrow.ipBlocks())
                && covers(wide.remoteIpBlocks(), narrow.remoteIpBlocks());
    }

    private static boolean covers(Operation wide, Operation narrow) {
        return covers(wide.hosts(), narrow.hosts())
                && covers(wide.ports(), narrow.ports())
                && covers(wide.methods(), narrow.methods())
                && covers(wide.paths(), narrow.paths());
    }

    /// By the values as they are written.
    private static boolean covers(Values wide, Values narrow) {
        boolean any = wide.any().isEmpty()
                || (!narrow.any().isEmpty() && new HashSet<>(wide.any()).containsAll(narrow.any()));
        return any && new HashSet<>(narrow.none()).containsAll(wide.none());
    }

    private static void contradictions(AnalysisContext context, Rule rule, String field) {
        for (int i = 0; i < rule.from().size(); i++) {
            Source source = rule.from().get(i);
            String place = Fields.item(field + ".from", i) + ".source.";
            check(context, source.principals(), source.at(), place + "principals");
            check(context, source.namespaces(), source.at(), place + "namespaces");
            check(context, source.serviceAccounts(), source.at(), place + "serviceAccounts");
            check(context, source.trustDomains(), source.at(), place + "trustDomains");
            check(context, source.ipBlocks(), source.at(), place + "ipBlocks");
            check(context, source.remoteIpBlocks(), source.at(), place + "remoteIpBlocks");
        }
        for (int i = 0; i < rule.to().size(); i++) {
            Operation operation = rule.to().get(i);
            String place = Fields.item(field + ".to", i) + ".operation.";
            check(context, operation.hosts(), operation.at(), place + "hosts");
            check(context, operation.ports(), operation.at(), place + "ports");
            check(context, operation.methods(), operation.at(), place + "methods");
            check(context, operation.paths(), operation.at(), place + "paths");
        }
        for (int i = 0; i < rule.when().size(); i++) {
            Condition condition = rule.when().get(i);
            check(context, condition.values(), condition.at(), Fields.item(field + ".when", i) + ".values");
        }
    }

    private static void check(AnalysisContext context, Values values, Position at, String field) {
        Set<String> none = new HashSet<>(values.none());
        if (!values.any().isEmpty() && !none.isEmpty() && (none.contains("*") || none.containsAll(values.any()))) {
            context.report(
                    ProblemCode.CONTRADICTORY_RULE,
                    at,
                    field,
                    "every value is excluded by the field's negation, so nothing ever matches",
                    "delete one of the two");
        }
    }
}
