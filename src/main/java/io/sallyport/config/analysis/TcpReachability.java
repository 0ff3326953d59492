package io.sallyport.config.analysis;

import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.model.L4MatchAttributes;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.TcpRoute;
import io.sallyport.config.model.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// TCP routes that earlier ones of the same VirtualService leave nothing to.
final class TcpReachability implements VirtualServiceCheck {
    /// @param match null takes every connection
    private record Entry(
            @Nullable L4MatchAttributes match, Set<String> gateways, int route, String field, Position at) {
        boolean covers(Entry inner) {
            if (!gateways.containsAll(inner.gateways)) {
                return false;
            }
            if (match == null || asksNothing(match)) {
                return true;
            }
            return inner.match != null
                    && Conditions.coverPort(match.port(), inner.match.port())
                    && Conditions.coverAny(match.destinationSubnets(), inner.match.destinationSubnets())
                    && Conditions.coverText(match.sourceSubnet(), inner.match.sourceSubnet())
                    && Conditions.coverLabels(match.sourceLabels(), inner.match.sourceLabels())
                    && Conditions.coverText(match.sourceNamespace(), inner.match.sourceNamespace());
        }

        private static boolean asksNothing(L4MatchAttributes match) {
            return match.port() == 0
                    && match.destinationSubnets().isEmpty()
                    && match.sourceSubnet().isEmpty()
                    && match.sourceLabels().isEmpty()
                    && match.sourceNamespace().isEmpty();
        }
    }

    @Override
    public void check(AnalysisContext context, VirtualService virtualService) {
        List<Entry> earlier = new ArrayList<>();
        Set<String> gateways = VirtualServiceIndex.gatewaysOf(virtualService);
        for (int i = 0; i < virtualService.tcp().size(); i++) {
            TcpRoute route = virtualService.tcp().get(i);
            String field = Fields.item("spec.tcp", i);
            Shadow shadow = new Shadow(context, field, route.at(), i);
            if (route.match().isEmpty()) {
                look(context, earlier, new Entry(null, gateways, i, field, route.at()), shadow);
            }
            for (int j = 0; j < route.match().size(); j++) {
                L4MatchAttributes match = route.match().get(j);
                Set<String> applies = HttpReachability.narrowed(virtualService, match.gateways(), gateways);
                Entry entry = new Entry(match, applies, i, Fields.match("spec.tcp", i, j), match.at());
                look(context, earlier, entry, shadow);
            }
            shadow.report();
        }
    }

    private static void look(AnalysisContext context, List<Entry> earlier, Entry entry, Shadow shadow) {
        for (Entry candidate : earlier) {
            if (!context.mayCompareMatches(1)) {
                break;
            }
            if (candidate.covers(entry)) {
                shadow.covered(entry.field(), entry.at(), candidate.route(), candidate.field(), candidate.at());
                return;
            }
        }
        shadow.reached();
        earlier.add(entry);
    }
}
