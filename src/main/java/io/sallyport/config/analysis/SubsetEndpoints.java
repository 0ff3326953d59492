package io.sallyport.config.analysis;

import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.Subset;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Subsets that no endpoint belongs to.
final class SubsetEndpoints implements Analyzer {
    /// Of the labels for locality and network.
    private static final String TOPOLOGY = "topology.";

    @Override
    public void analyze(AnalysisContext context) {
        for (RuleEntries each : RuleEntries.of(context.index())) {
            DestinationRule rule = each.rule();
            for (int i = 0; i < rule.subsets().size(); i++) {
                Subset subset = rule.subsets().get(i);
                if (!subset.labels().isEmpty()) {
                    check(context, rule, each.host(), each.entries(), subset, Fields.item("spec.subsets", i));
                }
            }
        }
    }

    private static void check(
            AnalysisContext context,
            DestinationRule rule,
            String host,
            List<ServiceEntry> entries,
            Subset subset,
            String field) {
        String message = rule.meta() + " gives " + Quote.of(host) + " a subset " + Quote.of(subset.name()) + " ";
        if (entries.isEmpty() && context.index().hosts().isInCluster(host)) {
            context.report(
                    ProblemCode.SUBSET_NEEDS_LABELS,
                    subset.at(),
                    field + ".labels",
                    message + "by labels, but a mesh service found by DNS has none: the subset has no endpoints",
                    "discover services (sallyport.discovery.kubernetes), or add a ServiceEntry with labelled endpoints");
        } else if (!entries.isEmpty() && !entries.getFirst().isDiscovered() && !mayCarry(entries, subset.labels())) {
            context.report(
                    ProblemCode.SUBSET_WITHOUT_ENDPOINTS,
                    subset.at(),
                    field + ".labels",
                    message + "with the labels " + Quote.plain(subset.labels().toString()) + ", which no endpoint of "
                            + entries.getFirst().meta() + " carries",
                    "label the endpoints, or mend the subset's labels");
        }
    }

    /// Locality and network are labels, too, wherever they come from.
    private static boolean mayCarry(List<ServiceEntry> entries, Map<String, String> labels) {
        Map<String, String> own = new HashMap<>(labels);
        own.keySet().removeIf(name -> name.startsWith(TOPOLOGY));
        return entries.stream()
                .anyMatch(entry -> entry.workloadSelector() != null
                        || entry.endpoints().stream().anyMatch(endpoint -> endpoint.carries(own)));
    }
}
