package io.sallyport.config.analysis;

import io.sallyport.config.index.GatewayIndex.AdmittedHost;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostMap;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.ServerHost;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.HttpMatchRequest;
import io.sallyport.config.model.Server;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// VirtualServices by which the client certificate that a server demands for their host can be avoided: they are
/// bound to another server, too, which demands none.
final class ClientCertificates implements Analyzer {
    private record Address(String bind, int port) {}

    /// A server of a gateway, by whose host a handshake may choose it.
    private record Opened(Gateway gateway, Server server, int index) {
        Address address() {
            return new Address(server.bind(), server.port().number());
        }

        boolean demandsCertificate() {
            ServerTlsSettings tls = server.tls();
            return ServerKind.of(server).isTls()
                    && tls != null
                    && switch (tls.mode()) {
                        case MUTUAL, ISTIO_MUTUAL -> true;
                        case SIMPLE, OPTIONAL_MUTUAL, PASSTHROUGH, AUTO_PASSTHROUGH -> false;
                    };
        }

        /// Whether requests or bytes of the host's routes come through without a certificate.
        boolean takesAnybody(VirtualService virtualService) {
            ServerTlsSettings tls = server.tls();
            return switch (ServerKind.of(server)) {
                case HTTP -> (tls == null || !tls.httpsRedirect()) && hasHttpRoutes(virtualService);
                case HTTPS -> !demandsCertificate() && hasHttpRoutes(virtualService);
                case TERMINATED_TLS ->
                    !demandsCertificate() && !virtualService.tcp().isEmpty();
                case PASSTHROUGH, AUTO_PASSTHROUGH, TCP -> false;
            };
        }

        private boolean hasHttpRoutes(VirtualService virtualService) {
            String name = gateway.meta().qualifiedName();
            String namespace = virtualService.meta().namespace();
            return virtualService.http().stream()
                    .anyMatch(route -> route.match().isEmpty()
                            || route.match().stream().anyMatch(match -> applies(match, name, namespace)));
        }

        private boolean applies(HttpMatchRequest match, String name, String namespace) {
            boolean here = match.gateways().isEmpty()
                    || match.gateways().stream().anyMatch(reference -> GatewayReference.resolve(reference, namespace)
                            .equals(name));
            return here && (match.port() == 0 || match.port() == server.port().number());
        }

        /// `Gateway default/edge, servers[1] (file:line:column)`.
        @Override
        public String toString() {
            return gateway.meta() + ", servers[" + index + "] (" + server.at() + ")";
        }
    }

    /// A host of a VirtualService that a server admits.
    ///
    /// @param field of the VirtualService
    private record Admission(Opened by, String host, String field) {}

    @Override
    public void analyze(AnalysisContext context) {
        Map<Address, HostMap<Opened>> listeners = new HashMap<>();
        boolean anyDemands = false;
        for (Gateway gateway : context.index().selectedGateways()) {
            for (int i = 0; i < gateway.servers().size(); i++) {
                Opened opened = new Opened(gateway, gateway.servers().get(i), i);
                anyDemands |= opened.demandsCertificate();
                claim(opened, listeners);
            }
        }
        if (anyDemands) {
            admissions(context)
                    .forEach((virtualService, admitted) -> check(context, virtualService, admitted, listeners));
        }
    }

    /// Server names of plain text choose nothing.
    private static void claim(Opened opened, Map<Address, HostMap<Opened>> listeners) {
        if (ServerKind.of(opened.server()).isTls()) {
            HostMap<Opened> names = listeners.computeIfAbsent(opened.address(), key -> new HostMap<>());
            String namespace = opened.gateway().meta().namespace();
            opened.server()
                    .hosts()
                    .forEach(host -> names.add(ServerHost.parse(host, namespace).host(), opened));
        }
    }

    private static Map<VirtualService, List<Admission>> admissions(AnalysisContext context) {
        Map<VirtualService, List<Admission>> all = new IdentityHashMap<>();
        for (Gateway gateway : context.index().selectedGateways()) {
            String name = gateway.meta().qualifiedName();
            for (VirtualService virtualService :
                    context.index().virtualServices().ofGateway(name)) {
                List<Admission> admitted = all.computeIfAbsent(virtualService, key -> new ArrayList<>());
                List<String> hosts = virtualService.hosts();
                for (int i = 0; i < hosts.size(); i++) {
                    for (AdmittedHost each : context.index()
                            .gateways()
                            .admitted(
                                    gateway, hosts.get(i), virtualService.meta().namespace())) {
                        Opened by = new Opened(gateway, each.server(), each.index());
                        admitted.add(new Admission(by, each.host(), Fields.item("spec.hosts", i)));
                    }
                }
            }
        }
        return all;
    }

    private static void check(
            AnalysisContext context,
            VirtualService virtualService,
            List<Admission> admitted,
            Map<Address, HostMap<Opened>> listeners) {
        List<Admission> demanding =
                admitted.stream().filter(each -> each.by().demandsCertificate()).toList();
        List<Opened> reported = new ArrayList<>();
        for (Admission open : admitted) {
            if (reported.contains(open.by()) || !open.by().takesAnybody(virtualService)) {
                continue;
            }
            Admission around = around(open, demanding, listeners);
            if (around != null) {
                reported.add(open.by());
                report(context, virtualService, open, around);
            }
        }
    }

    /// Whose certificate is not asked for, and for which host; null where all is well. A host that the open server has
    /// for itself, as the more specific one, is meant to be open.
    private static @Nullable Admission around(
            Admission open, List<Admission> demanding, Map<Address, HostMap<Opened>> listeners) {
        Opened here = owner(listeners, open.by().address(), open.host());
        if (here != null && !here.equals(open.by())) {
            return here.demandsCertificate() ? new Admission(here, open.host(), open.field()) : null;
        }
        for (Admission strict : demanding) {
            String both = HostPatterns.intersection(open.host(), strict.host());
            if (both != null && strict.by().equals(owner(listeners, strict.by().address(), both))) {
                return new Admission(strict.by(), both, open.field());
            }
        }
        return null;
    }

    private static @Nullable Opened owner(Map<Address, HostMap<Opened>> listeners, Address address, String host) {
        HostMap<Opened> names = listeners.get(address);
        return names == null ? null : names.first(host);
    }

    private static void report(
            AnalysisContext context, VirtualService virtualService, Admission open, Admission around) {
        boolean samePort = open.by().address().equals(around.by().address());
        context.report(
                ProblemCode.CERTIFICATE_AVOIDED,
                virtualService.meta().at(),
                open.field(),
                virtualService.meta() + " makes the host " + Quote.of(around.host()) + ", for which " + around.by()
                        + " demands a client certificate, reachable through " + open.by() + ", which demands none"
                        + (samePort ? "; such requests are answered with 421" : ""),
                "leave one of the two out of spec.gateways, or have both demand a certificate");
    }
}
