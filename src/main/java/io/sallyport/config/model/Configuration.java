package io.sallyport.config.model;

import java.util.Collection;
import java.util.List;

/// Everything that one configuration directory says, each list in the order of file name and place in the file.
///
/// @param meshConfigs at most one in a configuration without errors
public record Configuration(
        List<Gateway> gateways,
        List<VirtualService> virtualServices,
        List<DestinationRule> destinationRules,
        List<ServiceEntry> serviceEntries,
        List<AuthorizationPolicy> authorizationPolicies,
        List<PeerAuthentication> peerAuthentications,
        List<RequestAuthentication> requestAuthentications,
        List<MeshConfig> meshConfigs,
        List<Telemetry> telemetries) {

    public static final Configuration EMPTY = new Configuration(
            List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    /// In the order of the resources.
    public static Configuration of(Collection<? extends Resource> resources) {
        return new Configuration(
                all(resources, Gateway.class),
                all(resources, VirtualService.class),
                all(resources, DestinationRule.class),
                all(resources, ServiceEntry.class),
                all(resources, AuthorizationPolicy.class),
                all(resources, PeerAuthentication.class),
                all(resources, RequestAuthentication.class),
                all(resources, MeshConfig.class),
                all(resources, Telemetry.class));
    }

    private static <T extends Resource> List<T> all(Collection<? extends Resource> resources, Class<T> type) {
        return resources.stream().filter(type::isInstance).map(type::cast).toList();
    }

    public Configuration {
        gateways = List.copyOf(gateways);
        virtualServices = List.copyOf(virtualServices);
        destinationRules = List.copyOf(destinationRules);
        serviceEntries = List.copyOf(serviceEntries);
        authorizationPolicies = List.copyOf(authorizationPolicies);
        peerAuthentications = List.copyOf(peerAuthentications);
        requestAuthentications = List.copyOf(requestAuthentications);
        meshConfigs = List.copyOf(meshConfigs);
        telemetries = List.copyOf(telemetries);
    }
}
