package io.sallyport.reload;

import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.index.MergeOrder;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.AuthorizationPolicy.Condition;
import io.sallyport.config.model.AuthorizationPolicy.Operation;
import io.sallyport.config.model.AuthorizationPolicy.Rule;
import io.sallyport.config.model.AuthorizationPolicy.TargetRef;
import io.sallyport.config.model.AuthorizationPolicy.Values;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.Server;
import io.sallyport.config.model.ServerTlsSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What must not be served because a Gateway is left out that asks, or may ask, for client certificates: at the same
/// port, no other Gateway is to serve its hosts without, unless it names them itself.
final class LostGateways {
    private static final String SERVER_NAME = "connection.sni";

    /// A server of a Gateway that is served.
    private record Opened(Gateway gateway, Server server, List<String> hosts) {
        int port() {
            return server.port().number();
        }

        /// Whether it has requests, and not bytes.
        boolean hasRequests() {
            return server.port().protocol() == PortProtocol.HTTPS && terminates();
        }

        boolean terminates() {
            return server.tls() != null && server.tls().mode().terminates();
        }
    }

    private final InstanceScope scope;
    private final Map<Integer, Integer> portMap;
    private final List<Opened> opened = new ArrayList<>();

    /// @param served all resources that count
    /// @param portMap ports that are bound in place of others: policies name these
    LostGateways(Configuration served, InstanceScope scope, Map<Integer, Integer> portMap) {
        this.scope = scope;
        this.portMap = portMap;
        for (Gateway gateway : served.gateways()) {
            if (scope.selectedBy(gateway.selector())) {
                gateway.servers().stream()
                        .filter(server ->
                                server.tls() != null && server.port().protocol().isTls())
                        .forEach(server -> opened.add(new Opened(gateway, server, hosts(server))));
            }
        }
    }

    /// @param missed whether also to close what nobody can say that it is not for
    List<AuthorizationPolicy> denials(Choice leftOut, boolean missed) {
        List<AuthorizationPolicy> denials = new ArrayList<>();
        Gateway written = leftOut.written().resource() instanceof Gateway gateway ? gateway : null;
        if (written != null && leftOut.isReadable("spec.selector") && !scope.selectedBy(written.selector())) {
            return denials;
        }
        ServedVersion last = leftOut.last();
        for (Server server : written == null ? List.<Server>of() : written.servers()) {
            if (!server.hosts().isEmpty() && mayAsk(server, leftOut)) {
                denials.addAll(denials(leftOut, server, missed));
            }
        }
        if (last != null && last.item().resource() instanceof Gateway before) {
            before.servers().stream()
                    .filter(server -> asks(server.tls()))
                    .forEach(server -> denials.addAll(denials(leftOut, server, missed)));
        }
        if (missed && !isKnown(leftOut, written)) {
            denials.addAll(denials(leftOut.meta().name(), leftOut.meta().at()));
        }
        return denials;
    }

    /// Of a Gateway of which nobody knows ports and hosts: only hosts that others name in full are served with TLS.
    List<AuthorizationPolicy> denials(String name, Position at) {
        return opened.stream()
                .map(Opened::port)
                .distinct()
                .flatMap(port ->
                        denials(name, at, port, List.of(HostPatterns.ANY), (_, host) -> !HostPatterns.isWildcard(host))
                                .stream())
                .toList();
    }

    private List<AuthorizationPolicy> denials(Choice leftOut, Server lost, boolean missed) {
        List<String> hosts = hosts(lost);
        return denials(
                leftOut.meta().name(),
                lost.at(),
                lost.port().number(),
                hosts,
                // Of two that name one host the earlier has it.
                (gateway, host) ->
                        !(missed && hosts.contains(host) && MergeOrder.isBefore(leftOut.meta(), gateway.meta())));
    }

    /// Whether it is certain which ports and hosts it has.
    private static boolean isKnown(Choice leftOut, @Nullable Gateway written) {
        return written != null
                && !(written.servers().isEmpty() && leftOut.hasUnknownField("spec"))
                && leftOut.faults().stream()
                        .map(leftOut::fieldOf)
                        .noneMatch(field -> "spec.servers".startsWith(field)
                                || field.matches("spec\\.servers\\[\\d+](\\.(port|hosts|bind)\\b.*)?"));
    }

    private static boolean mayAsk(Server server, Choice leftOut) {
        ServerTlsSettings tls = server.tls();
        PortProtocol protocol = server.port().protocol();
        if (asks(tls) || (protocol != PortProtocol.HTTPS && protocol != PortProtocol.TLS)) {
            return asks(tls);
        }
        // What cannot be read of a mode is taken for none, which is PASSTHROUGH.
        boolean certain = leftOut.written().complete()
                && leftOut.faults().stream()
                        .map(leftOut::fieldOf)
                        .noneMatch(field -> field.contains(".tls") || field.isEmpty());
        return tls == null || (tls.mode() == ServerTlsSettings.Mode.PASSTHROUGH && !certain);
    }

    private static boolean asks(@Nullable ServerTlsSettings tls) {
        return tls != null && tls.mode().asksForCertificate();
    }

    /// @param own whether a Gateway that names a host there has it, whatever the lost one says
    private List<AuthorizationPolicy> denials(
            String name, Position at, int port, List<String> hosts, BiPredicate<Gateway, String> own) {
        List<Opened> there =
                opened.stream().filter(server -> server.port() == port).toList();
        List<String> named = there.stream()
                .flatMap(server ->
                        server.hosts().stream().filter(host -> covers(hosts, host) && own.test(server.gateway(), host)))
                .distinct()
                .toList();
        List<String> ofBytes = there.stream()
                .filter(server -> !server.hasRequests())
                .flatMap(server -> server.hosts().stream())
                .distinct()
                .toList();
        List<String> ofRequests = there.stream()
                .filter(Opened::hasRequests)
                .flatMap(server -> server.hosts().stream())
                .distinct()
                .toList();
        List<Rule> rules = new Closing(at, portMap.getOrDefault(port, port), hosts, named, ofBytes).rules(ofRequests);
        return there.stream()
                .map(server -> server.gateway().meta())
                .distinct()
                .collect(Collectors.groupingBy(ResourceMeta::namespace))
                .entrySet()
                .stream()
                .map(of -> Denials.of(of.getKey(), name, null, targets(of.getValue(), at), rules, at))
                .toList();
    }

    private static List<TargetRef> targets(List<ResourceMeta> gateways, Position at) {
        String group = ResourceKind.GATEWAY.group().domain();
        return gateways.stream()
                .map(gateway -> new TargetRef(group, ResourceKind.GATEWAY.istioName(), gateway.name(), "", at))
                .toList();
    }

    /// The rules by which hosts of a port are closed.
    ///
    /// @param port that is bound
    /// @param named by others, and not closed
    /// @param elsewhere the hosts whose bytes are relayed: of these nobody sees a request's host, and a rule
    ///     would hold for all of them
    private record Closing(Position at, int port, List<String> hosts, List<String> named, List<String> elsewhere) {
        /// @param ofRequests the hosts that have requests
        List<Rule> rules(List<String> ofRequests) {
            List<Rule> rules = new ArrayList<>();
            if (!ofRequests.isEmpty()) {
                Values denied = new Values(
                        isAny()
                                ? List.of()
                                : hosts.stream().flatMap(Denials::withPorts).toList(),
                        named.stream().flatMap(Denials::withPorts).toList());
                rules.add(rule(denied, new Values(List.of(), elsewhere)));
                // Of hosts within those of bytes, what has no narrower ones of bytes again.
                ofRequests.stream()
                        .filter(host -> covers(elsewhere, host))
                        .collect(Collectors.groupingBy(this::narrower))
                        .forEach((narrower, within) -> rules.add(rule(denied, new Values(within, narrower))));
            }
            if (!elsewhere.isEmpty()) {
                rules.add(rule(Values.NONE, new Values(isAny() ? List.of() : hosts, named)));
            }
            return rules;
        }

        private List<String> narrower(String host) {
            return elsewhere.stream()
                    .filter(other -> !other.equals(host) && HostPatterns.covers(host, other))
                    .toList();
        }

        private boolean isAny() {
            return hosts.contains(HostPatterns.ANY);
        }

        private Rule rule(Values ofHost, Values ofServerName) {
            Values ofPort = new Values(List.of(Integer.toString(port)), List.of());
            Operation operation = new Operation(ofHost, ofPort, Values.NONE, Values.NONE, at);
            List<Condition> when =
                    ofServerName.isEmpty() ? List.of() : List.of(new Condition(SERVER_NAME, ofServerName, at));
            return new Rule(List.of(), List.of(operation), when, at);
        }
    }

    private static boolean covers(List<String> wide, String host) {
        return wide.stream().anyMatch(pattern -> HostPatterns.covers(pattern, host));
    }

    /// Without the namespaces that they are for.
    private static List<String> hosts(Server server) {
        return server.hosts().stream()
                .map(host -> HostPatterns.canonical(host.substring(host.indexOf('/') + 1)))
                .toList();
    }
}
