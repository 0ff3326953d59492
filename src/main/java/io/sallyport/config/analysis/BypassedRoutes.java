package io.sallyport.config.analysis;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.index.VirtualServiceTrait;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.HttpRouteDestination;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Routes of `mesh` that choose a subset of a host to which a gateway's routes send without one (IST0140): their author
/// may assume that they apply to the gateway's requests, too.
final class BypassedRoutes implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        Map<String, VirtualService> choosing = new HashMap<>();
        for (VirtualService virtualService :
                context.index().virtualServices().those(VirtualServiceTrait.CHOOSING_IN_MESH)) {
            choosing(context, virtualService).forEach(host -> choosing.putIfAbsent(host, virtualService));
        }
        if (choosing.isEmpty()) {
            return;
        }
        for (VirtualService virtualService : context.index().configuration().virtualServices()) {
            boolean byGateway = VirtualServiceIndex.gatewaysOf(virtualService).stream()
                    .anyMatch(gateway -> !gateway.equals(GatewayReference.MESH));
            if (byGateway) {
                check(context, virtualService, choosing);
            }
        }
    }

    /// The hosts of which the VirtualService chooses subsets for requests that ask for them.
    private static List<String> choosing(AnalysisContext context, VirtualService virtualService) {
        HostResolution names = context.index().hosts();
        String namespace = virtualService.meta().namespace();
        List<String> hosts = virtualService.hosts().stream()
                .map(host -> names.fullyQualified(host, namespace))
                .toList();
        return virtualService.http().stream()
                .flatMap(route -> route.route().stream())
                .map(HttpRouteDestination::destination)
                .filter(destination -> !destination.subset().isEmpty())
                .map(destination -> names.fullyQualified(destination.host(), namespace))
                .filter(hosts::contains)
                .toList();
    }

    private static void check(
            AnalysisContext context, VirtualService virtualService, Map<String, VirtualService> choosing) {
        for (int i = 0; i < virtualService.http().size(); i++) {
            HttpRoute route = virtualService.http().get(i);
            for (int j = 0; j < route.route().size(); j++) {
                Destination destination = route.route().get(j).destination();
                String host = context.index()
                        .hosts()
                        .fullyQualified(
                                destination.host(), virtualService.meta().namespace());
                VirtualService other = choosing.get(host);
                if (destination.subset().isEmpty() && other != null && other != virtualService) {
                    context.report(
                            ProblemCode.MESH_ROUTES_BYPASSED,
                            destination.at(),
                            Fields.item(Fields.item("spec.http", i) + ".route", j) + ".destination",
                            "the subsets that " + other.meta() + " ("
                                    + other.meta().at() + ") chooses for "
                                    + Quote.of(destination.host()) + " have no effect on requests that "
                                    + virtualService.meta() + " sends there",
                            "name the subset here");
                }
            }
        }
    }
}
