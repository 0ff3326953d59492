package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.ExportTo;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.MergeOrder;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.HashMap;
import java.util.Map;

/// ServiceEntries that say something about one port of one host.
final class ServiceEntryConflicts implements Analyzer {
    private record HostPort(String host, int port) {}

    @Override
    public void analyze(AnalysisContext context) {
        ConfigurationIndex index = context.index();
        Map<HostPort, ServiceEntry> owners = new HashMap<>();
        for (ServiceEntry entry : MergeOrder.sorted(index.configuration().serviceEntries())) {
            String namespace = entry.meta().namespace();
            if (!ExportTo.isVisible(entry.exportTo(), namespace, index.scope().namespace())) {
                continue;
            }
            for (int i = 0; i < entry.hosts().size(); i++) {
                String host = HostPatterns.canonical(entry.hosts().get(i));
                ServiceEntry governing = index.serviceEntries().find(host);
                if (governing != null && governing.meta().namespace().equals(namespace)) {
                    checkPorts(context, entry, host, owners);
                } else if (governing != null) {
                    context.report(
                            ProblemCode.SHARED_SERVICE_HOST,
                            entry.meta().at(),
                            Fields.item("spec.hosts", i),
                            entry.meta() + " does not count for " + Quote.of(host) + ": " + governing.meta() + " ("
                                    + governing.meta().at() + ") names it too",
                            "keep one of them, or narrow exportTo");
                }
            }
        }
    }

    private static void checkPorts(
            AnalysisContext context, ServiceEntry entry, String host, Map<HostPort, ServiceEntry> owners) {
        for (int i = 0; i < entry.ports().size(); i++) {
            ServicePort port = entry.ports().get(i);
            ServiceEntry owner = owners.putIfAbsent(new HostPort(host, port.number()), entry);
            if (owner != null && owner != entry) {
                context.report(
                        ProblemCode.SHARED_SERVICE_HOST,
                        port.at(),
                        Fields.item("spec.ports", i),
                        (addsEndpoints(owner, port)
                                        ? "of " + entry.meta() + " only the endpoints count"
                                        : entry.meta() + " does not count")
                                + " for port " + port.number() + " of " + Quote.of(host) + ": " + owner.meta() + " ("
                                + owner.meta().at() + ") defines it too",
                        "make one ServiceEntry of them");
            }
        }
    }

    private static boolean addsEndpoints(ServiceEntry owner, ServicePort port) {
        ServicePort its = owner.port(port.number());
        return switch (owner.resolution()) {
            case STATIC, DNS, DNS_ROUND_ROBIN -> its != null && its.name().equals(port.name());
            case NONE, DYNAMIC_DNS -> false;
        };
    }
}
