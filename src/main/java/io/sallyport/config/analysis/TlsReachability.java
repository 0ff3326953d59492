package io.sallyport.config.analysis;

import io.sallyport.config.index.HostMap;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.model.TlsMatchAttributes;
import io.sallyport.config.model.TlsRoute;
import io.sallyport.config.model.VirtualService;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// TLS routes that earlier ones of the same VirtualService leave nothing to: those of the same `sniHosts`. Between
/// others the order does not count, for the closest name wins.
final class TlsReachability implements VirtualServiceCheck {
    private record Entry(TlsMatchAttributes match, Set<String> gateways, int route, String field) {
        boolean covers(Entry inner) {
            return gateways.containsAll(inner.gateways)
                    && Conditions.coverPort(match.port(), inner.match.port())
                    && Conditions.coverAny(match.destinationSubnets(), inner.match.destinationSubnets())
                    && Conditions.coverLabels(match.sourceLabels(), inner.match.sourceLabels())
                    && Conditions.coverText(match.sourceNamespace(), inner.match.sourceNamespace());
        }
    }

    @Override
    public void check(AnalysisContext context, VirtualService virtualService) {
        HostMap<Entry> earlier = new HostMap<>();
        Set<String> gateways = VirtualServiceIndex.gatewaysOf(virtualService);
        for (int i = 0; i < virtualService.tls().size(); i++) {
            TlsRoute route = virtualService.tls().get(i);
            Shadow shadow = new Shadow(context, Fields.item("spec.tls", i), route.at(), i);
            for (int j = 0; j < route.match().size(); j++) {
                TlsMatchAttributes match = route.match().get(j);
                Set<String> applies = HttpReachability.narrowed(virtualService, match.gateways(), gateways);
                String field = Fields.match("spec.tls", i, j) + ".sniHosts";
                // With `*` all other names of the match mean nothing, as in Istio.
                int any = match.sniHosts().indexOf(HostPatterns.ANY);
                int end = any < 0 ? match.sniHosts().size() : any + 1;
                for (int k = Math.max(0, any); k < end; k++) {
                    Entry entry = new Entry(match, applies, i, Fields.item(field, k));
                    look(
                            context,
                            earlier,
                            HostPatterns.canonical(match.sniHosts().get(k)),
                            entry,
                            shadow);
                }
            }
            shadow.report();
        }
    }

    private static void look(
            AnalysisContext context, HostMap<Entry> earlier, String sniHost, Entry entry, Shadow shadow) {
        Entry covering = covering(context, earlier, sniHost, entry);
        if (covering == null) {
            shadow.reached();
        } else {
            shadow.covered(
                    entry.field(),
                    entry.match().at(),
                    covering.route(),
                    covering.field(),
                    covering.match().at());
        }
        earlier.add(sniHost, entry);
    }

    private static @Nullable Entry covering(
            AnalysisContext context, HostMap<Entry> earlier, String sniHost, Entry entry) {
        for (Entry candidate : earlier.get(sniHost)) {
            if (!context.mayCompareMatches(1)) {
                return null;
            }
            if (candidate.covers(entry)) {
                return candidate;
            }
        }
        return null;
    }
}
