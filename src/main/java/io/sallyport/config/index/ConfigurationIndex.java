package io.sallyport.config.index;

import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.VirtualService;
import io.sallyport.persistent.ListDifference;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One configuration as one instance sees it. Everything that has to know what a name in a resource refers to asks
/// here, so that the checks and the compiled snapshot cannot disagree.
public final class ConfigurationIndex {
    private final Configuration configuration;
    private final InstanceScope scope;
    private final HostResolution hosts;
    private final GatewayIndex gateways;
    private final ServiceEntryIndex serviceEntries;
    private final DestinationRuleIndex destinationRules;
    private final DestinationRuleIndex withheld;
    private final Set<ServiceEntry> withheldEntries;
    private final boolean withheldWildcards;
    private final boolean anyWithheld;
    private final VirtualServiceIndex virtualServices;
    private final BoundHosts boundHosts;
    private final DelegateMerger delegates;
    private final PolicyIndex policies;
    private final TelemetryIndex telemetries;
    private final List<Gateway> selectedGateways;
    private final List<ServiceEntry> discovered;

    public ConfigurationIndex(Configuration configuration, InstanceScope scope) {
        this(configuration, scope, List.of());
    }

    /// @param discovered services of the mesh, written as entries: they count where no ServiceEntry names their host
    public ConfigurationIndex(Configuration configuration, InstanceScope scope, List<ServiceEntry> discovered) {
        this(configuration, scope, discovered, Withheld.NONE, null);
    }

    /// The index of another configuration. Parts of which all resources are the same objects are the same; those of
    /// VirtualServices are made of what is different.
    ///
    /// @param withheldThere what must not be reached
    public ConfigurationIndex next(Configuration other, List<ServiceEntry> services, Withheld withheldThere) {
        return new ConfigurationIndex(other, scope, services, withheldThere, this);
    }

    @SuppressWarnings("ReferenceEquality") // Parts that are the same are the very objects.
    private ConfigurationIndex(
            Configuration configuration,
            InstanceScope scope,
            List<ServiceEntry> discovered,
            Withheld withheld,
            @Nullable ConfigurationIndex before) {
        this.configuration = configuration;
        this.scope = scope;
        this.discovered = discovered;
        hosts = before != null ? before.hosts : new HostResolution(scope.clusterDomain());
        gateways = before != null && areSame(configuration.gateways(), before.configuration.gateways())
                ? before.gateways
                : new GatewayIndex(configuration.gateways(), hosts);
        serviceEntries = before != null
                        && areSame(configuration.serviceEntries(), before.configuration.serviceEntries())
                        && areSame(discovered, before.discovered)
                ? before.serviceEntries
                : new ServiceEntryIndex(configuration.serviceEntries(), discovered, scope);
        destinationRules = before != null
                        && before.serviceEntries == serviceEntries
                        && areSame(configuration.destinationRules(), before.configuration.destinationRules())
                ? before.destinationRules
                : new DestinationRuleIndex(configuration.destinationRules(), scope, hosts, serviceEntries);
        this.withheld = new DestinationRuleIndex(withheld.rules(), scope, hosts, serviceEntries);
        withheldEntries = Set.copyOf(withheld.entries());
        withheldWildcards = withheld.wildcards();
        anyWithheld = !withheld.equals(Withheld.NONE);
        List<VirtualService> services = configuration.virtualServices();
        ListDifference<VirtualService> difference = before == null
                ? new ListDifference<>(List.of(), services)
                : ListDifference.between(before.configuration.virtualServices(), services);
        VirtualServiceIndex changed =
                before == null || before.virtualServices.hasTwins() ? null : before.virtualServices.changed(difference);
        virtualServices = changed == null || changed.hasTwins() ? VirtualServiceIndex.of(services, scope) : changed;
        boundHosts = virtualServices == changed && before != null && before.gateways == gateways
                ? before.boundHosts.changed(difference.of(virtualServices::isBound))
                : BoundHosts.empty(gateways, hosts)
                        .changed(new ListDifference<>(List.of(), services).of(virtualServices::isBound));
        delegates = new DelegateMerger(virtualServices);
        selectedGateways = MergeOrder.sorted(gateways.all()).stream()
                .filter(gateway -> scope.selectedBy(gateway.selector()))
                .toList();
        policies = new PolicyIndex(
                configuration.authorizationPolicies(),
                configuration.requestAuthentications(),
                configuration.meshConfigs(),
                scope,
                selectedGateways);
        telemetries = new TelemetryIndex(configuration.telemetries(), configuration.meshConfigs(), policies);
    }

    private static <T> boolean areSame(List<T> some, List<T> others) {
        return some.size() == others.size() && ListDifference.head(some, others) == some.size();
    }

    public Configuration configuration() {
        return configuration;
    }

    public InstanceScope scope() {
        return scope;
    }

    public HostResolution hosts() {
        return hosts;
    }

    public GatewayIndex gateways() {
        return gateways;
    }

    public ServiceEntryIndex serviceEntries() {
        return serviceEntries;
    }

    public DestinationRuleIndex destinationRules() {
        return destinationRules;
    }

    public boolean isAnyWithheld() {
        return anyWithheld;
    }

    /// Whether a host, given by its full name, must not be reached because what says how cannot be applied.
    public boolean isWithheld(String host) {
        if (withheld.find(host) != null) {
            return true;
        }
        if (withheldEntries.isEmpty() && !withheldWildcards) {
            return false;
        }
        ServiceEntry entry = serviceEntries.find(host);
        return entry != null && (withheldEntries.contains(entry) || (withheldWildcards && !names(entry, host)));
    }

    private static boolean names(ServiceEntry entry, String host) {
        return !HostPatterns.isWildcard(host)
                && entry.hosts().stream().map(HostPatterns::canonical).anyMatch(host::equals);
    }

    public VirtualServiceIndex virtualServices() {
        return virtualServices;
    }

    public BoundHosts boundHosts() {
        return boundHosts;
    }

    public DelegateMerger delegates() {
        return delegates;
    }

    public PolicyIndex policies() {
        return policies;
    }

    public TelemetryIndex telemetries() {
        return telemetries;
    }

    /// The gateways whose selector matches this instance, in merge order: those whose servers it opens.
    public List<Gateway> selectedGateways() {
        return selectedGateways;
    }

    /// The gateway that an entry of `VirtualService.gateways` in a VirtualService of that namespace means; null for an
    /// unknown one and for `mesh`.
    public @Nullable Gateway gateway(String reference, String namespace) {
        return gateways.get(GatewayReference.resolve(reference, namespace));
    }
}
