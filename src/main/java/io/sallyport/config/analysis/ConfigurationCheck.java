package io.sallyport.config.analysis;

import io.sallyport.config.LoadResult;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.problem.AnalysisProblem;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ShapeProblem;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// All that is wrong with a directory that was read: of its files, of each resource, and across resources.
public final class ConfigurationCheck {
    /// Errors on files and documents that do not cost a resource.
    private static final Set<ShapeProblem> HARMLESS = EnumSet.of(
            ShapeProblem.DUPLICATE_RESOURCE,
            ShapeProblem.UNSUPPORTED_POLICY,
            ShapeProblem.NO_RESOURCES,
            ShapeProblem.TOO_MANY_PROBLEMS);

    /// What may only seem to be missing when a document could not be read.
    private static final Set<AnalysisProblem> ABSENCES = EnumSet.of(
            AnalysisProblem.UNKNOWN_GATEWAY,
            AnalysisProblem.UNKNOWN_HOST,
            AnalysisProblem.UNKNOWN_PORT,
            AnalysisProblem.UNKNOWN_SUBSET,
            AnalysisProblem.UNKNOWN_RULE_HOST,
            AnalysisProblem.UNKNOWN_DELEGATE,
            AnalysisProblem.UNUSED_DELEGATE);

    private ConfigurationCheck() {}

    /// Every problem, by place.
    public static List<Problem> check(LoadResult loaded, AnalysisOptions options) {
        return check(loaded, new ConfigurationIndex(loaded.configuration(), options.scope()), options);
    }

    /// As [#check(LoadResult, AnalysisOptions)], with an index of the loaded configuration that is there already.
    public static List<Problem> check(LoadResult loaded, ConfigurationIndex index, AnalysisOptions options) {
        boolean complete = loaded.problems().stream().noneMatch(ConfigurationCheck::costsResource);
        List<Problem> all = new ArrayList<>(loaded.problems());
        for (Problem problem : ConfigurationAnalysis.analyze(index, options)) {
            if (complete || !isAbsence(problem.code())) {
                all.add(problem);
            }
        }
        all.sort(Problem.BY_PLACE);
        return List.copyOf(all);
    }

    private static boolean isAbsence(ProblemCode code) {
        return code instanceof AnalysisProblem problem && ABSENCES.contains(problem);
    }

    private static boolean costsResource(Problem problem) {
        return problem.isError()
                && problem.code() instanceof ShapeProblem shape
                && shape.compareTo(ShapeProblem.UNKNOWN_FIELD) < 0
                && !HARMLESS.contains(shape);
    }
}
