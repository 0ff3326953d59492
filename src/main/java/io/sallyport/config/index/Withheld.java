package io.sallyport.config.index;

import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.ServiceEntry;
import java.util.List;

/// What is not to be reached because the resources that say how have errors.
///
/// @param rules without which their hosts might be spoken to in plain text
/// @param entries that stand in for such services; they are in the configuration, too
/// @param wildcards whether any service may be one that a ServiceEntry names only by a wildcard
public record Withheld(List<DestinationRule> rules, List<ServiceEntry> entries, boolean wildcards) {
    public static final Withheld NONE = new Withheld(List.of(), List.of(), false);

    /// Whether all may be reached.
    public boolean isEmpty() {
        return rules.isEmpty() && entries.isEmpty() && !wildcards;
    }
}
