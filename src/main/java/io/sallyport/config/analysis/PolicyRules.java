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
import java.util.Set;

/// Rules of policies that have no effect.
final class PolicyRules implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        for (AuthorizationPolicy policy : context.index().policies().all()) {
            int always = -1;
            for (int i = 0; i < policy.rules().size(); i++) {
                Rule rule = policy.rules().get(i);
                String field = Fields.item("spec.rules", i);
                if (always >= 0) {
                    context.report(
                            ProblemCode.SHADOWED_RULE,
                            rule.at(),
                            field,
                            "rules[" + always + "] of " + policy.meta() + " is {}, which always applies, so this rule"
                                    + " changes nothing",
                            "delete one of the two");
                } else if (appliesAlways(rule)) {
                    always = i;
                }
                contradictions(context, rule, field);
            }
        }
    }

    private static boolean appliesAlways(Rule rule) {
        return rule.from().isEmpty() && rule.to().isEmpty() && rule.when().isEmpty();
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
