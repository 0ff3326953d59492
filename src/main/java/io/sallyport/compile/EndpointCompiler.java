package io.sallyport.compile;

import io.netty.util.NetUtil;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.HealthCheckSpec;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.model.HealthCheck;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServiceEntry.Resolution;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.WorkloadEntry;
import io.sallyport.net.AddressGuard;
import io.sallyport.outcome.WorkloadNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds what stands behind a host and port: the endpoints of its ServiceEntry, or the host's own name in DNS.
final class EndpointCompiler {
    private final ConfigurationIndex index;
    private final GuardCompiler guards;

    EndpointCompiler(CompileOptions options, ConfigurationIndex index) {
        this.index = index;
        this.guards = new GuardCompiler(options.egress(), options.catalog());
    }

    GuardCompiler guards() {
        return guards;
    }

    /// @param protocol of the service's port, or null where nothing is known of it
    /// @param subjectAltNames `ServiceEntry.subjectAltNames`
    /// @param targetPort of hosts that requests name
    /// @param healthCheck of the entry's annotation, or null
    /// @param service what metrics call its namespace, and endpoints of which they know nothing else; null for none
    record Source(
            Discovery discovery,
            List<EndpointSpec> endpoints,
            @Nullable PortProtocol protocol,
            List<String> subjectAltNames,
            int targetPort,
            AddressGuard guard,
            @Nullable HealthCheckSpec healthCheck,
            @Nullable WorkloadNames service) {}

    /// @return null where the host is known but has no such port, or is known to nobody
    @Nullable
    Source find(String host, int port, @Nullable Subset subset) {
        ServiceEntry entry = port == 0 ? null : index.serviceEntries().find(host, port);
        if (entry != null) {
            ServicePort servicePort = entry.port(port);
            if (servicePort == null) {
                return null;
            }
            return entry.isDiscovered() ? discovered(entry, servicePort) : of(entry, host, servicePort, subset);
        }
        boolean listed = port != 0 && index.serviceEntries().find(host) != null;
        return listed || !index.hosts().isInCluster(host) ? null : unlisted(host, port, subset, guards.inMesh());
    }

    /// Of a host that no ServiceEntry lists only its name is known; DNS has no labels, so a subset that asks for some
    /// is empty.
    ///
    /// @param host a name, or a wildcard: then each request says which name
    /// @param port 0: each request says which port
    Source unlisted(String host, int port, @Nullable Subset subset, AddressGuard guard) {
        Discovery discovery;
        List<EndpointSpec> endpoints = List.of();
        if (subset != null && !subset.labels().isEmpty()) {
            discovery = Discovery.STATIC;
        } else if (host.startsWith("*")) {
            discovery = Discovery.DYNAMIC;
        } else if (port == 0) {
            discovery = Discovery.ASKED_PORT;
        } else {
            discovery = Discovery.STRICT_DNS;
            endpoints = List.of(new EndpointSpec(host, port));
        }
        HostResolution.MeshService service = index.hosts().meshService(host);
        WorkloadNames names = service == null ? null : WorkloadNames.of(Map.of(), service.namespace(), null, null);
        return new Source(discovery, endpoints, null, List.of(), port, guard, null, names);
    }

    /// The very address that is asked for, within what the entry lists.
    Source asked(AskedAddress address) {
        ServiceEntry entry = address.entry();
        return new Source(
                Discovery.DYNAMIC,
                List.of(),
                address.port().protocol(),
                entry.subjectAltNames(),
                address.target(),
                guards.of(entry),
                null,
                names(entry));
    }

    /// Who writes a service's endpoints may not be who writes configuration, so their addresses are guarded.
    private Source discovered(ServiceEntry entry, ServicePort port) {
        return new Source(
                Discovery.DISCOVERED,
                List.of(),
                port.protocol() == PortProtocol.UNSPECIFIED ? null : port.protocol(),
                List.of(),
                port.number(),
                guards.inMesh(),
                null,
                WorkloadNames.of(Map.of(), entry.meta().namespace(), null, null));
    }

    /// What stands behind a ServiceEntry is called by the entry's name (Istio pilot, `convertServiceEntryToInstances`).
    private static @Nullable WorkloadNames names(ServiceEntry entry) {
        return WorkloadNames.of(Map.of(), entry.meta().namespace(), entry.meta().name(), null);
    }

    private Source of(ServiceEntry entry, String host, ServicePort port, @Nullable Subset subset) {
        return switch (entry.resolution()) {
            case STATIC -> source(entry, Discovery.STATIC, endpoints(entry, host, port, subset), port);
            case DNS -> {
                List<EndpointSpec> all = endpoints(entry, host, port, subset);
                yield source(entry, all.isEmpty() ? Discovery.STATIC : Discovery.STRICT_DNS, all, port);
            }
            case DNS_ROUND_ROBIN -> {
                List<EndpointSpec> all = endpoints(entry, host, port, subset);
                yield source(
                        entry,
                        all.isEmpty() ? Discovery.STATIC : Discovery.LOGICAL_DNS,
                        all.isEmpty() ? all : all.subList(0, 1),
                        port);
            }
            // There is no original destination at a gateway. A destination that names a host means that host, never the
            // one that a client asks for; only a wildcard leaves that to the request.
            case NONE, DYNAMIC_DNS ->
                host.startsWith("*")
                        ? source(entry, Discovery.DYNAMIC, List.of(), port)
                        : source(
                                entry,
                                Discovery.STRICT_DNS,
                                List.of(new EndpointSpec(host, port.endpointPort())),
                                port);
        };
    }

    private Source source(ServiceEntry entry, Discovery discovery, List<EndpointSpec> endpoints, ServicePort port) {
        boolean allLiteral = discovery == Discovery.STRICT_DNS
                && !endpoints.isEmpty()
                && endpoints.stream().allMatch(EndpointCompiler::isLiteral);
        WorkloadNames names = names(entry);
        return new Source(
                allLiteral ? Discovery.STATIC : discovery,
                endpoints.stream()
                        .map(endpoint -> endpoint.workload() == null ? endpoint.named(names) : endpoint)
                        .toList(),
                port.protocol(),
                entry.subjectAltNames(),
                port.endpointPort(),
                entry.isService() ? guards.inMesh() : guards.of(entry),
                healthCheck(entry.healthCheck()),
                names);
    }

    private static @Nullable HealthCheckSpec healthCheck(@Nullable HealthCheck check) {
        return check == null
                ? null
                : new HealthCheckSpec(
                        switch (check.type()) {
                            case HTTP -> HealthCheckSpec.Type.HTTP;
                            case GRPC -> HealthCheckSpec.Type.GRPC;
                            case TCP -> HealthCheckSpec.Type.TCP;
                        },
                        check.type() == HealthCheck.Type.GRPC ? check.service() : check.path(),
                        check.port(),
                        check.interval(),
                        check.timeout(),
                        check.healthyThreshold(),
                        check.unhealthyThreshold());
    }

    private static boolean isLiteral(EndpointSpec endpoint) {
        return endpoint.isUnixSocket()
                || NetUtil.isValidIpV4Address(endpoint.address())
                || NetUtil.isValidIpV6Address(endpoint.address());
    }

    /// Those of all entries that together are the service at this port and call it the same, each by what its own says
    /// of the port (Istio pilot: endpoints by host and namespace, chosen by the port's name).
    private List<EndpointSpec> endpoints(ServiceEntry first, String host, ServicePort port, @Nullable Subset subset) {
        Map<String, EndpointSpec> all = new LinkedHashMap<>();
        for (ServiceEntry entry : index.serviceEntries().findAll(host)) {
            ServicePort itsPort = entry.port(port.number());
            if (itsPort != null && !entry.isDiscovered() && itsPort.name().equals(port.name())) {
                boolean addresses = first.resolution() == Resolution.STATIC;
                List<EndpointSpec> its =
                        addresses ? endpoints(entry, itsPort, subset) : endpointsOrHost(entry, host, itsPort, subset);
                // An entry of another resolution may have names where addresses are needed, or sockets.
                its = its.stream()
                        .filter(each -> addresses ? isLiteral(each) : !each.isUnixSocket())
                        .toList();
                // One that several name counts once, as in Envoy.
                its.forEach(each -> all.putIfAbsent(each.address() + ':' + each.port(), each));
            }
        }
        return List.copyOf(all.values());
    }

    /// Without endpoints the host's own name is looked up (`ServiceEntry.endpoints`), which has no labels.
    private static List<EndpointSpec> endpointsOrHost(
            ServiceEntry entry, String host, ServicePort port, @Nullable Subset subset) {
        if (!entry.endpoints().isEmpty()) {
            return endpoints(entry, port, subset);
        }
        EndpointSpec own = new EndpointSpec(host, port.endpointPort());
        return subset == null || LocalityCompiler.isIn(own, subset.labels()) ? List.of(own) : List.of();
    }

    private static List<EndpointSpec> endpoints(ServiceEntry entry, ServicePort port, @Nullable Subset subset) {
        return entry.endpoints().stream()
                .map(endpoint -> endpoint(endpoint, port, entry.meta()))
                .filter(endpoint -> subset == null || LocalityCompiler.isIn(endpoint, subset.labels()))
                .toList();
    }

    private static EndpointSpec endpoint(WorkloadEntry entry, ServicePort port, ResourceMeta of) {
        boolean unix = entry.address().startsWith("unix://");
        int number = entry.ports().getOrDefault(port.name(), port.endpointPort());
        String account = orNull(entry.serviceAccount());
        return new EndpointSpec(
                        entry.address(),
                        unix ? 0 : number,
                        entry.labels(),
                        Math.max(1, entry.weight()),
                        orNull(entry.locality()),
                        orNull(entry.network()),
                        account == null ? null : of.namespace() + '/' + account)
                .named(WorkloadNames.of(entry.labels(), of.namespace(), null, account == null ? of.name() : account));
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
