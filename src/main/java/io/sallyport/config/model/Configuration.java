package io.sallyport.config.model;

import io.sallyport.persistent.PersistentList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

    private static final List<Function<Configuration, List<? extends Resource>>> KINDS = List.of(
            Configuration::gateways,
            Configuration::virtualServices,
            Configuration::destinationRules,
            Configuration::serviceEntries,
            Configuration::authorizationPolicies,
            Configuration::peerAuthentications,
            Configuration::requestAuthentications,
            Configuration::meshConfigs,
            Configuration::telemetries);

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

    /// Without some resources, and with others behind all that stay.
    ///
    /// @param gone the very objects
    public Configuration changed(Set<Resource> gone, Collection<? extends Resource> fresh) {
        Configuration less = of(gone);
        Configuration more = of(fresh);
        return new Configuration(
                changed(gateways, gone, less.gateways, more.gateways),
                changed(virtualServices, gone, less.virtualServices, more.virtualServices),
                changed(destinationRules, gone, less.destinationRules, more.destinationRules),
                changed(serviceEntries, gone, less.serviceEntries, more.serviceEntries),
                changed(authorizationPolicies, gone, less.authorizationPolicies, more.authorizationPolicies),
                changed(peerAuthentications, gone, less.peerAuthentications, more.peerAuthentications),
                changed(requestAuthentications, gone, less.requestAuthentications, more.requestAuthentications),
                changed(meshConfigs, gone, less.meshConfigs, more.meshConfigs),
                changed(telemetries, gone, less.telemetries, more.telemetries));
    }

    private static <R extends Resource> List<R> changed(List<R> all, Set<Resource> gone, List<R> less, List<R> more) {
        if (less.isEmpty() && more.isEmpty()) {
            return all;
        }
        PersistentList.Builder<R> changed = PersistentList.builder();
        int from = 0;
        int place = 0;
        for (R resource : less.isEmpty() ? List.<R>of() : all) {
            if (gone.contains(resource)) {
                changed.addAll(all, from, place);
                from = place + 1;
            }
            place++;
        }
        changed.addAll(all, from, all.size());
        changed.addAll(more, 0, more.size());
        return changed.build();
    }

    /// With others in the place of resources that stand together.
    ///
    /// @param gone these, in their order
    /// @param fresh what comes in their place
    /// @param earlier some that stand right before them
    /// @return null where that does not tell where the place is
    public @Nullable Configuration changed(Configuration gone, Configuration fresh, Configuration earlier) {
        for (Function<Configuration, List<? extends Resource>> kind : KINDS) {
            if (kind.apply(gone).isEmpty()
                    && kind.apply(earlier).isEmpty()
                    && !kind.apply(fresh).isEmpty()) {
                return null;
            }
        }
        return new Configuration(
                changed(gateways, gone.gateways, fresh.gateways, earlier.gateways),
                changed(virtualServices, gone.virtualServices, fresh.virtualServices, earlier.virtualServices),
                changed(destinationRules, gone.destinationRules, fresh.destinationRules, earlier.destinationRules),
                changed(serviceEntries, gone.serviceEntries, fresh.serviceEntries, earlier.serviceEntries),
                changed(
                        authorizationPolicies,
                        gone.authorizationPolicies,
                        fresh.authorizationPolicies,
                        earlier.authorizationPolicies),
                changed(
                        peerAuthentications,
                        gone.peerAuthentications,
                        fresh.peerAuthentications,
                        earlier.peerAuthentications),
                changed(
                        requestAuthentications,
                        gone.requestAuthentications,
                        fresh.requestAuthentications,
                        earlier.requestAuthentications),
                changed(meshConfigs, gone.meshConfigs, fresh.meshConfigs, earlier.meshConfigs),
                changed(telemetries, gone.telemetries, fresh.telemetries, earlier.telemetries));
    }

    private static <R> List<R> changed(List<R> all, List<R> gone, List<R> fresh, List<R> earlier) {
        if (gone.isEmpty() && fresh.isEmpty()) {
            return all;
        }
        int place = gone.isEmpty()
                ? PersistentList.placeOf(earlier.getLast(), all) + 1
                : PersistentList.placeOf(gone.getFirst(), all);
        return PersistentList.replaced(all, place, place + gone.size(), fresh);
    }

    public Configuration {
        gateways = PersistentList.copyOf(gateways);
        virtualServices = PersistentList.copyOf(virtualServices);
        destinationRules = PersistentList.copyOf(destinationRules);
        serviceEntries = PersistentList.copyOf(serviceEntries);
        authorizationPolicies = PersistentList.copyOf(authorizationPolicies);
        peerAuthentications = PersistentList.copyOf(peerAuthentications);
        requestAuthentications = PersistentList.copyOf(requestAuthentications);
        meshConfigs = PersistentList.copyOf(meshConfigs);
        telemetries = PersistentList.copyOf(telemetries);
    }
}
