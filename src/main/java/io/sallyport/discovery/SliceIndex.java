package io.sallyport.discovery;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What endpoints consist of: slices, and the pods and machines that they name. Its owner sees to it that one thread at
/// a time comes here.
final class SliceIndex {
    private record PodName(String namespace, String name) {}

    private final Map<String, EndpointSlice> slices = new HashMap<>();
    /// In an order that does not depend on when they came.
    private final Map<ServiceName, TreeMap<String, EndpointSlice>> byService = new HashMap<>();

    private final Map<PodName, Set<ServiceName>> services = new HashMap<>();
    private final Map<PodName, MeshPod> pods = new HashMap<>();
    private final Map<String, MeshNode> nodes = new HashMap<>();

    /// @return the services whose endpoints may be others now
    Collection<ServiceName> put(EndpointSlice slice) {
        EndpointSlice before = slices.get(slice.id());
        if (slice.equals(before)) {
            return Set.of();
        }
        Set<ServiceName> changed = new HashSet<>(remove(slice.id()));
        slices.put(slice.id(), slice);
        byService.computeIfAbsent(slice.service(), _ -> new TreeMap<>()).put(slice.id(), slice);
        for (PodName pod : podsOf(slice)) {
            services.computeIfAbsent(pod, _ -> new HashSet<>()).add(slice.service());
        }
        changed.add(slice.service());
        return changed;
    }

    Collection<ServiceName> remove(String id) {
        EndpointSlice before = slices.remove(id);
        if (before == null) {
            return Set.of();
        }
        TreeMap<String, EndpointSlice> others = byService.getOrDefault(before.service(), new TreeMap<>());
        others.remove(id);
        if (others.isEmpty()) {
            byService.remove(before.service());
        }
        Set<PodName> left = new HashSet<>();
        others.values().forEach(slice -> left.addAll(podsOf(slice)));
        for (PodName pod : podsOf(before)) {
            Set<ServiceName> of = services.get(pod);
            if (of != null && !left.contains(pod) && of.remove(before.service()) && of.isEmpty()) {
                services.remove(pod);
            }
        }
        return Set.of(before.service());
    }

    private static Set<PodName> podsOf(EndpointSlice slice) {
        Set<PodName> names = new HashSet<>();
        for (EndpointSlice.Member member : slice.members()) {
            if (member.pod() != null) {
                names.add(new PodName(slice.service().namespace(), member.pod()));
            }
        }
        return names;
    }

    /// @return what was known of it before, or null
    @Nullable
    MeshPod put(MeshPod pod) {
        return pods.put(new PodName(pod.namespace(), pod.name()), pod);
    }

    @Nullable
    MeshPod removePod(String namespace, String name) {
        return pods.remove(new PodName(namespace, name));
    }

    /// The services that it is an endpoint of.
    Set<ServiceName> servicesOf(MeshPod pod) {
        return services.getOrDefault(new PodName(pod.namespace(), pod.name()), Set.of());
    }

    /// @return whether it stands elsewhere than was known
    boolean put(MeshNode node) {
        return !node.equals(nodes.put(node.name(), node));
    }

    void removeNode(String name) {
        nodes.remove(name);
    }

    int size() {
        return slices.size();
    }

    int pods() {
        return pods.size();
    }

    /// Those that take requests, each address once: while a controller moves an endpoint from one slice to another,
    /// both have it.
    List<MeshEndpoint> endpoints(MeshService service, int port) {
        String name = service.ports().stream()
                .filter(candidate -> candidate.number() == port)
                .map(MeshService.Port::name)
                .findFirst()
                .orElse(null);
        if (name == null) {
            return List.of();
        }
        Map<String, MeshEndpoint> found = new LinkedHashMap<>();
        for (EndpointSlice slice :
                byService.getOrDefault(service.name(), new TreeMap<>()).values()) {
            Integer target = slice.ports().get(name);
            if (target != null && (service.family() == null || service.family().equals(slice.family()))) {
                for (EndpointSlice.Member member : slice.members()) {
                    if (!member.terminating() && (member.ready() || service.publishesUnready())) {
                        found.putIfAbsent(member.address() + ' ' + target, endpoint(slice, member, target));
                    }
                }
            }
        }
        return new ArrayList<>(found.values());
    }

    private MeshEndpoint endpoint(EndpointSlice slice, EndpointSlice.Member member, int port) {
        MeshPod pod = member.pod() == null
                ? null
                : pods.get(new PodName(slice.service().namespace(), member.pod()));
        return new MeshEndpoint(member.address(), port, pod == null ? Map.of() : pod.labels(), locality(member), pod);
    }

    /// The slice knows the zone, only the machine its region.
    private @Nullable String locality(EndpointSlice.Member member) {
        MeshNode node = member.node() == null ? null : nodes.get(member.node());
        String region = node == null ? "" : node.region();
        String zone = member.zone() != null ? member.zone() : node == null ? "" : node.zone();
        return zone.isEmpty() ? (region.isEmpty() ? null : region) : region + '/' + zone;
    }
}
