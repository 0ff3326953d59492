package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostMap;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.VirtualService;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// What VirtualServices may name.
///
/// @param discovered services of the mesh
record Surroundings(
        List<Gateway> gateways,
        List<ServiceEntry> entries,
        List<ServiceEntry> discovered,
        List<DestinationRule> rules) {
    static final Surroundings NONE = new Surroundings(List.of(), List.of(), List.of(), List.of());

    static Surroundings of(ConfigurationIndex index) {
        return new Surroundings(
                index.configuration().gateways(),
                index.configuration().serviceEntries(),
                index.serviceEntries().discovered(),
                index.configuration().destinationRules());
    }

    /// What is different from one analysis to the next.
    ///
    /// @param everything whether a Gateway is: there are few, and most VirtualServices name the same
    /// @param hosts of services and rules
    record Change(boolean everything, HostMap<Boolean> hosts, HostResolution names) {
        boolean isAny() {
            return everything || !hosts.isEmpty();
        }

        boolean concerns(VirtualService virtualService) {
            return everything || (!hosts.isEmpty() && namesAny(virtualService));
        }

        private boolean namesAny(VirtualService virtualService) {
            String namespace = virtualService.meta().namespace();
            boolean[] found = {virtualService.hosts().stream().anyMatch(host -> isOne(host, namespace))};
            DestinationWalk.forEach(
                    virtualService, (destination, _) -> found[0] |= isOne(destination.host(), namespace));
            return found[0];
        }

        /// As it is written, too: a short name may look like that of a ServiceEntry.
        private boolean isOne(String host, String namespace) {
            return !hosts.covering(names.fullyQualified(host, namespace)).isEmpty()
                    || !hosts.covering(HostPatterns.canonical(host)).isEmpty();
        }
    }

    Change since(Surroundings before, HostResolution names) {
        HostMap<Boolean> hosts = new HostMap<>();
        Stream.concat(different(before.entries, entries).stream(), different(before.discovered, discovered).stream())
                .flatMap(entry -> entry.hosts().stream())
                .forEach(host -> hosts.add(HostPatterns.canonical(host), true));
        different(before.rules, rules)
                .forEach(rule ->
                        hosts.add(names.fullyQualified(rule.host(), rule.meta().namespace()), true));
        return new Change(!different(before.gateways, gateways).isEmpty(), hosts, names);
    }

    /// All that is in one list alone, and what lies between the first and the last of that.
    private static <T> List<T> different(List<T> before, List<T> now) {
        int shorter = Math.min(before.size(), now.size());
        int first = 0;
        while (first < shorter && Objects.equals(before.get(first), now.get(first))) {
            first++;
        }
        int last = 0;
        while (last < shorter - first
                && Objects.equals(before.get(before.size() - 1 - last), now.get(now.size() - 1 - last))) {
            last++;
        }
        List<T> different = new ArrayList<>(before.subList(first, before.size() - last));
        different.addAll(now.subList(first, now.size() - last));
        return different;
    }
}
