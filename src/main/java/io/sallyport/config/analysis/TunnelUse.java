package io.sallyport.config.analysis;

import io.sallyport.config.model.Destination;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import org.jspecify.annotations.Nullable;

/// HTTP routes to hosts whose DestinationRule has a tunnel: it is for bytes alone (`TrafficPolicy.tunnel`), and who
/// wrote it expects that nothing reaches the host otherwise.
final class TunnelUse implements VirtualServiceCheck {
    @Override
    public void check(AnalysisContext context, VirtualService virtualService) {
        for (int i = 0; i < virtualService.http().size(); i++) {
            HttpRoute route = virtualService.http().get(i);
            for (int j = 0; j < route.route().size(); j++) {
                String field = Fields.item(Fields.item("spec.http", i) + ".route", j) + ".destination";
                check(context, virtualService, route.route().get(j).destination(), field);
            }
        }
    }

    private static void check(AnalysisContext context, VirtualService owner, Destination destination, String field) {
        String host = context.index()
                .hosts()
                .fullyQualified(destination.host(), owner.meta().namespace());
        DestinationRule rule = context.index().destinationRules().find(host);
        if (rule != null && hasTunnel(rule, destination.subset())) {
            context.report(
                    ProblemCode.TUNNEL_WITHOUT_EFFECT,
                    destination.at(),
                    field,
                    owner.meta() + " sends requests to " + Quote.of(destination.host()) + ", whose tunnel in "
                            + rule.meta() + " is for TCP and TLS routes alone: they go to its endpoints directly",
                    "write tls or tcp routes, or take the tunnel away");
        }
    }

    private static boolean hasTunnel(DestinationRule rule, String subset) {
        return hasTunnel(rule.trafficPolicy())
                || rule.subsets().stream()
                        .filter(each -> each.name().equals(subset))
                        .map(Subset::trafficPolicy)
                        .anyMatch(TunnelUse::hasTunnel);
    }

    private static boolean hasTunnel(@Nullable TrafficPolicy policy) {
        return policy != null && policy.tunnel() != null;
    }
}
