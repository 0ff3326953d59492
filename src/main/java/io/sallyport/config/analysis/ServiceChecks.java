package io.sallyport.config.analysis;

import io.sallyport.config.index.DestinationRuleIndex;
import io.sallyport.config.index.ServiceEntryIndex;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The checks of services and their rules. Where there was nothing to say of them, they are not checked again by the
/// next analysis while they are the same.
///
/// Not thread-safe.
final class ServiceChecks implements Analyzer {
    private static final List<Analyzer> ALL = List.of(
            new SubsetEndpoints(),
            new EjectionShares(),
            new DestinationRuleConflicts(),
            new ServiceEntryConflicts(),
            new ShortNames());

    /// Those of which there was nothing to say.
    private @Nullable ServiceEntryIndex services;

    private @Nullable DestinationRuleIndex rules;

    @Override
    public void analyze(AnalysisContext context) {
        ServiceEntryIndex servicesNow = context.index().serviceEntries();
        DestinationRuleIndex rulesNow = context.index().destinationRules();
        if (services == servicesNow && rules == rulesNow) {
            return;
        }
        int reported = context.reported();
        ALL.forEach(check -> check.analyze(context));
        // Whether a rule is for a service that is misspelt is a question of where routes lead.
        boolean sound = context.reported() == reported && !context.knownHosts().hasLookedAtRoutes();
        services = sound ? servicesNow : null;
        rules = sound ? rulesNow : null;
    }
}
