package io.sallyport.config.index;

import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes one rule of several for one host in one namespace, in merge order.
final class DestinationRuleMerger {
    private final Map<String, List<DestinationRule>> byHost = new LinkedHashMap<>();

    void add(String host, DestinationRule rule) {
        byHost.computeIfAbsent(host, key -> new ArrayList<>(1)).add(rule);
    }

    HostMap<DestinationRule> merged() {
        HostMap<DestinationRule> map = new HostMap<>();
        byHost.forEach((host, rules) -> map.add(host, merge(rules)));
        return map;
    }

    private static DestinationRule merge(List<DestinationRule> rules) {
        // A rule for this very workload replaces those for all.
        List<DestinationRule> selecting =
                rules.stream().filter(rule -> rule.workloadSelector() != null).toList();
        List<DestinationRule> counted = selecting.isEmpty() ? rules : selecting;
        DestinationRule first = counted.getFirst();
        if (counted.size() == 1) {
            return first;
        }
        TrafficPolicy policy = null;
        List<Subset> subsets = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (DestinationRule rule : counted) {
            policy = policy == null ? rule.trafficPolicy() : policy;
            rule.subsets().stream().filter(subset -> names.add(subset.name())).forEach(subsets::add);
        }
        return new DestinationRule(
                first.meta(), first.host(), policy, subsets, first.exportTo(), first.workloadSelector());
    }
}
