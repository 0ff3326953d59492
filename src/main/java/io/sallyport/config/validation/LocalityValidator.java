package io.sallyport.config.validation;

import io.sallyport.config.model.LocalityLbSetting;
import io.sallyport.config.model.LocalityLbSetting.Distribute;
import io.sallyport.config.model.LocalityLbSetting.Failover;
import io.sallyport.config.model.OutlierDetection;
import io.sallyport.config.model.ZoneAwareLbSetting;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `LocalityLoadBalancerSetting` and `ZoneAwareLoadBalancerSetting`.
final class LocalityValidator {
    private static final Set<String> TOPOLOGY_LABELS =
            Set.of("topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone");

    private LocalityValidator() {}

    static void locality(@Nullable LocalityLbSetting setting, @Nullable OutlierDetection outlier, Place place) {
        if (setting == null) {
            return;
        }
        if (!setting.distribute().isEmpty() && !setting.failover().isEmpty()) {
            place.field("failover").report(ProblemCode.BAD_LOCALITY, "distribute and failover exclude each other");
        }
        if (!setting.failover().isEmpty()) {
            noTopologyLabels(setting.failoverPriority(), place.field("failoverPriority"));
        }
        for (int i = 0; i < setting.distribute().size(); i++) {
            distribute(setting.distribute().get(i), place.field("distribute").index(i));
        }
        List<String> sources =
                setting.distribute().stream().map(Distribute::from).toList();
        localities(sources, place.field("distribute"));
        failovers(setting.failover(), setting.failoverPriority(), outlier, place);
    }

    static void zoneAware(@Nullable ZoneAwareLbSetting setting, @Nullable OutlierDetection outlier, Place place) {
        if (setting == null) {
            return;
        }
        noTopologyLabels(setting.failoverPriority(), place.field("failoverPriority"));
        failovers(setting.failover(), setting.failoverPriority(), outlier, place);
    }

    private static void noTopologyLabels(List<String> labels, Place place) {
        for (int i = 0; i < labels.size(); i++) {
            if (TOPOLOGY_LABELS.contains(labels.get(i))) {
                place.index(i).report(ProblemCode.BAD_LOCALITY, labels.get(i) + " is already taken into account");
            }
        }
    }

    private static void distribute(Distribute distribute, Place place) {
        long sum = 0;
        for (var share : distribute.to().entrySet()) {
            if (share.getValue() < 1 || share.getValue() > 100) {
                String message = share.getValue() + " is not in 1 to 100";
                place.field("to").key(share.getKey()).report(ProblemCode.BAD_LOCALITY, message);
            }
            sum += share.getValue();
        }
        if (sum != 100) {
            place.field("to").report(ProblemCode.BAD_LOCALITY, "the shares sum to " + sum + ", not to 100");
        }
        localities(distribute.to().keySet(), place.field("to"));
    }

    /// Each is `region/zone/subzone`, with `*` for the rest of it, and none is within another.
    private static void localities(Collection<String> localities, Place place) {
        LocalitySet seen = new LocalitySet();
        for (String locality : localities) {
            int star = locality.indexOf('*');
            boolean early = star >= 0 && star < locality.length() - 1;
            boolean emptyPart = locality.startsWith("/") || locality.endsWith("/") || locality.contains("//");
            if (early || emptyPart || locality.isEmpty()) {
                String message = Quote.of(locality) + " is not a locality";
                place.report(ProblemCode.BAD_LOCALITY, message, "region/zone/subzone, or region/*");
            } else if (!seen.add(locality)) {
                place.report(ProblemCode.BAD_LOCALITY, Quote.of(locality) + " overlaps with another");
            }
        }
    }

    private static void failovers(
            List<Failover> failovers, List<String> priority, @Nullable OutlierDetection outlier, Place place) {
        if ((!failovers.isEmpty() || !priority.isEmpty()) && outlier == null) {
            String message = "without outlierDetection no endpoint is ever unhealthy, so there is no failover";
            place.report(ProblemCode.NOT_ENFORCED, message, "give outlierDetection");
        }
        for (int i = 0; i < failovers.size(); i++) {
            Failover failover = failovers.get(i);
            Place at = place.field("failover").index(i);
            if (failover.from().equals(failover.to())) {
                at.report(ProblemCode.BAD_LOCALITY, "failover leads to another region");
            }
            String both = failover.from() + failover.to();
            if (both.contains("/") || both.contains("*")) {
                at.report(ProblemCode.BAD_LOCALITY, "failover names regions, without / and *");
            }
        }
    }

    /// Localities of which none is within another: `a/b/c`, `a/*` for all of `a`, and `a`, which is the same.
    private static final class LocalitySet {
        private final Set<String> whole = new HashSet<>();
        private final Set<String> partly = new HashSet<>();

        /// False when the locality overlaps with one that is there.
        boolean add(String locality) {
            String name = locality.endsWith("/*") ? locality.substring(0, locality.length() - 2) : locality;
            if (name.equals("*")) {
                boolean first = whole.isEmpty();
                return whole.add("*") && first;
            }
            boolean free = !whole.contains("*") && !whole.contains(name) && !partly.contains(name);
            for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
                String outer = name.substring(0, slash);
                free &= !whole.contains(outer);
                partly.add(outer);
            }
            whole.add(name);
            return free;
        }
    }
}
