package io.sallyport.reload;

import io.sallyport.compile.CanonicalPaths;
import io.sallyport.compile.CompileOptions;
import io.sallyport.compile.DiscoveredServices;
import io.sallyport.compile.SnapshotCompiler;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.ConfigurationCheck;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.source.Changes;
import io.sallyport.config.source.ConfigurationFiles;
import io.sallyport.discovery.MeshServices;
import io.sallyport.identity.CredentialDirectory;
import io.sallyport.identity.IdentitySource;
import io.sallyport.identity.SecretsDigest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Reads, checks and compiles a configuration directory. `serve`, `validate` and `explain` all use it, so that they
/// agree.
public final class ConfigurationSource {
    /// The result of reading the directory.
    ///
    /// @param plan empty where there are errors
    /// @param configuration as far as it could be read
    /// @param contentHash of the files and secrets
    public record Read(SnapshotPlan plan, List<Problem> problems, Configuration configuration, String contentHash) {
        public boolean hasErrors() {
            return problems.stream().anyMatch(Problem::isError);
        }
    }

    /// Compilations while secrets keep changing; after that, the next change is left to include them.
    private static final int ATTEMPTS = 3;

    /// Readings while files keep being written; after that, what is there is taken.
    private static final int WRITING_ATTEMPTS = 5;

    private static final Duration WRITING_PAUSE = Duration.ofMillis(20);

    private final ConfigurationFiles files;
    private final AnalysisOptions analysis;
    private final CompileOptions compiling;
    private final SnapshotCompiler compiler;

    public ConfigurationSource(
            Path directory, LoadOptions loading, AnalysisOptions analysis, CompileOptions compiling, Clock clock) {
        this(new ConfigurationLoader(directory, loading), analysis, compiling, clock);
    }

    public ConfigurationSource(
            ConfigurationFiles files, AnalysisOptions analysis, CompileOptions compiling, Clock clock) {
        this.files = files;
        this.analysis = analysis.withPaths(
                new CanonicalPaths(compiling.paths().gateway()),
                new CanonicalPaths(compiling.paths().mesh()));
        this.compiling = compiling;
        this.compiler = new SnapshotCompiler(compiling, clock);
    }

    /// Reads, checks and compiles; reports every problem at once and never throws on what the directory holds.
    public Read read() {
        return read(Changes.ANY);
    }

    /// As [#read()], where it is known what has changed since the last call. Everything is checked and compiled anew;
    /// only files that did not change are not decoded again.
    public Read read(Changes changes) {
        for (int attempt = 1; ; attempt++) {
            Read read = read(files.load(changes));
            if (files.isSettled() || attempt == WRITING_ATTEMPTS) {
                files.forgetDocuments();
                return read;
            }
            // A file that was renamed into place does not change: this one is being written in place.
            LockSupport.parkNanos(WRITING_PAUSE.toNanos());
        }
    }

    private Read read(LoadResult loaded) {
        for (int attempt = 1; ; attempt++) {
            MeshServices services = compiling.catalog().services();
            String before = secrets();
            Compiled compiled = compile(loaded, services);
            String after = secrets();
            boolean changing = !before.equals(after);
            if (!changing || attempt == ATTEMPTS) {
                // Compiled amid a change, it matches neither state: a change back to the first one is still a change.
                String secrets = changing ? before + '-' + after : before;
                return new Read(
                        compiled.plan(),
                        compiled.problems(),
                        loaded.configuration(),
                        loaded.contentHash()
                                + '/'
                                + secrets
                                + '/'
                                + compiled.plan().certificates().digest()
                                + '/'
                                + problems(compiled.plan())
                                + (services.isKnown() ? "/" + services.revision() : ""));
            }
        }
    }

    /// What the secrets and the gateway's identity are now.
    private String secrets() {
        CredentialDirectory secrets = compiling.secrets();
        IdentitySource identity = compiling.identity();
        return SecretsDigest.of(secrets == null ? null : secrets.root())
                + (identity == null ? "" : identity.fingerprint());
    }

    /// A certificate file elsewhere than among the secrets shows in its certificate, or in what is wrong with it.
    private static String problems(SnapshotPlan plan) {
        return Integer.toHexString(
                plan.problems().stream().map(Problem::toString).toList().hashCode());
    }

    private record Compiled(SnapshotPlan plan, List<Problem> problems) {}

    private Compiled compile(LoadResult loaded, MeshServices services) {
        ConfigurationIndex index = new ConfigurationIndex(
                loaded.configuration(),
                compiling.scope(),
                DiscoveredServices.entries(services, compiling.scope().clusterDomain()));
        List<Problem> problems = new ArrayList<>(ConfigurationCheck.check(loaded, index, analysis));
        SnapshotPlan plan = SnapshotPlan.EMPTY;
        if (!loaded.hasErrors()) {
            plan = compiler.compile(index, problems.stream().noneMatch(Problem::isError));
            problems.addAll(plan.problems());
        }
        problems.sort(Problem.BY_PLACE);
        boolean failed = problems.stream().anyMatch(Problem::isError);
        return new Compiled(failed ? SnapshotPlan.EMPTY : plan, List.copyOf(problems));
    }
}
