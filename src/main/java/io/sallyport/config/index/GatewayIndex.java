package io.sallyport.config.index;

import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.Server;
import io.sallyport.config.model.VirtualService;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Gateways by name, and which hosts their servers admit.
public final class GatewayIndex {
    private final Map<String, Gateway> byName = new LinkedHashMap<>();
    /// Of every Gateway. One whose name is already in use has the servers of the Gateway that uses it.
    private final Map<Gateway, HostMap<AdmittingServer>> servers = new IdentityHashMap<>();
    private final Map<String, List<ServerHost>> entries = new HashMap<>();
    private final Map<String, Set<Integer>> ports = new HashMap<>();
    private final HostResolution hosts;

    private record AdmittingServer(Server server, int index, ServerHost entry) {}

    /// A server of a gateway takes requests for `host` and gives them to the VirtualService that was asked about.
    ///
    /// @param index of the server in `Gateway.servers`
    /// @param host what server and VirtualService have in common: the narrower of the two patterns
    public record AdmittedHost(Server server, int index, String host) {}

    GatewayIndex(Collection<Gateway> gateways, HostResolution hosts) {
        this.hosts = hosts;
        for (Gateway gateway : gateways) {
            String name = gateway.meta().qualifiedName();
            Gateway earlier = byName.putIfAbsent(name, gateway);
            if (earlier == null) {
                index(name, gateway);
            } else {
                servers.put(gateway, servers.getOrDefault(earlier, new HostMap<>()));
            }
        }
    }

    private void index(String name, Gateway gateway) {
        HostMap<AdmittingServer> map = new HostMap<>();
        List<ServerHost> all = new ArrayList<>();
        Set<Integer> numbers = new HashSet<>();
        for (int i = 0; i < gateway.servers().size(); i++) {
            Server server = gateway.servers().get(i);
            numbers.add(server.port().number());
            for (String entry : server.hosts()) {
                ServerHost host = ServerHost.parse(entry, gateway.meta().namespace());
                all.add(host);
                map.add(host.host(), new AdmittingServer(server, i, host));
            }
        }
        servers.put(gateway, map);
        entries.put(name, all);
        ports.put(name, numbers);
    }

    /// The gateway named `namespace/name`, or null.
    public @Nullable Gateway get(String qualifiedName) {
        return byName.get(qualifiedName);
    }

    public Collection<Gateway> all() {
        return byName.values();
    }

    public Collection<String> names() {
        return byName.keySet();
    }

    /// The hosts of all servers of a gateway.
    public List<ServerHost> entries(Gateway gateway) {
        return entries.getOrDefault(gateway.meta().qualifiedName(), List.of());
    }

    /// Whether some server of the gateway named `namespace/name` has one of these ports.
    public boolean opensAnyOf(String qualifiedName, Collection<Integer> numbers) {
        Set<Integer> ofGateway = ports.getOrDefault(qualifiedName, Set.of());
        return numbers.stream().anyMatch(ofGateway::contains);
    }

    /// Where the gateway's servers and the VirtualService's hosts meet; empty if the VirtualService can get no request
    /// from this gateway.
    public List<AdmittedHost> admitted(Gateway gateway, VirtualService virtualService) {
        List<AdmittedHost> admitted = new ArrayList<>();
        for (String host : virtualService.hosts()) {
            admitted.addAll(admitted(gateway, host, virtualService.meta().namespace()));
        }
        return admitted;
    }

    /// As [#admitted(Gateway, VirtualService)] for one host of a VirtualService in `namespace`.
    public List<AdmittedHost> admitted(Gateway gateway, String host, String namespace) {
        HostMap<AdmittingServer> map = servers.get(gateway);
        if (map == null) {
            return List.of();
        }
        String fullName = hosts.fullyQualified(host, namespace);
        List<AdmittedHost> admitted = new ArrayList<>(1);
        for (String pattern : map.overlapping(fullName)) {
            String common = HostPatterns.covers(pattern, fullName) ? fullName : pattern;
            for (AdmittingServer candidate : map.get(pattern)) {
                if (candidate.entry().admitsNamespace(namespace)) {
                    admitted.add(new AdmittedHost(candidate.server(), candidate.index(), common));
                }
            }
        }
        return admitted;
    }
}
