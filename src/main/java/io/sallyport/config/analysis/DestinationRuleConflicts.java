package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.MergeOrder;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Subset;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.problem.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// DestinationRules for hosts that nobody knows, and several for one host.
final class DestinationRuleConflicts implements Analyzer {
    /// Rules of one key merge.
    private record Key(
            String namespace, String host, @Nullable Map<String, String> workloadSelector) {}

    /// What the rules of a key have defined so far.
    private static final class Merged {
        private final DestinationRule first;
        private final Set<String> subsets = new HashSet<>();
        private boolean hasPolicy;

        Merged(DestinationRule first) {
            this.first = first;
        }

        /// Adds a rule; returns the parts of it that are left out.
        List<String> add(DestinationRule rule) {
            List<String> lost = new ArrayList<>();
            if (rule.trafficPolicy() != null) {
                if (hasPolicy) {
                    lost.add("its trafficPolicy");
                }
                hasPolicy = true;
            }
            for (Subset subset : rule.subsets()) {
                if (!subsets.add(subset.name())) {
                    lost.add("its subset " + Quote.of(subset.name()));
                }
            }
            return lost;
        }
    }

    @Override
    public void analyze(AnalysisContext context) {
        ConfigurationIndex index = context.index();
        KnownHosts knownHosts = context.knownHosts();
        Map<Key, Merged> byKey = new HashMap<>();
        for (DestinationRule rule : MergeOrder.sorted(index.configuration().destinationRules())) {
            String namespace = rule.meta().namespace();
            String host = index.hosts().fullyQualified(rule.host(), namespace);
            if (!HostPatterns.isWildcard(host) && !knownHosts.contains(host)) {
                context.report(
                        ProblemCode.UNKNOWN_RULE_HOST,
                        rule.meta().at(),
                        "spec.host",
                        rule.meta() + " is for " + Quote.of(rule.host())
                                + ", which is neither in a ServiceEntry nor in the mesh",
                        knownHosts.hint(host));
            }
            String meant = HostPatterns.isWildcard(host) ? null : knownHosts.slipOf(host);
            if (meant != null) {
                context.report(
                        ProblemCode.UNKNOWN_RULE_HOST,
                        rule.meta().at(),
                        "spec.host",
                        rule.meta() + " is for " + Quote.of(rule.host()) + ", which no route leads to",
                        "did you mean " + Quote.of(meant) + "?");
            }
            Merged merged =
                    byKey.computeIfAbsent(new Key(namespace, host, rule.workloadSelector()), key -> new Merged(rule));
            List<String> lost = merged.add(rule);
            if (merged.first != rule) {
                reportMerge(context, rule, host, merged.first, lost);
            }
        }
    }

    private static void reportMerge(
            AnalysisContext context, DestinationRule rule, String host, DestinationRule first, List<String> lost) {
        String message = rule.meta() + " merges with " + first.meta() + " ("
                + first.meta().at() + ") for " + Quote.of(host);
        context.report(
                ProblemCode.SHARED_RULE_HOST,
                lost.isEmpty() ? Severity.INFO : Severity.WARNING,
                rule.meta().at(),
                "spec.host",
                lost.isEmpty() ? message : message + ": " + Quote.plain(String.join(", ", lost)) + " is left out",
                "make one DestinationRule of them");
    }
}
