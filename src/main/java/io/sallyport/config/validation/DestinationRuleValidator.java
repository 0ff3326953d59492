package io.sallyport.config.validation;

import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Subset;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.net.AddressRange;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Validates a DestinationRule and its subsets, as Istio's `ValidateDestinationRule` does.
final class DestinationRuleValidator {
    private DestinationRuleValidator() {}

    static void validate(DestinationRule rule, Place spec) {
        if (!rule.host().isEmpty() && !AddressRange.isAddress(rule.host())) {
            HostNames.check(rule.host(), spec.field("host"));
        }
        TrafficPolicyValidator.validate(rule.trafficPolicy(), spec.field("trafficPolicy"));
        Set<String> names = new HashSet<>();
        for (int i = 0; i < rule.subsets().size(); i++) {
            Subset subset = rule.subsets().get(i);
            Place place = spec.field("subsets").index(i);
            if (!subset.name().isEmpty()) {
                Checks.name(subset.name(), place.field("name"));
            }
            if (!names.add(subset.name())) {
                String message = "subset " + Quote.of(subset.name()) + " is given twice";
                place.field("name").report(ProblemCode.DUPLICATE_NAME, message);
            }
            LabelChecks.labels(subset.labels(), place.field("labels"));
            TrafficPolicyValidator.validate(subset.trafficPolicy(), place.field("trafficPolicy"));
        }
        exportTo(rule, spec.field("exportTo"));
        LabelChecks.selector(
                rule.workloadSelector(), spec.field("workloadSelector").field("matchLabels"));
    }

    private static void exportTo(DestinationRule rule, Place place) {
        List<String> exportTo = rule.exportTo();
        Checks.exportTo(exportTo, rule.meta().namespace(), false, place);
        boolean beyond = exportTo.stream()
                .anyMatch(
                        entry -> !entry.equals(".") && !entry.equals(rule.meta().namespace()));
        if (rule.workloadSelector() != null && beyond) {
            place.report(ProblemCode.BAD_EXPORT, "a rule with a workloadSelector is for its own namespace only");
        }
    }
}
