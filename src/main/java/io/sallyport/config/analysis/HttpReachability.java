package io.sallyport.config.analysis;

import io.sallyport.config.analysis.HttpMatchIndex.Entry;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.MatchLiterals;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.VirtualService;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// HTTP routes and matches that earlier ones of the same VirtualService leave nothing to (IST0130, IST0131).
final class HttpReachability implements VirtualServiceCheck {
    @Override
    public void check(AnalysisContext context, VirtualService virtualService) {
        if (virtualService.http().size() < 2
                && virtualService.http().stream().noneMatch(r -> r.match().size() > 1)) {
            return;
        }
        HttpMatchIndex earlier = new HttpMatchIndex(context);
        Set<String> gateways = VirtualServiceIndex.gatewaysOf(virtualService);
        MatchLiterals literals =
                new MatchLiterals(context.options().paths(gateways.iterator().next()));
        for (int i = 0; i < virtualService.http().size(); i++) {
            HttpRoute route = virtualService.http().get(i);
            Shadow shadow = new Shadow(context, Fields.item("spec.http", i), route.at(), i);
            if (route.match().isEmpty()) {
                Entry entry = new Entry(
                        virtualService, i, null, gateways, virtualService, Fields.item("spec.http", i), route.at());
                look(earlier, entry, shadow, route);
            }
            for (int j = 0; j < route.match().size(); j++) {
                HttpMatchRequest match = literals.canonical(route.match().get(j));
                String field = Fields.match("spec.http", i, j);
                Set<String> applies = narrowed(virtualService, match.gateways(), gateways);
                Entry entry = new Entry(virtualService, i, match, applies, virtualService, field, match.at());
                look(earlier, entry, shadow, route);
            }
            shadow.report();
        }
    }

    private static void look(HttpMatchIndex earlier, Entry entry, Shadow shadow, HttpRoute route) {
        Entry covering = earlier.covering(entry);
        if (covering == null) {
            shadow.reached();
        } else {
            shadow.covered(entry.field(), entry.at(), covering.route(), covering.field(), covering.at());
        }
        // What a delegate takes is up to the delegate: it may leave something to later routes.
        if (route.delegate() == null) {
            earlier.add(entry);
        }
    }

    /// The gateways that a match with these `gateways` applies to.
    static Set<String> narrowed(VirtualService virtualService, List<String> references, Set<String> all) {
        if (references.isEmpty()) {
            return all;
        }
        String namespace = virtualService.meta().namespace();
        return references.stream()
                .map(reference -> GatewayReference.resolve(reference, namespace))
                .collect(Collectors.toSet());
    }
}
