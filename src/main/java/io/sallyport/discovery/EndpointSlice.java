package io.sallyport.discovery;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A part of a service's endpoints (Kubernetes: `discovery.k8s.io/v1` `EndpointSlice`).
///
/// @param id `namespace/name` of the slice
/// @param family `IPv4` or `IPv6`
/// @param ports of every endpoint, by the service port's name
public record EndpointSlice(
        String id, ServiceName service, String family, Map<String, Integer> ports, List<Member> members) {
    public EndpointSlice {
        ports = Map.copyOf(ports);
        members = List.copyOf(members);
    }

    /// @param ready whether it takes new requests; an unknown state counts as ready
    /// @param terminating it is about to end
    /// @param pod name of the pod in the slice's namespace, or null
    public record Member(
            String address,
            boolean ready,
            boolean terminating,
            @Nullable String pod,
            @Nullable String node,
            @Nullable String zone) {}
}
