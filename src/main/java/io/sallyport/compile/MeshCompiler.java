package io.sallyport.compile;

import io.netty.util.NetUtil;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.MergeOrder;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.VirtualService;
import io.sallyport.config.model.WorkloadEntry;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.egress.EgressMode;
import io.sallyport.net.AddressRange;
import io.sallyport.route.HostIndex;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Workload;
import io.sallyport.snapshot.Workloads;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the egress list: every port of every ServiceEntry, and the hosts that VirtualServices of the gateway `mesh`
/// name besides.
final class MeshCompiler {
    /// The port of a VirtualService's host that no ServiceEntry has (Istio pilot: such hosts are on port 80 only) and
    /// that is neither a service of the mesh nor allowed by the mode.
    private static final int HTTP_PORT = 80;

    private final Compilation compilation;
    private final ConfigurationIndex index;
    private final MeshHostCompiler hosts;
    private final Map<Integer, Map<String, MeshHost>> byPort = new LinkedHashMap<>();
    private final List<MeshHost> ofRanges = new ArrayList<>();
    private final Map<InetSocketAddress, List<MeshHost>> addresses = new HashMap<>();
    private final Map<RangeKey, List<MeshHost>> byRange = new LinkedHashMap<>();
    private final Set<MeshHost> discovered = Collections.newSetFromMap(new IdentityHashMap<>());

    private record RangeKey(AddressRange range, int port) {}

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
        for (String host : index.destinationRules().hosts()) {
            addListed(host);
        }
        // What somebody has written of an address comes before what the mesh itself says.
        MergeOrder.sorted(index.configuration().serviceEntries()).forEach(this::addAddresses);
        index.serviceEntries().discovered().forEach(this::addAddresses);
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
        if (!addListed(host) && !service.http().isEmpty()) {
            add(null, hosts.ofVirtualService(service, host, HTTP_PORT));
        }
    }

    /// A host that some resource names has entries of its own, also where the list has it within a wildcard.
    ///
    /// @return false where the list does not have it
    private boolean addListed(String host) {
        List<ServiceEntry> entries = index.serviceEntries().findAll(host);
        for (ServiceEntry entry : entries) {
            String pattern = pattern(entry, host);
            boolean same = Objects.equals(
                    index.destinationRules().find(host),
                    index.destinationRules().find(pattern));
            entry.ports().stream()
                    .filter(port -> port.protocol() != PortProtocol.UDP)
                    .forEach(port -> add(entry, hosts.ofService(entry, host, port, same ? pattern : host)));
        }
        return !entries.isEmpty();
    }

    /// The entry's host that covers this one; the longest.
    private String pattern(ServiceEntry entry, String host) {
        return services(entry).stream()
                .filter(each -> HostPatterns.covers(each, host))
                .max((one, other) -> Integer.compare(one.length(), other.length()))
                .orElse(host);
    }

    private static List<String> services(ServiceEntry entry) {
        return entry.hosts().stream().map(HostPatterns::canonical).toList();
    }

    private void addAddresses(ServiceEntry entry) {
        List<String> services = services(entry).stream()
                .filter(host -> index.serviceEntries().findAll(host).contains(entry))
                .toList();
        if (services.isEmpty()) {
            return;
        }
        for (ServicePort port : entry.ports()) {
            if (port.protocol() == PortProtocol.UDP) {
                continue;
            }
            for (String address : entry.addresses()) {
                add(entry, address, port.number(), hosts.ofAddress(entry, services, address, port));
            }
            for (WorkloadEntry endpoint : entry.endpoints()) {
                if (NetUtil.isValidIpV4Address(endpoint.address()) || NetUtil.isValidIpV6Address(endpoint.address())) {
                    int number = endpoint.ports().getOrDefault(port.name(), port.endpointPort());
                    add(
                            entry,
                            endpoint.address(),
                            number,
                            hosts.ofEndpoint(entry, services, endpoint.address(), port, number));
                }
            }
        }
    }

    private void add(ServiceEntry entry, String address, int port, List<MeshHost> made) {
        AddressRange range = AddressRange.parse(address);
        InetAddress literal = range.single();
        List<MeshHost> known = literal == null
                ? byRange.computeIfAbsent(new RangeKey(range, port), _ -> new ArrayList<>())
                : addresses.computeIfAbsent(new InetSocketAddress(literal, port), _ -> new ArrayList<>());
        known.addAll(made);
        if (!entry.isService()) {
            ofRanges.add(made.getFirst());
        }
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
        UnlistedHostCompiler unlisted = new UnlistedHostCompiler(compilation, hosts);
        HostIndex<MeshRoutes.AnyPort> meshServices = unlisted.meshServices();
        HostIndex<MeshRoutes.AnyPort> anyHosts = egress.mode() == EgressMode.REGISTRY_ONLY ? null : unlisted.anyHosts();
        return new MeshRoutes(
                egress.mode(),
                all,
                indexes,
                ranges(),
                addresses,
                meshServices,
                anyHosts,
                unlisted.made(),
                index.hosts().clusterDomain(),
                compilation.options().scope().namespace(),
                workloads());
    }

    /// The longest prefix first.
    private List<MeshRoutes.Range> ranges() {
        return byRange.entrySet().stream()
                .sorted(Comparator.comparingInt(each -> -each.getKey().range().prefix()))
                .map(each -> new MeshRoutes.Range(
                        each.getKey().range().rule(), each.getKey().port(), each.getValue()))
                .toList();
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
                    byAddress.putIfAbsent(address, new Workload(entry.meta().namespace(), endpoint.labels(), null));
                }
            }
        }
        ServiceCatalog catalog = compilation.options().catalog();
        return new Workloads(
                byAddress,
                address -> {
                    MeshPod pod = catalog.pod(address);
                    return pod == null ? null : new Workload(pod.namespace(), pod.labels(), pod.workload());
                },
                compilation.options().trustDomains().names());
    }
}
