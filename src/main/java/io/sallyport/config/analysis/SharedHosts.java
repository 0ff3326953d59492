package io.sallyport.config.analysis;

import io.sallyport.config.analysis.HttpMatchIndex.Entry;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.EffectiveHttpRoute;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.AnalysisProblem;
import io.sallyport.config.problem.Severity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// VirtualServices that share a host on one gateway: they merge, and one may hide routes of another (IST0109).
final class SharedHosts implements Analyzer {
    @Override
    public void analyze(AnalysisContext context) {
        ConfigurationIndex index = context.index();
        check(context, GatewayReference.MESH);
        for (String gateway : index.gateways().names()) {
            check(context, gateway);
        }
    }

    private static void check(AnalysisContext context, String gateway) {
        Map<String, List<VirtualService>> byHost = new LinkedHashMap<>();
        for (VirtualService virtualService : context.index().virtualServices().ofGateway(gateway)) {
            Set<String> own = new HashSet<>();
            for (String host : virtualService.hosts()) {
                String name = context.index()
                        .hosts()
                        .fullyQualified(host, virtualService.meta().namespace());
                if (own.add(name)) {
                    byHost.computeIfAbsent(name, key -> new ArrayList<>(1)).add(virtualService);
                }
            }
        }
        Set<String> judged = new HashSet<>();
        byHost.forEach((host, sharing) -> {
            // Several hosts of the same VirtualServices are one matter.
            if (sharing.size() > 1 && judged.add(names(sharing))) {
                reportShared(context, gateway, host, sharing);
                reportHidden(context, gateway, sharing);
            }
        });
    }

    private static String names(List<VirtualService> sharing) {
        StringBuilder names = new StringBuilder();
        sharing.forEach(virtualService -> names.append(virtualService.meta().qualifiedName()).append(' '));
        return names.toString();
    }

    private static void reportShared(
            AnalysisContext context, String gateway, String host, List<VirtualService> sharing) {
        boolean mesh = gateway.equals(GatewayReference.MESH);
        for (int i = 1; i < sharing.size(); i++) {
            VirtualService later = sharing.get(i);
            VirtualService before = sharing.get(i - 1);
            context.report(
                    AnalysisProblem.SHARED_VIRTUAL_HOST,
                    mesh ? Severity.WARNING : Severity.INFO,
                    later.meta().at(),
                    "spec.hosts",
                    later.meta() + " and " + before.meta() + " (" + before.meta().at() + ") both have the host \"" + host
                            + "\" on " + (mesh ? "the mesh listener" : "Gateway " + gateway)
                            + ": the routes of " + before.meta().name() + " are tried first",
                    "make one VirtualService of them if the order matters");
        }
    }

    private static void reportHidden(AnalysisContext context, String gateway, List<VirtualService> sharing) {
        HttpMatchIndex earlier = new HttpMatchIndex(context);
        List<Entry> catchAlls = new ArrayList<>();
        for (VirtualService virtualService : sharing) {
            for (Entry entry : entries(context, virtualService, gateway)) {
                if (entry.isCatchAll()) {
                    // Nothing behind it in its own VirtualService is ever reached; the other VirtualServices go first.
                    catchAlls.add(entry);
                    break;
                }
                look(context, earlier, entry);
            }
        }
        catchAlls.forEach(entry -> look(context, earlier, entry));
    }

    private static void look(AnalysisContext context, HttpMatchIndex earlier, Entry entry) {
        Entry covering = earlier.covering(entry);
        if (covering == null) {
            earlier.add(entry);
        } else if (covering.owner() != entry.owner()) {
            context.report(
                    AnalysisProblem.CONFLICTING_ROUTES,
                    entry.at(),
                    entry.field(),
                    entry.declaredIn().meta() + " does not get these requests: " + covering.field() + " of "
                            + covering.declaredIn().meta() + " (" + covering.at() + ") has the same host and takes them"
                            + " first",
                    "keep one of the two");
        }
    }

    private static List<Entry> entries(AnalysisContext context, VirtualService virtualService, String gateway) {
        List<Entry> entries = new ArrayList<>();
        Set<String> here = Set.of(gateway);
        for (EffectiveHttpRoute effective : context.index().delegates().merge(virtualService)) {
            VirtualService source = effective.declaredIn();
            String field = Fields.item("spec.http", effective.index());
            if (effective.route().match().isEmpty()) {
                int route = effective.rootIndex();
                entries.add(new Entry(virtualService, route, null, here, source, field, effective.route().at()));
            }
            for (HttpMatchRequest match : effective.route().match()) {
                if (HttpReachability.narrowed(virtualService, match.gateways(), here).contains(gateway)) {
                    int route = effective.rootIndex();
                    entries.add(new Entry(virtualService, route, match, here, source, field + ".match", match.at()));
                }
            }
        }
        return entries;
    }
}
