package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.sallyport.discovery.MeshNode;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.ServiceName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Reads from the API's objects what discovery needs of them.
final class KubernetesObjects {
    private static final String REGION = "topology.kubernetes.io/region";
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String SERVICE = "kubernetes.io/service-name";
    private static final String EXPORT_TO = "networking.istio.io/exportTo";
    private static final int MOST_PORT = 65_535;
    private static final Logger LOG = Logger.getLogger(KubernetesObjects.class);

    private KubernetesObjects() {}

    static ServiceName name(Service service) {
        return new ServiceName(
                service.getMetadata().getNamespace(), service.getMetadata().getName());
    }

    static MeshService service(Service service) {
        ServiceSpec spec = service.getSpec() == null ? new ServiceSpec() : service.getSpec();
        List<MeshService.Port> ports = new ArrayList<>();
        for (ServicePort port : orEmpty(spec.getPorts())) {
            if (isTcp(port.getProtocol()) && isPort(port.getPort(), "Service", service)) {
                ports.add(new MeshService.Port(port.getPort(), orEmpty(port.getName()), port.getAppProtocol()));
            }
        }
        boolean external = "ExternalName".equals(spec.getType());
        List<String> families = orEmpty(spec.getIpFamilies());
        return new MeshService(
                name(service),
                ports,
                clusterAddresses(spec),
                external ? spec.getExternalName() : null,
                families.isEmpty() ? null : families.getFirst(),
                Boolean.TRUE.equals(spec.getPublishNotReadyAddresses()),
                exportTo(service.getMetadata().getAnnotations()));
    }

    private static List<String> clusterAddresses(ServiceSpec spec) {
        List<String> all = orEmpty(spec.getClusterIPs());
        String first = spec.getClusterIP();
        List<String> addresses = all.isEmpty() && first != null ? List.of(first) : all;
        return addresses.stream()
                .filter(address -> !address.isEmpty() && !address.equals("None"))
                .toList();
    }

    private static List<String> exportTo(@Nullable Map<String, String> annotations) {
        String text = annotations == null ? null : annotations.get(EXPORT_TO);
        return text == null
                ? List.of()
                : Arrays.stream(text.split(",", -1))
                        .map(String::strip)
                        .filter(namespace -> !namespace.isEmpty())
                        .toList();
    }

    /// Null for a slice of no service, and for one of names instead of addresses.
    static io.sallyport.discovery.@Nullable EndpointSlice slice(EndpointSlice slice) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        String service = labels == null ? null : labels.get(SERVICE);
        if (service == null || "FQDN".equals(slice.getAddressType())) {
            return null;
        }
        Map<String, Integer> ports = new HashMap<>();
        for (EndpointPort port : orEmpty(slice.getPorts())) {
            if (isTcp(port.getProtocol()) && isPort(port.getPort(), "EndpointSlice", slice)) {
                ports.put(orEmpty(port.getName()), port.getPort());
            }
        }
        List<io.sallyport.discovery.EndpointSlice.Member> members = new ArrayList<>();
        orEmpty(slice.getEndpoints()).forEach(endpoint -> addMember(endpoint, members));
        return new io.sallyport.discovery.EndpointSlice(
                ObjectName.of(slice).toString(),
                new ServiceName(slice.getMetadata().getNamespace(), service),
                orEmpty(slice.getAddressType()),
                ports,
                members);
    }

    /// All addresses of one endpoint are the same (`Endpoint.addresses`): one is enough. What is not said of an
    /// endpoint's state is good news (`EndpointConditions`).
    private static void addMember(Endpoint endpoint, List<io.sallyport.discovery.EndpointSlice.Member> members) {
        if (orEmpty(endpoint.getAddresses()).isEmpty()) {
            return;
        }
        EndpointConditions conditions = endpoint.getConditions();
        boolean ready = conditions == null || !Boolean.FALSE.equals(conditions.getReady());
        boolean terminating = conditions != null && Boolean.TRUE.equals(conditions.getTerminating());
        String pod = endpoint.getTargetRef() != null
                        && "Pod".equals(endpoint.getTargetRef().getKind())
                ? endpoint.getTargetRef().getName()
                : null;
        members.add(new io.sallyport.discovery.EndpointSlice.Member(
                endpoint.getAddresses().getFirst(),
                ready,
                terminating,
                pod,
                endpoint.getNodeName(),
                endpoint.getZone()));
    }

    /// The address of a pod that shares its node's is every such pod's; that of one that has ended is the next one's.
    static MeshPod pod(Pod pod) {
        PodSpec spec = pod.getSpec() == null ? new PodSpec() : pod.getSpec();
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        boolean owns = !Boolean.TRUE.equals(spec.getHostNetwork())
                && !Set.of("Succeeded", "Failed").contains(orEmpty(status.getPhase()));
        List<String> addresses = new ArrayList<>();
        if (owns) {
            orEmpty(status.getPodIPs()).stream().map(PodIP::getIp).forEach(addresses::add);
            if (addresses.isEmpty() && !orEmpty(status.getPodIP()).isEmpty()) {
                addresses.add(status.getPodIP());
            }
        }
        return new MeshPod(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                orEmpty(pod.getMetadata().getLabels()),
                orEmpty(spec.getServiceAccountName()),
                addresses);
    }

    static MeshNode node(Node node) {
        Map<String, String> labels = orEmpty(node.getMetadata().getLabels());
        return new MeshNode(
                node.getMetadata().getName(), labels.getOrDefault(REGION, ""), labels.getOrDefault(ZONE, ""));
    }

    /// The API does not check the ports of an EndpointSlice, which whoever may write in its namespace can make.
    private static boolean isPort(@Nullable Integer number, String kind, HasMetadata object) {
        if (number == null) {
            return false;
        }
        boolean valid = number >= 1 && number <= MOST_PORT;
        if (!valid) {
            LOG.warnf(
                    "%s %s has port %d, which is left out: ports are 1 to 65535", kind, ObjectName.of(object), number);
        }
        return valid;
    }

    private static boolean isTcp(@Nullable String protocol) {
        return protocol == null || protocol.equals("TCP");
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
