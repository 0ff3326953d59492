package io.sallyport.config.analysis;

import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.OutlierDetection;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Outlier detection that can eject nobody, because `maxEjectionPercent` of so few endpoints is none. Only where the
/// endpoints are known beforehand.
final class EjectionShares implements Analyzer {
    /// `OutlierDetection.max_ejection_percent`.
    private static final int DEFAULT_PERCENT = 10;

    @Override
    public void analyze(AnalysisContext context) {
        for (RuleEntries each : RuleEntries.of(context.index())) {
            DestinationRule rule = each.rule();
            List<ServiceEntry> entries = each.entries();
            check(context, rule.trafficPolicy(), "spec", count(entries, Map.of()), each.host());
            for (int i = 0; i < rule.subsets().size(); i++) {
                Subset subset = rule.subsets().get(i);
                String field = Fields.item("spec.subsets", i);
                check(context, subset.trafficPolicy(), field, count(entries, subset.labels()), each.host());
            }
        }
    }

    /// 0 where it is not known.
    private static int count(List<ServiceEntry> entries, Map<String, String> labels) {
        boolean known = entries.size() == 1
                && entries.getFirst().resolution() == ServiceEntry.Resolution.STATIC
                && entries.getFirst().workloadSelector() == null;
        return known
                ? (int) entries.getFirst().endpoints().stream()
                        .filter(endpoint -> endpoint.carries(labels))
                        .count()
                : 0;
    }

    private static void check(
            AnalysisContext context, @Nullable TrafficPolicy policy, String parent, int endpoints, String host) {
        if (policy == null || endpoints == 0) {
            return;
        }
        String field = parent + ".trafficPolicy";
        check(context, policy.outlierDetection(), field, endpoints, host);
        for (int i = 0; i < policy.portLevelSettings().size(); i++) {
            OutlierDetection ofPort = policy.portLevelSettings().get(i).outlierDetection();
            check(context, ofPort, Fields.item(field + ".portLevelSettings", i), endpoints, host);
        }
    }

    private static void check(
            AnalysisContext context, @Nullable OutlierDetection outliers, String parent, int endpoints, String host) {
        if (outliers == null) {
            return;
        }
        int percent = outliers.maxEjectionPercent() == 0 ? DEFAULT_PERCENT : outliers.maxEjectionPercent();
        if (percent * endpoints < 100) {
            String of = endpoints == 1 ? "the one endpoint" : "the " + endpoints + " endpoints";
            context.report(
                    ProblemCode.NOBODY_EJECTED,
                    outliers.at(),
                    parent + ".outlierDetection.maxEjectionPercent",
                    percent + " % of " + of + " of " + Quote.of(host) + " is none: no endpoint is ever ejected",
                    "maxEjectionPercent: " + Math.ceilDiv(100, endpoints) + " ejects one");
        }
    }
}
