package io.sallyport.reload;

import io.sallyport.config.analysis.DestinationWalk;
import io.sallyport.config.index.DelegateMerger;
import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.model.AttachedPolicy;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.HttpRoute;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.VirtualService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which of the resources that are served name another one, and so depend on what has become of that.
final class Dependents {
    private static final String HOST = "host ";

    private final HostResolution hosts;
    /// Ids, by the id or the host that they name.
    private final Map<String, Set<String>> naming = new HashMap<>();

    Dependents(Stream<Resource> served, HostResolution hosts) {
        this.hosts = hosts;
        served.forEach(this::add);
    }

    private void add(Resource resource) {
        String namespace = resource.meta().namespace();
        switch (resource) {
            case VirtualService service -> {
                service.gateways()
                        .forEach(gateway -> name(
                                ResourceKind.GATEWAY + " " + GatewayReference.resolve(gateway, namespace), resource));
                service.http().stream()
                        .map(HttpRoute::delegate)
                        .filter(Objects::nonNull)
                        .forEach(delegate -> name(
                                ResourceKind.VIRTUAL_SERVICE + " " + DelegateMerger.qualifiedName(delegate, service),
                                resource));
                DestinationWalk.forEach(
                        service,
                        (destination, _) -> name(HOST + hosts.fullyQualified(destination.host(), namespace), resource));
            }
            case DestinationRule rule -> name(HOST + hosts.fullyQualified(rule.host(), namespace), resource);
            case AttachedPolicy policy ->
                policy.targets()
                        .forEach(target -> name(target.kind() + " " + namespace + "/" + target.name(), resource));
            default -> {}
        }
    }

    private void name(String named, Resource by) {
        naming.computeIfAbsent(named, _ -> new TreeSet<>()).add(by.meta().id());
    }

    /// The ids of what depends on a resource, in their order.
    ///
    /// @param resource null where nobody could read it
    List<String> of(String id, @Nullable Resource resource) {
        Set<String> found = new TreeSet<>(naming.getOrDefault(id, Set.of()));
        switch (resource) {
            case ServiceEntry entry -> entry.hosts().forEach(host -> addNaming(HostPatterns.canonical(host), found));
            case DestinationRule rule -> {
                addNaming(hosts.fullyQualified(rule.host(), rule.meta().namespace()), found);
                // Rules for the same host do not depend on each other.
                found.removeIf(other -> !other.startsWith(ResourceKind.VIRTUAL_SERVICE.toString()));
            }
            case null, default -> {}
        }
        found.remove(id);
        return List.copyOf(found);
    }

    private void addNaming(String host, Set<String> found) {
        if (HostPatterns.isWildcard(host)) {
            naming.forEach((named, by) -> {
                if (named.startsWith(HOST) && HostPatterns.covers(host, named.substring(HOST.length()))) {
                    found.addAll(by);
                }
            });
        } else {
            found.addAll(naming.getOrDefault(HOST + host, Set.of()));
        }
    }
}
