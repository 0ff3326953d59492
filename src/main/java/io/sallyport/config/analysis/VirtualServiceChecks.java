package io.sallyport.config.analysis;

import io.sallyport.config.model.VirtualService;
import io.sallyport.persistent.ListDifference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The checks of each VirtualService. One that nothing was to be said of is not checked again by the next analysis
/// while it is the same object, and so is all that it may name.
///
/// Not thread-safe.
final class VirtualServiceChecks {
    private static final List<VirtualServiceCheck> ALL = List.of(
            new GatewayReferences(),
            new RouteKinds(),
            new TunnelUse(),
            new DestinationReferences(),
            new ShortNames(),
            new PathMatches(),
            new HttpReachability(),
            new TlsReachability(),
            new TcpReachability());

    /// Of the last analysis.
    private List<VirtualService> checked = List.of();
    /// Those that nothing was to be said of, with what it cost to compare their matches.
    private final Map<VirtualService, Integer> sound = new IdentityHashMap<>();

    private final Set<VirtualService> others = Collections.newSetFromMap(new IdentityHashMap<>());
    private int cost;
    private Surroundings surroundings = Surroundings.NONE;

    /// Checks those that may have something to be said of.
    ///
    /// @return false where there is more to say than there is room for, or more to compare than may be: then
    ///     what is said depends on the order, and [#analyzeAll] is to be called with a new context
    boolean analyze(AnalysisContext context) {
        List<VirtualService> all = context.index().configuration().virtualServices();
        ListDifference<VirtualService> difference = ListDifference.between(checked, all);
        Surroundings now = Surroundings.of(context.index());
        Surroundings.Change change = now.since(surroundings, context.index().hosts());
        checked = all;
        surroundings = now;
        difference.removed().forEach(this::forget);
        others.addAll(difference.added());
        if (change.isAny()) {
            List<VirtualService> concerned =
                    all.stream().filter(change::concerns).toList();
            concerned.forEach(this::forget);
            others.addAll(concerned);
        }
        if (!context.mayCompareMatches(cost)) {
            return false;
        }
        List<VirtualService> open = new ArrayList<>(others);
        open.sort(Comparator.comparing(each -> each.meta().at()));
        open.forEach(each -> check(context, each));
        return !context.hasRefused() && !context.isFull();
    }

    /// Checks all of them, in their order.
    void analyzeAll(AnalysisContext context) {
        sound.clear();
        others.clear();
        cost = 0;
        checked.forEach(each -> check(context, each));
    }

    private void forget(VirtualService virtualService) {
        Integer before = sound.remove(virtualService);
        cost -= before == null ? 0 : before;
        others.remove(virtualService);
    }

    private void check(AnalysisContext context, VirtualService virtualService) {
        int reported = context.reported();
        int left = context.matchComparisons();
        ALL.forEach(check -> check.check(context, virtualService));
        forget(virtualService);
        if (context.reported() == reported && !context.hasRefused()) {
            int spent = left - context.matchComparisons();
            sound.put(virtualService, spent);
            cost += spent;
        } else {
            others.add(virtualService);
        }
    }
}
