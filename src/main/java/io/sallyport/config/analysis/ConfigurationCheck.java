package io.sallyport.config.analysis;

import io.sallyport.config.LoadResult;
import io.sallyport.config.SourcePositions;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.ResourceKind;
import io.sallyport.config.problem.AnalysisProblem;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ShapeProblem;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// All that is wrong with a directory that was read: of its files, of each resource, and across resources.
public final class ConfigurationCheck {
    /// Errors on files and documents that do not cost a resource.
    private static final Set<ShapeProblem> HARMLESS = EnumSet.of(
            ShapeProblem.DUPLICATE_RESOURCE,
            ShapeProblem.UNSUPPORTED_POLICY,
            ShapeProblem.NO_RESOURCES,
            ShapeProblem.TOO_MANY_PROBLEMS);

    /// Resources that may only seem to be missing while some document could not be read at all.
    private static final Set<AnalysisProblem> ABSENT_RESOURCES =
            EnumSet.of(AnalysisProblem.UNKNOWN_GATEWAY, AnalysisProblem.UNKNOWN_DELEGATE);

    /// Parts of resources that may only seem to be missing, and the kind of resource that would have it.
    private static final Map<AnalysisProblem, ResourceKind> ABSENT_PARTS = Map.ofEntries(
            Map.entry(AnalysisProblem.HOST_NOT_IN_GATEWAY, ResourceKind.GATEWAY),
            Map.entry(AnalysisProblem.UNKNOWN_LISTENER_PORT, ResourceKind.GATEWAY),
            Map.entry(AnalysisProblem.ROUTE_KIND_MISMATCH, ResourceKind.GATEWAY),
            Map.entry(AnalysisProblem.UNKNOWN_HOST, ResourceKind.SERVICE_ENTRY),
            Map.entry(AnalysisProblem.UNKNOWN_RULE_HOST, ResourceKind.SERVICE_ENTRY),
            Map.entry(AnalysisProblem.UNKNOWN_PORT, ResourceKind.SERVICE_ENTRY),
            Map.entry(AnalysisProblem.SUBSET_NEEDS_LABELS, ResourceKind.SERVICE_ENTRY),
            Map.entry(AnalysisProblem.SUBSET_WITHOUT_ENDPOINTS, ResourceKind.SERVICE_ENTRY),
            Map.entry(AnalysisProblem.UNKNOWN_SUBSET, ResourceKind.DESTINATION_RULE),
            Map.entry(AnalysisProblem.UNUSED_DELEGATE, ResourceKind.VIRTUAL_SERVICE));

    private ConfigurationCheck() {}

    /// Every problem, by place.
    public static List<Problem> check(LoadResult loaded, AnalysisOptions options) {
        return check(loaded, new ConfigurationIndex(loaded.configuration(), options.scope()), options);
    }

    /// As [#check(LoadResult, AnalysisOptions)], with an index of the loaded configuration that is there already.
    public static List<Problem> check(LoadResult loaded, ConfigurationIndex index, AnalysisOptions options) {
        boolean anyLost = loaded.problems().stream().anyMatch(ConfigurationCheck::costsResource);
        List<Problem> all = new ArrayList<>(loaded.problems());
        for (Problem problem : ConfigurationAnalysis.analyze(index, options)) {
            boolean onlySeems =
                    problem.code() instanceof AnalysisProblem code && mayOnlySeem(code, anyLost, loaded.positions());
            if (!onlySeems) {
                all.add(atField(problem, loaded.positions()));
            }
        }
        all.sort(Problem.BY_PLACE);
        return List.copyOf(all);
    }

    private static boolean mayOnlySeem(AnalysisProblem code, boolean anyLost, SourcePositions positions) {
        ResourceKind holder = ABSENT_PARTS.get(code);
        return holder == null
                ? anyLost && ABSENT_RESOURCES.contains(code)
                : anyLost || positions.incomplete().contains(holder);
    }

    private static Problem atField(Problem problem, SourcePositions positions) {
        Position at = positions.of(problem.at(), problem.field());
        return new Problem(problem.severity(), problem.code(), at, problem.field(), problem.message(), problem.hint());
    }

    private static boolean costsResource(Problem problem) {
        return problem.isError()
                && problem.code() instanceof ShapeProblem shape
                && shape.compareTo(ShapeProblem.UNKNOWN_FIELD) < 0
                && !HARMLESS.contains(shape);
    }
}
