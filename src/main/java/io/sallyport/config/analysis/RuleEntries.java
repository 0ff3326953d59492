package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.ServiceEntry;
import java.util.ArrayList;
import java.util.List;

/// A DestinationRule for one host, and the ServiceEntries of that host.
///
/// @param host fully qualified
record RuleEntries(DestinationRule rule, String host, List<ServiceEntry> entries) {
    /// Of all rules but those for wildcards, in the order of the configuration.
    static List<RuleEntries> of(ConfigurationIndex index) {
        List<RuleEntries> all = new ArrayList<>();
        for (DestinationRule rule : index.configuration().destinationRules()) {
            String host = index.hosts().fullyQualified(rule.host(), rule.meta().namespace());
            if (!HostPatterns.isWildcard(host)) {
                all.add(new RuleEntries(rule, host, index.serviceEntries().findAll(host)));
            }
        }
        return all;
    }
}
