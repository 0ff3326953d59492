package io.sallyport.explain;

import io.sallyport.compile.SnapshotPlan;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.ExportTo;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.ServerHost;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Server;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.yaml.Suggestion;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.ListenerSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Why no virtual host was found: which VirtualService is nearest and why it does not apply, and which ports
/// serve the host.
final class UnservedHost {
    private static final int MOST = 5;

    private final SnapshotPlan plan;
    private final @Nullable ConfigurationIndex index;

    /// @param index null where only the plan is known
    UnservedHost(SnapshotPlan plan, @Nullable ConfigurationIndex index) {
        this.plan = plan;
        this.index = index;
    }

    /// `the ports are 80, 443`.
    String ports() {
        return plan.listeners().isEmpty() ? "there are no ports" : "the ports are " + list(openPorts());
    }

    private Set<String> openPorts() {
        return plan.listeners().values().stream()
                .map(ListenerSnapshot::port)
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .map(String::valueOf)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /// The server names that a TLS port does have.
    String serverNames(ListenerSnapshot listener) {
        Set<String> names = new TreeSet<>();
        listener.all().forEach(chain -> names.addAll(chain.serverNames()));
        return "the server names of port " + listener.port() + " are " + list(names);
    }

    /// A line for each reason.
    ///
    /// @param host as [io.sallyport.net.HostName#host()] gives it
    String why(String host, ListenerSnapshot listener) {
        List<String> lines = new ArrayList<>();
        if (index != null) {
            lines.addAll(nearest(index, host, listener.port()));
        }
        Set<Integer> elsewhere = new TreeSet<>();
        for (ListenerSnapshot other : plan.listeners().values()) {
            for (FilterChain chain : other.all()) {
                boolean serves = chain.application() instanceof FilterChain.Http http
                        && http.hosts().lookup(host) != null;
                if (serves) {
                    elsewhere.add(other.port());
                }
            }
        }
        lines.add(elsewhere.isEmpty() ? ports() : "the host is served on " + list(elsewhere));
        return String.join("\n", lines);
    }

    private static List<String> nearest(ConfigurationIndex index, String host, int port) {
        int longest = -1;
        List<VirtualService> nearest = new ArrayList<>();
        Set<String> all = new TreeSet<>();
        for (VirtualService service : index.configuration().virtualServices()) {
            for (String written : service.hosts()) {
                String pattern =
                        index.hosts().fullyQualified(written, service.meta().namespace());
                all.add(pattern);
                int length = HostPatterns.covers(pattern, host) ? pattern.length() : -1;
                if (length > longest) {
                    longest = length;
                    nearest.clear();
                }
                if (length >= 0 && length == longest && !nearest.contains(service)) {
                    nearest.add(service);
                }
            }
        }
        if (nearest.isEmpty()) {
            String meant = Suggestion.didYouMean(host, all);
            return List.of("no VirtualService has the host " + host + (meant == null ? "" : "; " + meant));
        }
        return nearest.stream()
                .limit(MOST)
                .flatMap(service -> reasons(index, service, host, port).stream())
                .toList();
    }

    private static List<String> reasons(ConfigurationIndex index, VirtualService service, String host, int port) {
        List<String> reasons = new ArrayList<>();
        String namespace = service.meta().namespace();
        String instance = index.scope().namespace();
        if (!ExportTo.isVisible(service.exportTo(), namespace, instance)) {
            reasons.add("is not exported to the namespace " + instance);
        }
        if (service.http().isEmpty()) {
            reasons.add("has no http routes");
        }
        List<String> gateways = service.gateways().isEmpty() ? List.of(GatewayReference.MESH) : service.gateways();
        for (String reference : gateways) {
            String reason = reference.equals(GatewayReference.MESH)
                    ? gateways.size() == 1 ? "is bound to no Gateway, only to the mesh" : null
                    : reason(index, reference, namespace, host, port);
            if (reason != null) {
                reasons.add(reason);
            }
        }
        return reasons.stream()
                .map(reason -> service.meta() + " (" + service.meta().at() + ") " + reason)
                .toList();
    }

    /// Why a VirtualService does not serve the host at one of its gateways; null if the gateway is not the
    /// reason.
    private static @Nullable String reason(
            ConfigurationIndex index, String reference, String namespace, String host, int port) {
        String name = GatewayReference.resolve(reference, namespace);
        Gateway gateway = index.gateway(reference, namespace);
        if (gateway == null) {
            return "names the Gateway " + name + ", which there is not";
        }
        if (!index.scope().selectedBy(gateway.selector())) {
            return "is bound to Gateway " + name + ", whose selector does not select this instance";
        }
        Set<Integer> ports = new TreeSet<>();
        Set<String> hosts = new TreeSet<>();
        Set<String> namespaces = new TreeSet<>();
        for (Server server : gateway.servers()) {
            for (String entry : server.hosts()) {
                ServerHost admits = ServerHost.parse(entry, gateway.meta().namespace());
                boolean here = server.port().number() == port;
                boolean covers = HostPatterns.covers(admits.host(), host);
                if (covers && admits.admitsNamespace(namespace)) {
                    ports.add(server.port().number());
                } else if (covers && here) {
                    namespaces.add(admits.namespace());
                } else if (here) {
                    hosts.add(admits.host());
                }
            }
        }
        String of = "is bound to Gateway " + name + ", ";
        if (ports.contains(port)) {
            return null;
        }
        if (!namespaces.isEmpty()) {
            return of + "which admits the host on port " + port + " to the namespace " + list(namespaces) + " only";
        }
        if (!ports.isEmpty()) {
            return of + "which has the host on " + list(ports) + " only, not on port " + port;
        }
        return hosts.isEmpty()
                ? of + "which has no server on port " + port
                : of + "whose hosts on port " + port + " are " + list(hosts);
    }

    private static String list(Collection<?> names) {
        String first = names.stream().limit(MOST).map(String::valueOf).collect(Collectors.joining(", "));
        return names.size() <= MOST ? first : first + " and " + (names.size() - MOST) + " more";
    }
}
