package io.sallyport.discovery;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A service of the mesh (Kubernetes: `Service`).
///
/// @param ports of TCP; in the service's order
/// @param addresses that stand for the service (`spec.clusterIPs`); empty for a headless one
/// @param externalName the DNS name that the service is another name of; null for one with endpoints
/// @param family `IPv4` or `IPv6`, of which endpoints are taken where they have both; null for any
/// @param publishesUnready endpoints count that are not ready (`spec.publishNotReadyAddresses`)
/// @param exportTo namespaces that see it, by the annotation `networking.istio.io/exportTo`; empty for all
public record MeshService(
        ServiceName name,
        List<Port> ports,
        List<String> addresses,
        @Nullable String externalName,
        @Nullable String family,
        boolean publishesUnready,
        List<String> exportTo) {

    public MeshService {
        ports = List.copyOf(ports);
        addresses = List.copyOf(addresses);
        exportTo = List.copyOf(exportTo);
    }

    /// @param number that clients ask for
    /// @param name by which endpoints know the port; empty where there is but one
    /// @param appProtocol says the protocol where it is there; else the name does
    public record Port(int number, String name, @Nullable String appProtocol) {}
}
