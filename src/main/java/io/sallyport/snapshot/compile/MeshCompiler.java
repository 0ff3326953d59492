package io.sallyport.snapshot.compile;

import io.netty.util.NetUtil;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.model.WorkloadEntry;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.identity.AddressRange;
import io.sallyport.policy.EgressMode;
import io.sallyport.policy.EgressPermit;
import io.sallyport.route.HostIndex;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Workload;
import io.sallyport.snapshot.Workloads;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the egress list: every port of every ServiceEntry, and the hosts that VirtualServices of the gateway `mesh`
/// name besides.
final class MeshCompiler {
    /// Where a VirtualService governs a host that no ServiceEntry has (Istio pilot: such hosts are on port 80 alone).
    private static final int HTTP_PORT = 80;

    private final Compilation compilation;
    private final ConfigurationIndex index;
    private final MeshHostCompiler hosts;
    private final Map<Integer, Map<String, MeshHost>> byPort = new LinkedHashMap<>();
    private final List<MeshRoutes.Range> ranges = new ArrayList<>();
    private final List<MeshHost> ofRanges = new ArrayList<>();
    private final Map<InetSocketAddress, MeshHost> services = new HashMap<>();
    private final Set<MeshHost> discovered = Collections.newSetFromMap(new IdentityHashMap<>());

    MeshCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.index = compilation.index();
        this.hosts = new MeshHostCompiler(compilation);
    }

    MeshRoutes compile() {
        for (String host : index.serviceEntries().hosts()) {
            for (ServiceEntry entry : index.serviceEntries().findAll(host)) {
                entry.ports().stream()
                        .filter(port -> port.protocol() != PortProtocol.UDP)
                        .forEach(port -> add(entry, hosts.ofService(entry, host, port, host)));
            }
        }
        for (VirtualService service : index.virtualServices().ofGateway(GatewayReference.MESH)) {
            for (String host : service.hosts()) {
                addHost(
                        service,
                        index.hosts().fullyQualified(host, service.meta().namespace()));
            }
        }
        index.configuration().serviceEntries().stream().filter(this::governs).forEach(this::addAddresses);
        index.serviceEntries().discovered().forEach(this::addServiceAddresses);
        return routes();
    }

    /// What the mesh itself has needs no entry of the list, so the list does not show it.
    private void add(@Nullable ServiceEntry entry, MeshHost host) {
        if (entry != null && entry.isService()) {
            discovered.add(host);
        }
        byPort.computeIfAbsent(host.permit().port(), _ -> new LinkedHashMap<>())
                .putIfAbsent(host.permit().host(), host);
    }

    /// A host that a VirtualService names within a wildcard of the list has the wildcard's ports and its own routes;
    /// one that the list does not know is on port 80.
    private void addHost(VirtualService service, String host) {
        List<ServiceEntry> entries = index.serviceEntries().findAll(host);
        if (!entries.isEmpty()) {
            for (ServiceEntry entry : entries) {
                String pattern = pattern(entry, host);
                entry.ports().stream()
                        .filter(port -> port.protocol() != PortProtocol.UDP)
                        .forEach(port -> add(entry, hosts.ofService(entry, host, port, pattern)));
            }
        } else if (!service.http().isEmpty()) {
            add(null, hosts.ofVirtualService(service, host, HTTP_PORT));
        }
    }

    /// The entry's host that covers this one; the longest.
    private String pattern(ServiceEntry entry, String host) {
        return entry.hosts().stream()
                .map(each -> index.hosts().fullyQualified(each, entry.meta().namespace()))
                .filter(each -> HostPatterns.covers(each, host))
                .max((one, other) -> Integer.compare(one.length(), other.length()))
                .orElse(host);
    }

    private boolean governs(ServiceEntry entry) {
        return entry.hosts().stream()
                .map(host -> index.hosts().fullyQualified(host, entry.meta().namespace()))
                .anyMatch(host -> index.serviceEntries().findAll(host).contains(entry));
    }

    private void addAddresses(ServiceEntry entry) {
        for (ServicePort port : entry.ports()) {
            if (port.protocol() == PortProtocol.UDP) {
                continue;
            }
            for (String address : entry.addresses()) {
                addRange(hosts.ofAddress(entry, address, port, port.number()), port.number());
            }
            for (WorkloadEntry endpoint : entry.endpoints()) {
                if (NetUtil.isValidIpV4Address(endpoint.address()) || NetUtil.isValidIpV6Address(endpoint.address())) {
                    int number = endpoint.ports().getOrDefault(port.name(), port.endpointPort());
                    addRange(hosts.ofEndpoint(entry, endpoint.address(), port, number), number);
                }
            }
        }
    }

    /// Addresses that stand for a service as a whole, by which clients know it.
    private void addServiceAddresses(ServiceEntry entry) {
        for (String address : entry.addresses()) {
            InetAddress literal = NetUtil.createInetAddressFromIpAddressString(address);
            for (ServicePort port : entry.ports()) {
                if (literal != null) {
                    services.put(
                            new InetSocketAddress(literal, port.number()),
                            hosts.ofAddress(entry, address, port, port.number()));
                }
            }
        }
    }

    private void addRange(MeshHost host, int port) {
        ranges.add(new MeshRoutes.Range(AddressRange.parse(host.permit().host()).rule(), port, host));
        ofRanges.add(host);
    }

    private MeshRoutes routes() {
        EgressOptions egress = compilation.options().egress();
        Map<Integer, HostIndex<MeshHost>> indexes = new HashMap<>();
        List<MeshHost> all = new ArrayList<>();
        byPort.forEach((port, ofPort) -> {
            HostIndex.Builder<MeshHost> builder = HostIndex.builder();
            ofPort.forEach(builder::add);
            indexes.put(port, builder.build());
            ofPort.values().stream().filter(host -> !discovered.contains(host)).forEach(all::add);
        });
        all.addAll(ofRanges);
        String domain = index.hosts().clusterDomain();
        MeshHost meshServices = hosts.ofAny(
                new EgressPermit("mesh service", "", "*.svc." + domain, 0, EgressPermit.Kind.ANY),
                compilation.clusters().requireMeshServices());
        MeshHost unlisted = egress.mode() == EgressMode.REGISTRY_ONLY
                ? null
                : hosts.ofAny(
                        new EgressPermit("egress mode", "", "*", 0, EgressPermit.Kind.ANY),
                        compilation.clusters().requirePassthrough());
        return new MeshRoutes(
                egress.mode(),
                all,
                indexes,
                ranges,
                services,
                meshServices,
                unlisted,
                domain,
                compilation.options().scope().namespace(),
                workloads());
    }

    private Workloads workloads() {
        Map<InetAddress, Workload> byAddress = new HashMap<>();
        for (ServiceEntry entry : index.configuration().serviceEntries()) {
            if (entry.location() != ServiceEntry.Location.MESH_INTERNAL) {
                continue;
            }
            for (WorkloadEntry endpoint : entry.endpoints()) {
                InetAddress address = NetUtil.createInetAddressFromIpAddressString(endpoint.address());
                if (address != null) {
                    byAddress.putIfAbsent(address, new Workload(entry.meta().namespace(), endpoint.labels()));
                }
            }
        }
        ServiceCatalog catalog = compilation.options().catalog();
        return new Workloads(byAddress, address -> {
            MeshPod pod = catalog.pod(address);
            return pod == null ? null : new Workload(pod.namespace(), pod.labels());
        });
    }
}
