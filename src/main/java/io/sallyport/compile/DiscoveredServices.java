package io.sallyport.compile;

import io.netty.util.NetUtil;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ResourceMeta;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.WorkloadEntry;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.MeshServices;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes discovered services as ServiceEntries: Istio's registry, too, treats both alike.
public final class DiscoveredServices {
    private static final Position AT = Position.of("kubernetes");

    /// Whose servers speak first, so that looking at what the client says would wait for ever (Istio pilot: SMTP, DNS,
    /// MySQL, MongoDB).
    private static final Set<Integer> SERVER_FIRST = Set.of(25, 53, 3306, 27017);

    private DiscoveredServices() {}

    /// An entry for each service with ports. An address in the place of an external name is one that DNS does not know
    /// (`Service.spec.externalName`); taken for an address it would go where no guard looks.
    ///
    /// @param clusterDomain such as `cluster.local`
    public static List<ServiceEntry> entries(MeshServices services, String clusterDomain) {
        return services.all().stream()
                .filter(service -> !service.ports().isEmpty() && !isAddress(service.externalName()))
                .map(service -> entry(service, clusterDomain))
                .toList();
    }

    private static boolean isAddress(@Nullable String name) {
        return name != null && (NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name));
    }

    private static ServiceEntry entry(MeshService service, String clusterDomain) {
        String namespace = service.name().namespace();
        String name = service.name().name();
        String alias = service.externalName();
        return new ServiceEntry(
                new ResourceMeta(ResourceKind.SERVICE, "v1", name, namespace, Map.of(), Map.of(), AT),
                List.of((name + '.' + namespace + ".svc." + clusterDomain).toLowerCase(Locale.ROOT)),
                service.addresses(),
                service.ports().stream().map(DiscoveredServices::port).toList(),
                ServiceEntry.Location.MESH_INTERNAL,
                alias == null ? ServiceEntry.Resolution.STATIC : ServiceEntry.Resolution.DNS,
                alias == null ? List.of() : List.of(new WorkloadEntry(alias, Map.of(), Map.of(), "", "", 0, "", AT)),
                null,
                service.exportTo(),
                List.of(),
                null);
    }

    private static ServicePort port(MeshService.Port port) {
        return new ServicePort(
                port.number(), protocol(port.number(), port.name(), port.appProtocol()), port.name(), 0, AT);
    }

    /// By Istio's rules ("Protocol Selection"): `appProtocol`, else the port's name up to its first hyphen.
    static PortProtocol protocol(int number, String name, @Nullable String appProtocol) {
        String said = (appProtocol == null ? name : appProtocol).toLowerCase(Locale.ROOT);
        PortProtocol standard = appProtocol == null ? null : kubernetes(said);
        if (standard != null) {
            return standard;
        }
        if (said.startsWith("grpc-web")) {
            return PortProtocol.GRPC_WEB;
        }
        int hyphen = said.indexOf('-');
        PortProtocol known = PortProtocol.of(hyphen < 0 ? said : said.substring(0, hyphen));
        if (known == null || known == PortProtocol.UNSPECIFIED) {
            return SERVER_FIRST.contains(number) ? PortProtocol.TCP : PortProtocol.UNSPECIFIED;
        }
        return known;
    }

    /// Kubernetes' own names (`ServicePort.appProtocol`).
    private static @Nullable PortProtocol kubernetes(String appProtocol) {
        return switch (appProtocol) {
            case "kubernetes.io/h2c" -> PortProtocol.HTTP2;
            case "kubernetes.io/ws" -> PortProtocol.HTTP;
            case "kubernetes.io/wss" -> PortProtocol.HTTPS;
            default -> null;
        };
    }
}
