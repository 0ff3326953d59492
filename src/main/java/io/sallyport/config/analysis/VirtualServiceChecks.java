package io.sallyport.config.analysis;

import io.sallyport.config.model.VirtualService;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

    /// Of the last analysis, with what it cost to compare their matches.
    private Map<VirtualService, Integer> sound = Map.of();

    private Surroundings surroundings = Surroundings.NONE;

    void analyze(AnalysisContext context) {
        List<VirtualService> all = context.index().configuration().virtualServices();
        Surroundings now = Surroundings.of(context.index());
        Surroundings.Change change = now.since(surroundings, context.index().hosts());
        Map<VirtualService, Integer> next = new IdentityHashMap<>(all.size());
        for (VirtualService virtualService : all) {
            Integer before = sound.get(virtualService);
            boolean known = before != null && !change.concerns(virtualService) && context.mayCompareMatches(before);
            Integer cost = known ? before : check(context, virtualService);
            if (cost != null) {
                next.put(virtualService, cost);
            }
        }
        surroundings = now;
        sound = next;
    }

    /// What it cost to compare matches; null where there was something to be said, or not everything was compared.
    private static @Nullable Integer check(AnalysisContext context, VirtualService virtualService) {
        int reported = context.reported();
        int left = context.matchComparisons();
        ALL.forEach(check -> check.check(context, virtualService));
        return context.reported() == reported && !context.hasRefused() ? left - context.matchComparisons() : null;
    }
}
