package io.sallyport.config.model;

import java.util.ArrayList;
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
        List<Gateway> gateways = new ArrayList<>();
        List<VirtualService> virtualServices = new ArrayList<>();
        List<DestinationRule> destinationRules = new ArrayList<>();
        List<ServiceEntry> serviceEntries = new ArrayList<>();
        List<AuthorizationPolicy> authorizationPolicies = new ArrayList<>();
        List<PeerAuthentication> peerAuthentications = new ArrayList<>();
        List<RequestAuthentication> requestAuthentications = new ArrayList<>();
        List<MeshConfig> meshConfigs = new ArrayList<>();
        List<Telemetry> telemetries = new ArrayList<>();
        for (Resource resource : resources) {
            switch (resource) {
                case Gateway gateway -> gateways.add(gateway);
                case VirtualService virtualService -> virtualServices.add(virtualService);
                case DestinationRule rule -> destinationRules.add(rule);
                case ServiceEntry entry -> serviceEntries.add(entry);
                case AuthorizationPolicy policy -> authorizationPolicies.add(policy);
                case PeerAuthentication policy -> peerAuthentications.add(policy);
                case RequestAuthentication policy -> requestAuthentications.add(policy);
                case MeshConfig config -> meshConfigs.add(config);
                case Telemetry telemetry -> telemetries.add(telemetry);
            }
        }
        return new Configuration(
                gateways,
                virtualServices,
                destinationRules,
                serviceEntries,
                authorizationPolicies,
                peerAuthentications,
                requestAuthentications,
                meshConfigs,
                telemetries);
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
