package io.sallyport.config.analysis;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.problem.Problem;
import java.util.List;

/// All checks across the resources of one configuration. Linear in its size.
public final class ConfigurationAnalysis {
    private static final List<Analyzer> ANALYZERS = List.of(
            new GatewayReferences(),
            new GatewaySelectors(),
            new ServerConflicts(),
            new ClientCertificates(),
            new RouteKinds(),
            new TunnelUse(),
            new DestinationReferences(),
            new SubsetEndpoints(),
            new EjectionShares(),
            new DelegateReferences(),
            new SecretReferences(),
            new SharedHosts(),
            new DestinationRuleConflicts(),
            new ShortNames(),
            new ServiceEntryConflicts(),
            new PathMatches(),
            new BypassedRoutes(),
            new HttpReachability(),
            new TlsReachability(),
            new TcpReachability());

    private ConfigurationAnalysis() {}

    /// Every problem, by place.
    public static List<Problem> analyze(Configuration configuration, AnalysisOptions options) {
        return analyze(new ConfigurationIndex(configuration, options.scope()), options);
    }

    /// As [#analyze(Configuration, AnalysisOptions)], with an index of the same scope that is there already.
    public static List<Problem> analyze(ConfigurationIndex index, AnalysisOptions options) {
        AnalysisContext context = new AnalysisContext(index, options);
        for (Analyzer analyzer : ANALYZERS) {
            analyzer.analyze(context);
        }
        return context.problems();
    }
}
