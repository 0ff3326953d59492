package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.ExportTo;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.problem.Severity;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Destinations: is there such a host, such a port of it, such a subset (IST0101 for hosts and subsets, IST0112).
final class DestinationReferences implements VirtualServiceCheck {
    @Override
    public void check(AnalysisContext context, VirtualService virtualService) {
        DestinationWalk.forEach(virtualService, (destination, field) -> {
            String host = context.index()
                    .hosts()
                    .fullyQualified(destination.host(), virtualService.meta().namespace());
            if (context.knownHosts().contains(host)) {
                checkPort(context, virtualService, destination, host, field);
                checkExport(context, virtualService, destination, host, field);
            } else {
                context.report(
                        ProblemCode.UNKNOWN_HOST,
                        destination.at(),
                        field + ".host",
                        virtualService.meta() + " routes to " + Quote.of(destination.host())
                                + ", which is neither in a ServiceEntry nor in the mesh",
                        context.knownHosts().hint(host));
            }
            if (!destination.subset().isEmpty()) {
                checkSubset(context, virtualService, destination, host, field);
            }
        });
    }

    private static void checkExport(
            AnalysisContext context, VirtualService owner, Destination destination, String host, String field) {
        List<ServiceEntry> entries = context.index().serviceEntries().findAll(host);
        String namespace = owner.meta().namespace();
        boolean visible = entries.stream()
                .anyMatch(entry ->
                        ExportTo.isVisible(entry.exportTo(), entry.meta().namespace(), namespace));
        if (!entries.isEmpty() && !visible) {
            context.report(
                    ProblemCode.HOST_NOT_EXPORTED,
                    destination.at(),
                    field + ".host",
                    owner.meta() + " routes to " + Quote.of(destination.host()) + ", which "
                            + entries.getFirst().meta() + " does not export to namespace " + Quote.of(namespace),
                    "add " + Quote.of(namespace) + " to its exportTo");
        }
    }

    private static void checkPort(
            AnalysisContext context, VirtualService owner, Destination destination, String host, String field) {
        List<ServiceEntry> entries = context.index().serviceEntries().findAll(host);
        Set<Integer> ports = new TreeSet<>();
        for (ServiceEntry entry : entries) {
            entry.ports().stream().map(ServicePort::number).forEach(ports::add);
        }
        if (ports.isEmpty()) {
            // A mesh service's ports are the cluster's to know.
            return;
        }
        // The cluster's ports come and go without the configuration: that must not refuse it.
        boolean discovered = entries.getFirst().isService();
        if (destination.port() != 0 && !ports.contains(destination.port())) {
            context.report(
                    ProblemCode.UNKNOWN_PORT,
                    discovered ? Severity.WARNING : Severity.ERROR,
                    destination.at(),
                    field + ".port.number",
                    owner.meta() + " routes to port " + destination.port() + " of " + Quote.of(destination.host())
                            + ", which " + entries.getFirst().meta() + " does not define",
                    "its ports are " + Quote.plain(ports.toString()));
        } else if (destination.port() == 0 && ports.size() > 1) {
            context.report(
                    ProblemCode.PORT_REQUIRED,
                    discovered || takesListenersPort(context, owner, ports) ? Severity.WARNING : Severity.ERROR,
                    destination.at(),
                    field,
                    owner.meta() + " routes to " + Quote.of(destination.host()) + " without a port, and it has several",
                    "add port.number: one of " + Quote.plain(ports.toString()));
        }
    }

    /// Istio takes the port of the listener where the destination leaves it open; a mesh client may ask for any.
    private static boolean takesListenersPort(AnalysisContext context, VirtualService owner, Set<Integer> ports) {
        return VirtualServiceIndex.gatewaysOf(owner).stream()
                .anyMatch(name -> name.equals(GatewayReference.MESH)
                        || context.index().gateways().opensAnyOf(name, ports));
    }

    private static void checkSubset(
            AnalysisContext context, VirtualService owner, Destination destination, String host, String field) {
        DestinationRule rule = context.index().destinationRules().find(host);
        if (rule != null && rule.subsets().stream().anyMatch(s -> s.name().equals(destination.subset()))) {
            return;
        }
        context.report(
                ProblemCode.UNKNOWN_SUBSET,
                destination.at(),
                field + ".subset",
                owner.meta() + " names a subset " + Quote.of(destination.subset()) + " of " + Quote.of(host)
                        + " that no DestinationRule defines: the route answers 503",
                hint(context, destination, host, rule));
    }

    private static @Nullable String hint(
            AnalysisContext context, Destination destination, String host, @Nullable DestinationRule rule) {
        ConfigurationIndex index = context.index();
        if (rule == null) {
            List<DestinationRule> hidden = index.destinationRules().findHidden(host);
            return hidden.isEmpty()
                    ? "add a DestinationRule for " + Quote.of(host) + " with that subset"
                    : hidden.getFirst().meta() + " is for that host, but does not apply to namespace "
                            + Quote.of(index.scope().namespace())
                            + ": mind its namespace, exportTo and workloadSelector";
        }
        String place = rule.meta() + " (" + rule.meta().at() + ")";
        List<String> names = rule.subsets().stream().map(Subset::name).toList();
        String otherwise = names.isEmpty()
                ? place + " is for that host and has no subsets: add it there"
                : place + " has the subsets " + Quote.plain(names.toString());
        return context.didYouMean(destination.subset(), names, otherwise);
    }
}
