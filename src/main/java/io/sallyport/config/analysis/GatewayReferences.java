package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.ExportTo;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.ServerHost;
import io.sallyport.config.index.VirtualServiceIndex;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// VirtualServices and the gateways they name: is there such a gateway, does it admit their hosts, do they reach this
/// instance (IST0101 for gateways, IST0132).
final class GatewayReferences implements VirtualServiceCheck {
    @Override
    public void check(AnalysisContext context, VirtualService virtualService) {
        boolean reachesInstance = false;
        List<Gateway> gateways = new ArrayList<>(1);
        for (int i = 0; i < virtualService.gateways().size(); i++) {
            String reference = virtualService.gateways().get(i);
            if (reference.equals(GatewayReference.MESH)) {
                reachesInstance = true;
                continue;
            }
            String field = Fields.item("spec.gateways", i);
            Gateway gateway = checkKnown(context, virtualService, reference, field, at(virtualService));
            if (gateway != null) {
                reachesInstance |= context.index().scope().selectedBy(gateway.selector());
                gateways.add(gateway);
            }
        }
        checkHosts(context, virtualService, gateways);
        if (reachesInstance || virtualService.gateways().isEmpty()) {
            checkVisible(context, virtualService);
        }
        checkMatches(context, virtualService);
    }

    private static Position at(VirtualService virtualService) {
        return virtualService.meta().at();
    }

    private static @Nullable Gateway checkKnown(
            AnalysisContext context, VirtualService owner, String reference, String field, Position at) {
        ConfigurationIndex index = context.index();
        String namespace = owner.meta().namespace();
        Gateway gateway = index.gateway(reference, namespace);
        if (gateway == null) {
            String name = GatewayReference.resolve(reference, namespace);
            String message =
                    owner.meta() + " names the gateway " + Quote.of(reference) + ", but there is no Gateway " + name;
            context.report(ProblemCode.UNKNOWN_GATEWAY, at, field, message, hint(context, name));
        }
        return gateway;
    }

    private static @Nullable String hint(AnalysisContext context, String qualifiedName) {
        Collection<String> names = context.index().gateways().names();
        String otherwise = "add the Gateway, or mend the name";
        if (!context.mayCompareNames(names.size())) {
            return otherwise;
        }
        String bareName = qualifiedName.substring(qualifiedName.indexOf('/'));
        for (String known : names) {
            if (known.endsWith(bareName)) {
                return "did you mean " + Quote.of(known) + "?";
            }
        }
        return context.didYouMean(qualifiedName, names, otherwise);
    }

    /// A host must be admitted somewhere, and a gateway admit some host. Where one of the gateways is `mesh` or unknown
    /// only the latter is asked.
    private static void checkHosts(AnalysisContext context, VirtualService virtualService, List<Gateway> gateways) {
        boolean allKnown = gateways.size() == virtualService.gateways().size();
        for (int i = 0;
                allKnown && !gateways.isEmpty() && i < virtualService.hosts().size();
                i++) {
            String host = virtualService.hosts().get(i);
            if (gateways.stream().noneMatch(gateway -> admits(context, virtualService, gateway, host))) {
                reportHost(context, virtualService, i, gateways);
            }
        }
        boolean several = gateways.size() > 1 || !allKnown;
        for (int i = 0; several && i < gateways.size(); i++) {
            Gateway gateway = gateways.get(i);
            if (virtualService.hosts().stream().noneMatch(host -> admits(context, virtualService, gateway, host))) {
                context.report(
                        ProblemCode.HOST_NOT_IN_GATEWAY,
                        at(virtualService),
                        "spec.gateways",
                        virtualService.meta() + " has no host that a server of " + gateway.meta() + " admits",
                        "add one to a server of the Gateway, or take the Gateway out");
            }
        }
    }

    private static boolean admits(AnalysisContext context, VirtualService owner, Gateway gateway, String host) {
        String namespace = owner.meta().namespace();
        return !context.index().gateways().admitted(gateway, host, namespace).isEmpty();
    }

    private static void reportHost(
            AnalysisContext context, VirtualService virtualService, int index, List<Gateway> gateways) {
        String host = virtualService.hosts().get(index);
        String where = gateways.size() == 1
                ? "no server of " + gateways.getFirst().meta()
                : "no server of its " + gateways.size() + " gateways";
        context.report(
                ProblemCode.HOST_NOT_IN_GATEWAY,
                at(virtualService),
                Fields.item("spec.hosts", index),
                virtualService.meta() + " has the host " + Quote.of(host) + ", which " + where + " admits",
                hint(context, host, gateways.getFirst(), virtualService.meta().namespace()));
    }

    private static @Nullable String hint(AnalysisContext context, String host, Gateway gateway, String namespace) {
        String otherwise = "add the host to a server of the Gateway";
        List<ServerHost> entries = context.index().gateways().entries(gateway);
        if (!context.mayCompareNames(entries.size())) {
            return otherwise;
        }
        String canonical = HostPatterns.canonical(host);
        for (ServerHost entry : entries) {
            boolean overlaps = HostPatterns.intersection(entry.host(), canonical) != null;
            if (overlaps && !entry.admitsNamespace(namespace)) {
                return "its server admits that host to namespace " + Quote.of(entry.namespace()) + " only";
            }
        }
        List<String> hosts = entries.stream().map(ServerHost::host).toList();
        return context.didYouMean(canonical, hosts, otherwise);
    }

    private static void checkVisible(AnalysisContext context, VirtualService virtualService) {
        String instance = context.index().scope().namespace();
        String namespace = virtualService.meta().namespace();
        if (!virtualService.hosts().isEmpty() && !ExportTo.isVisible(virtualService.exportTo(), namespace, instance)) {
            context.report(
                    ProblemCode.VIRTUAL_SERVICE_HIDDEN,
                    at(virtualService),
                    "spec.exportTo",
                    virtualService.meta() + " is not exported to namespace " + Quote.of(instance)
                            + ", where this gateway runs: its routes do not apply",
                    "add " + Quote.of(instance) + " to exportTo");
        }
    }

    private static void checkMatches(AnalysisContext context, VirtualService virtualService) {
        Set<String> judged = new HashSet<>();
        Matches.forEachGateways(virtualService, (references, field, at) -> {
            for (int i = 0; i < references.size(); i++) {
                // One message a gateway is enough: it tends to stand in every match.
                if (judged.add(references.get(i))) {
                    checkMatch(context, virtualService, references.get(i), Fields.item(field, i), at);
                }
            }
        });
    }

    private static void checkMatch(
            AnalysisContext context, VirtualService virtualService, String reference, String field, Position at) {
        Set<String> bound = VirtualServiceIndex.gatewaysOf(virtualService);
        if (bound.contains(
                GatewayReference.resolve(reference, virtualService.meta().namespace()))) {
            return;
        }
        boolean known = reference.equals(GatewayReference.MESH)
                || checkKnown(context, virtualService, reference, field, at) != null;
        // A delegate is bound to what its root is bound to.
        if (known && !virtualService.hosts().isEmpty()) {
            context.report(
                    ProblemCode.MATCH_GATEWAY_NOT_BOUND,
                    at,
                    field,
                    virtualService.meta() + " matches on the gateway " + Quote.of(reference)
                            + ", but is not bound to it",
                    "add it to spec.gateways");
        }
    }
}
