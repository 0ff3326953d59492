package io.sallyport.config.analysis;

import io.sallyport.config.analysis.HttpMatchIndex.Entry;
import io.sallyport.config.index.EffectiveHttpRoute;
import io.sallyport.config.index.GatewayIndex.AdmittedHost;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.MatchLiterals;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.problem.Severity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// VirtualServices that share a host on one gateway: they merge, and one may hide routes of another (IST0109).
final class SharedHosts implements Analyzer {
    /// A host where VirtualServices meet.
    ///
    /// @param server index in the gateway
    /// @param routes the kind that the server takes
    private record Shared(int server, String routes, String host) {}

    private static final int MESH_LISTENER = -1;
    private static final String HTTP = "http";

    @Override
    public void analyze(AnalysisContext context) {
        context.index().boundHosts().sharing().forEach(gateway -> check(context, gateway));
    }

    private static void check(AnalysisContext context, String gateway) {
        Map<Shared, List<VirtualService>> sharing = new LinkedHashMap<>();
        for (VirtualService virtualService : context.index().boundHosts().meeting(gateway)) {
            Set<Shared> own = new LinkedHashSet<>();
            for (String host : virtualService.hosts()) {
                own.addAll(places(context, virtualService, gateway, host));
            }
            own.forEach(place ->
                    sharing.computeIfAbsent(place, key -> new ArrayList<>(1)).add(virtualService));
        }
        Set<String> judged = new HashSet<>();
        sharing.forEach((place, virtualServices) -> {
            // Several hosts of the same VirtualServices are one matter.
            if (virtualServices.size() > 1 && judged.add(place.routes() + names(virtualServices))) {
                reportShared(context, gateway, place.host(), virtualServices);
                if (place.routes().equals(HTTP)) {
                    reportHidden(context, gateway, virtualServices);
                }
            }
        });
    }

    private static List<Shared> places(
            AnalysisContext context, VirtualService virtualService, String name, String host) {
        String namespace = virtualService.meta().namespace();
        Gateway gateway = context.index().gateways().get(name);
        List<Shared> places = new ArrayList<>();
        if (gateway == null) {
            String fullName = context.index().hosts().fullyQualified(host, namespace);
            kinds(virtualService).forEach(kind -> places.add(new Shared(MESH_LISTENER, kind, fullName)));
            return places;
        }
        List<String> kinds = kinds(virtualService);
        for (AdmittedHost admitted : context.index().gateways().admitted(gateway, host, namespace)) {
            String kind = ServerKind.of(admitted.server()).routes();
            if (kinds.contains(kind)) {
                places.add(new Shared(admitted.index(), kind, admitted.host()));
            }
        }
        return places;
    }

    private static List<String> kinds(VirtualService virtualService) {
        List<String> kinds = new ArrayList<>(1);
        if (!virtualService.http().isEmpty()) {
            kinds.add(HTTP);
        }
        if (!virtualService.tls().isEmpty()) {
            kinds.add("tls");
        }
        if (!virtualService.tcp().isEmpty()) {
            kinds.add("tcp");
        }
        return kinds;
    }

    private static String names(List<VirtualService> sharing) {
        StringBuilder names = new StringBuilder();
        sharing.forEach(virtualService ->
                names.append(virtualService.meta().qualifiedName()).append(' '));
        return names.toString();
    }

    private static void reportShared(
            AnalysisContext context, String gateway, String host, List<VirtualService> sharing) {
        boolean mesh = gateway.equals(GatewayReference.MESH);
        for (int i = 1; i < sharing.size(); i++) {
            VirtualService later = sharing.get(i);
            VirtualService before = sharing.get(i - 1);
            context.report(
                    ProblemCode.SHARED_VIRTUAL_HOST,
                    mesh ? Severity.WARNING : Severity.INFO,
                    later.meta().at(),
                    "spec.hosts",
                    later.meta() + " and " + before.meta() + " ("
                            + before.meta().at() + ") both have the host " + Quote.of(host) + " on "
                            + (mesh ? "the mesh listener" : "Gateway " + gateway)
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
                    ProblemCode.CONFLICTING_ROUTES,
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
        MatchLiterals literals = new MatchLiterals(context.options().paths(gateway));
        for (EffectiveHttpRoute effective : context.index().delegates().merge(virtualService, literals)) {
            VirtualService source = effective.declaredIn();
            String field = Fields.item("spec.http", effective.index());
            List<HttpMatchRequest> matches = effective.route().match();
            if (matches.isEmpty()) {
                entries.add(entry(
                        virtualService,
                        effective,
                        null,
                        here,
                        field,
                        effective.route().at()));
            }
            for (int i = 0; i < matches.size(); i++) {
                HttpMatchRequest match = matches.get(i);
                if (HttpReachability.narrowed(virtualService, match.gateways(), here)
                        .contains(gateway)) {
                    // Delegation may have made more matches than the file has.
                    String of = source == virtualService ? Fields.item(field + ".match", i) : field + ".match";
                    entries.add(entry(virtualService, effective, match, here, of, match.at()));
                }
            }
        }
        return entries;
    }

    private static Entry entry(
            VirtualService owner,
            EffectiveHttpRoute route,
            @Nullable HttpMatchRequest match,
            Set<String> gateways,
            String field,
            Position at) {
        return new Entry(owner, route.rootIndex(), match, gateways, route.declaredIn(), field, at);
    }
}
