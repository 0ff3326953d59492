package io.sallyport.config.model;

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
