package io.sallyport.snapshot;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.ConfigurationAnalysis;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.problem.Problem;
import io.sallyport.snapshot.compile.CompileOptions;
import io.sallyport.snapshot.compile.SnapshotCompiler;
import io.sallyport.snapshot.compile.SnapshotPlan;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/// The one way from a configuration directory to a plan: `serve`, `validate` and `explain` all go it, so that none of
/// them says other than the others do.
public final class ConfigurationSource {
    /// What the directory comes to.
    ///
    /// @param plan empty where there are errors
    /// @param resources how many were read
    /// @param contentHash of the files and secrets
    public record Read(SnapshotPlan plan, List<Problem> problems, int resources, String contentHash) {
        public boolean hasErrors() {
            return problems.stream().anyMatch(Problem::isError);
        }
    }

    private final Path directory;
    private final LoadOptions loading;
    private final AnalysisOptions analysis;
    private final CompileOptions compiling;
    private final SnapshotCompiler compiler;

    public ConfigurationSource(
            Path directory, LoadOptions loading, AnalysisOptions analysis, CompileOptions compiling, Clock clock) {
        this.directory = directory;
        this.loading = loading;
        this.analysis = analysis;
        this.compiling = compiling;
        this.compiler = new SnapshotCompiler(compiling, clock);
    }

    /// Reads, checks and compiles; reports every problem at once and never throws on what the directory holds.
    public Read read() {
        String secrets = SecretsFingerprint.of(compiling);
        LoadResult loaded = ConfigurationLoader.load(directory, loading);
        List<Problem> problems = new ArrayList<>(loaded.problems());
        ConfigurationIndex index = new ConfigurationIndex(loaded.configuration(), compiling.scope());
        problems.addAll(ConfigurationAnalysis.analyze(index, analysis));
        SnapshotPlan plan = SnapshotPlan.EMPTY;
        if (!loaded.hasErrors()) {
            plan = compiler.compile(index);
            problems.addAll(plan.problems());
        }
        problems.sort(Problem.BY_PLACE);
        boolean failed = problems.stream().anyMatch(Problem::isError);
        return new Read(
                failed ? SnapshotPlan.EMPTY : plan,
                List.copyOf(problems),
                count(loaded),
                loaded.contentHash() + '/' + secrets);
    }

    private static int count(LoadResult loaded) {
        var configuration = loaded.configuration();
        return configuration.gateways().size()
                + configuration.virtualServices().size()
                + configuration.destinationRules().size()
                + configuration.serviceEntries().size();
    }
}
