package io.sallyport.config.analysis;

import io.sallyport.config.LoadResult;
import io.sallyport.config.SourcePositions;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Everything that is wrong with a configuration: with its files, with each resource, and across resources.
public final class ConfigurationCheck {
    /// The checks across resources, beside those of VirtualServices and services: each is linear in the size of the
    /// configuration.
    private static final List<Analyzer> ANALYZERS = List.of(
            new GatewaySelectors(),
            new ServerConflicts(),
            new ClientCertificates(),
            new DelegateReferences(),
            new SecretReferences(),
            new SharedHosts(),
            new PathMatches(),
            new BypassedRoutes(),
            new PolicyTargets(),
            new PolicyPorts(),
            new PolicyRules(),
            new PolicyIdentities(),
            new PolicyTokens(),
            new PeerAuthenticationScopes(),
            new MeshConfigs(),
            new PolicyProviders(),
            new TelemetryProviders());

    /// Errors on files and documents that do not cost a resource.
    private static final Set<ProblemCode> HARMLESS = EnumSet.of(
            ProblemCode.DUPLICATE_RESOURCE,
            ProblemCode.UNSUPPORTED_POLICY,
            ProblemCode.NO_RESOURCES,
            ProblemCode.TOO_MANY_PROBLEMS);

    /// Resources that may only seem to be missing while some document could not be read at all.
    private static final Set<ProblemCode> ABSENT_RESOURCES = EnumSet.of(
            ProblemCode.UNKNOWN_GATEWAY,
            ProblemCode.UNKNOWN_DELEGATE,
            ProblemCode.UNKNOWN_POLICY_TARGET,
            ProblemCode.UNKNOWN_PROVIDER,
            ProblemCode.UNKNOWN_TRACING_PROVIDER,
            ProblemCode.TELEMETRY_WITHOUT_EFFECT);

    /// Parts of resources that may only seem to be missing, and the kind of resource that would have it.
    private static final Map<ProblemCode, ResourceKind> ABSENT_PARTS = Map.ofEntries(
            Map.entry(ProblemCode.HOST_NOT_IN_GATEWAY, ResourceKind.GATEWAY),
            Map.entry(ProblemCode.UNKNOWN_LISTENER_PORT, ResourceKind.GATEWAY),
            Map.entry(ProblemCode.ROUTE_KIND_MISMATCH, ResourceKind.GATEWAY),
            Map.entry(ProblemCode.UNKNOWN_HOST, ResourceKind.SERVICE_ENTRY),
            Map.entry(ProblemCode.UNKNOWN_RULE_HOST, ResourceKind.SERVICE_ENTRY),
            Map.entry(ProblemCode.UNKNOWN_PORT, ResourceKind.SERVICE_ENTRY),
            Map.entry(ProblemCode.SUBSET_NEEDS_LABELS, ResourceKind.SERVICE_ENTRY),
            Map.entry(ProblemCode.SUBSET_WITHOUT_ENDPOINTS, ResourceKind.SERVICE_ENTRY),
            Map.entry(ProblemCode.UNKNOWN_SUBSET, ResourceKind.DESTINATION_RULE),
            Map.entry(ProblemCode.UNKNOWN_PROVIDER_SERVICE, ResourceKind.SERVICE_ENTRY),
            Map.entry(ProblemCode.POLICY_WITHOUT_WORKLOADS, ResourceKind.SERVICE_ENTRY),
            Map.entry(ProblemCode.UNUSED_DELEGATE, ResourceKind.VIRTUAL_SERVICE));

    private final AnalysisOptions options;
    private final VirtualServiceChecks virtualServices = new VirtualServiceChecks();
    private final ServiceChecks services = new ServiceChecks();

    /// One that checks one generation after another, and remembers what need not be checked again.
    public ConfigurationCheck(AnalysisOptions options) {
        this.options = options;
    }

    /// Whether resources that are elsewhere may be all that is wrong.
    public static boolean needsOthers(ProblemCode code) {
        return ABSENT_RESOURCES.contains(code) || ABSENT_PARTS.containsKey(code);
    }

    /// Every problem of one configuration, by place.
    public static List<Problem> check(LoadResult loaded, AnalysisOptions options) {
        return new ConfigurationCheck(options)
                .check(loaded, new ConfigurationIndex(loaded.configuration(), options.scope()));
    }

    /// Every problem, by place.
    ///
    /// @param index of the loaded configuration
    public List<Problem> check(LoadResult loaded, ConfigurationIndex index) {
        boolean anyLost = loaded.problems().stream().anyMatch(ConfigurationCheck::costsResource);
        List<Problem> all = new ArrayList<>(loaded.problems());
        for (Problem problem : analyze(index)) {
            if (!mayOnlySeem(problem.code(), anyLost, loaded.positions())) {
                all.add(atField(problem, loaded.positions()));
            }
        }
        all.sort(Problem.BY_PLACE);
        return List.copyOf(all);
    }

    /// The problems across resources alone.
    public List<Problem> analyze(ConfigurationIndex index) {
        AnalysisContext context = new AnalysisContext(index, options);
        if (!virtualServices.analyze(context)) {
            context = new AnalysisContext(index, options);
            virtualServices.analyzeAll(context);
        }
        analyzeOthers(context);
        return context.problems();
    }

    private void analyzeOthers(AnalysisContext context) {
        services.analyze(context);
        ANALYZERS.forEach(analyzer -> analyzer.analyze(context));
    }

    private static boolean mayOnlySeem(ProblemCode code, boolean anyLost, SourcePositions positions) {
        ResourceKind holder = ABSENT_PARTS.get(code);
        return holder == null
                ? anyLost && ABSENT_RESOURCES.contains(code)
                : anyLost || positions.incomplete().contains(holder);
    }

    private static Problem atField(Problem problem, SourcePositions positions) {
        return problem.moved(positions.of(problem.at(), problem.field()), problem.field());
    }

    private static boolean costsResource(Problem problem) {
        return problem.isError()
                && problem.code().compareTo(ProblemCode.UNKNOWN_FIELD) < 0
                && !HARMLESS.contains(problem.code());
    }
}
