package io.sallyport.config.analysis;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.index.ServiceEntryIndex;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.List;

/// Short names that look like the host of a ServiceEntry, but mean a service of the resource's own namespace.
final class ShortNames implements Analyzer, VirtualServiceCheck {
    @Override
    public void analyze(AnalysisContext context) {
        for (DestinationRule rule : context.index().configuration().destinationRules()) {
            check(context, rule, rule.host(), rule.meta().at(), "spec.host");
        }
    }

    @Override
    public void check(AnalysisContext context, VirtualService service) {
        // A Gateway's clients send the short name itself.
        if (VirtualServiceIndex.gatewaysOf(service).contains(GatewayReference.MESH)) {
            for (int i = 0; i < service.hosts().size(); i++) {
                String field = Fields.item("spec.hosts", i);
                check(context, service, service.hosts().get(i), service.meta().at(), field);
            }
        }
        DestinationWalk.forEach(
                service,
                (destination, field) -> check(context, service, destination.host(), destination.at(), field + ".host"));
    }

    private static void check(AnalysisContext context, Resource resource, String host, Position at, String field) {
        String name = HostPatterns.canonical(host);
        ServiceEntryIndex entries = context.index().serviceEntries();
        List<ServiceEntry> sameSpelling = HostResolution.isShort(name) ? entries.findAll(name) : List.of();
        String meant =
                context.index().hosts().fullyQualified(host, resource.meta().namespace());
        if (!sameSpelling.isEmpty() && entries.find(meant) == null) {
            ServiceEntry entry = sameSpelling.getFirst();
            context.report(
                    ProblemCode.SHORT_NAME_OF_ENTRY,
                    at,
                    field,
                    resource.meta() + " names " + Quote.of(host) + ", which means " + Quote.of(meant)
                            + " and not the host of " + entry.meta() + " ("
                            + entry.meta().at() + ")",
                    "give the ServiceEntry the host " + Quote.of(meant) + ", or another one with a dot");
        }
    }
}
