package io.sallyport.config.analysis;

import io.sallyport.config.index.ServerHost;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Server;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Servers of this instance's gateways that cannot share a port (IST0145, and what Istio leaves out when it merges
/// gateways).
final class ServerConflicts implements Analyzer {
    private record Address(String bind, int port) {}

    private record Opened(Gateway gateway, Server server, int index) {
        String field() {
            return Fields.item("spec.servers", index);
        }

        int port() {
            return server.port().number();
        }

        /// `Gateway default/edge, servers[1] (file:line:column)`.
        @Override
        public String toString() {
            return gateway.meta() + ", servers[" + index + "] (" + server.at() + ")";
        }
    }

    /// Who named a host of one listener first, at all and for each namespace.
    private static final class Claims {
        private final Map<String, Opened> byNamespace = new HashMap<>(2);
        private @Nullable Opened first;

        /// The server that took the host earlier, or null. Several namespaces may share it on plain HTTP, where they
        /// are told apart by whose VirtualService it is; a TLS handshake knows no namespaces.
        @Nullable
        Opened claim(Opened opened, ServerHost entry) {
            Opened rival = ServerKind.of(opened.server()).isTls() || entry.admitsAnyNamespace()
                    ? first
                    : byNamespace.getOrDefault(ServerHost.ANY_NAMESPACE, byNamespace.get(entry.namespace()));
            byNamespace.putIfAbsent(entry.namespace(), opened);
            first = first == null ? opened : first;
            return rival == opened ? null : rival;
        }
    }

    @Override
    public void analyze(AnalysisContext context) {
        Map<Address, List<Opened>> listeners = new LinkedHashMap<>();
        for (Gateway gateway : context.index().selectedGateways()) {
            for (int i = 0; i < gateway.servers().size(); i++) {
                Server server = gateway.servers().get(i);
                Opened opened = new Opened(gateway, server, i);
                int port = context.options().boundPort(opened.port());
                checkReserved(context, opened, port);
                listeners
                        .computeIfAbsent(new Address(bind(server), port), key -> new ArrayList<>())
                        .add(opened);
            }
        }
        listeners.forEach((address, servers) -> checkListener(context, address, servers));
    }

    private static String bind(Server server) {
        return switch (server.bind()) {
            case "0.0.0.0", "::" -> "";
            default -> server.bind();
        };
    }

    private static void checkReserved(AnalysisContext context, Opened opened, int port) {
        String use = context.options().reservedPorts().get(port);
        if (use != null) {
            String mapped = port == opened.port() ? "" : ", bound as " + port + ",";
            context.report(
                    ProblemCode.RESERVED_PORT,
                    opened.server().at(),
                    opened.field() + ".port.number",
                    "port " + opened.port() + mapped + " is the " + use + " port of the gateway itself",
                    "take another port, or lead it elsewhere with sallyport.port-map." + opened.port());
        }
    }

    private static void checkListener(AnalysisContext context, Address address, List<Opened> servers) {
        Opened first = servers.getFirst();
        ServerKind firstKind = ServerKind.of(first.server());
        Map<String, Claims> claims = new HashMap<>();
        for (Opened opened : servers) {
            ServerKind kind = ServerKind.of(opened.server());
            if (opened.port() != first.port()) {
                context.conflict(
                        ProblemCode.BIND_CONFLICT,
                        opened.server().at(),
                        opened.field() + ".port.number",
                        "ports " + first.port() + " and " + opened.port() + " are both bound as " + address.port()
                                + "; the other is of " + first,
                        "mend sallyport.port-map",
                        first.server().at());
            } else if (opened != first && !canShare(firstKind, kind)) {
                reportProtocols(context, opened, kind, first, firstKind);
            } else {
                claimHosts(context, opened, kind, claims);
            }
        }
    }

    private static void reportProtocols(
            AnalysisContext context, Opened opened, ServerKind kind, Opened first, ServerKind firstKind) {
        boolean same = kind == firstKind;
        String message = same
                ? "port " + opened.port() + " is plain TCP already in " + first
                : "port " + opened.port() + " cannot be "
                        + opened.server().port().protocol() + " here and "
                        + first.server().port().protocol() + " in " + first;
        context.conflict(
                ProblemCode.PROTOCOL_CONFLICT,
                opened.server().at(),
                opened.field() + ".port.protocol",
                message,
                same ? "merge the two servers" : "give one of them another port",
                first.server().at());
    }

    private static boolean canShare(ServerKind one, ServerKind other) {
        return one.isTls() && other.isTls() || one == ServerKind.HTTP && other == ServerKind.HTTP;
    }

    private static void claimHosts(
            AnalysisContext context, Opened opened, ServerKind kind, Map<String, Claims> claims) {
        List<String> hosts = opened.server().hosts();
        for (int i = 0; i < hosts.size(); i++) {
            ServerHost entry =
                    ServerHost.parse(hosts.get(i), opened.gateway().meta().namespace());
            Opened rival =
                    claims.computeIfAbsent(entry.host(), key -> new Claims()).claim(opened, entry);
            if (rival != null) {
                reportRival(context, opened, kind, Fields.item(opened.field() + ".hosts", i), hosts.get(i), rival);
            }
        }
    }

    private static void reportRival(
            AnalysisContext context, Opened opened, ServerKind kind, String field, String host, Opened rival) {
        context.conflict(
                kind.isTls() ? ProblemCode.TLS_HOST_CONFLICT : ProblemCode.SHARED_HTTP_HOST,
                opened.server().at(),
                field,
                "the host " + Quote.of(host) + " of port " + opened.port() + " is taken by " + rival + " as well",
                kind.isTls()
                        ? "leave it to one of the two"
                        : "name the host in one Gateway, or keep both if that is meant",
                rival.server().at());
    }
}
