package io.sallyport.reload;

import io.sallyport.compile.CanonicalPaths;
import io.sallyport.compile.CompileOptions;
import io.sallyport.compile.DiscoveredServices;
import io.sallyport.compile.EgressOptions;
import io.sallyport.compile.SnapshotCompiler;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.FileResources;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.ConfigurationCheck;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.CredentialReferences;
import io.sallyport.config.index.Withheld;
import io.sallyport.config.model.Configuration;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.source.Changes;
import io.sallyport.config.source.ConfigurationFiles;
import io.sallyport.discovery.MeshServices;
import io.sallyport.identity.CredentialStore;
import io.sallyport.identity.IdentitySource;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Reads, checks and compiles a configuration directory. `serve`, `validate` and `explain` all use it, so that they
/// agree.
public final class ConfigurationSource {
    /// The result of reading the directory.
    ///
    /// @param plan empty where the configuration is refused
    /// @param configuration as far as it could be read
    /// @param contentHash of the files and secrets
    /// @param files what they hold
    /// @param selection where it has errors, and is served without the resources that have them: which version
    ///     of each counts; else null
    /// @param secrets that it names
    public record Read(
            SnapshotPlan plan,
            List<Problem> problems,
            Configuration configuration,
            String contentHash,
            List<FileResources> files,
            @Nullable Selection selection,
            Set<CredentialStore.Use> secrets) {
        public boolean hasErrors() {
            return problems.stream().anyMatch(Problem::isError);
        }

        /// The resources that are held or left out.
        public List<ResourceState> faults() {
            return selection == null ? List.of() : ServedResources.faults(selection, List.of(), Instant.EPOCH);
        }

        /// Whether it cannot be served, whole or in part.
        public boolean isRefused() {
            return selection == null && hasErrors();
        }
    }

    /// What becomes of a configuration with errors.
    public enum OnError {
        /// Each resource with errors is held at the version that was served last, or left out; all else is served.
        ISOLATE,
        /// It is refused as a whole.
        REFUSE
    }

    /// Selections that are tried until one has no errors; after that, the configuration is refused.
    private static final int ROUNDS = 32;

    /// Compilations while secrets keep changing; after that, the next change is left to include them.
    private static final int ATTEMPTS = 3;

    /// Readings while files keep being written; after that, what is there is taken.
    private static final int WRITING_ATTEMPTS = 5;

    private static final Duration WRITING_PAUSE = Duration.ofMillis(20);

    private final ConfigurationFiles files;
    private final AnalysisOptions analysis;
    private final ConfigurationCheck check;
    /// Of what counts where there are errors.
    private final ConfigurationCheck checkOfSelected;
    private final CompileOptions compiling;
    private final SnapshotCompiler compiler;
    private final Clock clock;
    private final OnError onError;
    private final ServedResources served;
    /// The last ones that were made: of all, of what counts of it where there are errors, and of that with what
    /// stands in for the rest. Each is made of the one before it of its own kind, which differs least.
    private ConfigurationIndex index;

    private ConfigurationIndex selected;
    private ConfigurationIndex closed;

    private Discovered discovered = new Discovered(MeshServices.UNKNOWN, List.of());
    private Set<CredentialStore.Use> servedSecrets = Set.of();
    /// Of the files that could not be read the last time.
    private Map<FileResources, TextFindings> texts = Map.of();

    public ConfigurationSource(
            Path directory, LoadOptions loading, AnalysisOptions analysis, CompileOptions compiling, Clock clock) {
        this(new ConfigurationLoader(directory, loading), analysis, compiling, clock);
    }

    /// Refuses what has errors.
    public ConfigurationSource(
            ConfigurationFiles files, AnalysisOptions analysis, CompileOptions compiling, Clock clock) {
        this(files, analysis, compiling, clock, OnError.REFUSE, new ServedResources(null));
    }

    public ConfigurationSource(
            ConfigurationFiles files,
            AnalysisOptions analysis,
            CompileOptions compiling,
            Clock clock,
            OnError onError) {
        this(files, analysis, compiling, clock, onError, new ServedResources(null));
    }

    private ConfigurationSource(
            ConfigurationFiles files,
            AnalysisOptions analysis,
            CompileOptions compiling,
            Clock clock,
            OnError onError,
            ServedResources served) {
        this.files = files;
        this.analysis = analysis.withPaths(
                new CanonicalPaths(compiling.paths().gateway()),
                new CanonicalPaths(compiling.paths().mesh()));
        this.check = new ConfigurationCheck(this.analysis);
        this.checkOfSelected = new ConfigurationCheck(this.analysis);
        this.compiling = compiling;
        this.clock = clock;
        this.compiler = new SnapshotCompiler(compiling, clock);
        this.onError = onError;
        this.served = served;
        this.index = new ConfigurationIndex(Configuration.EMPTY, compiling.scope());
        this.selected = index;
        this.closed = index;
    }

    /// The same, which holds what a process before served, and keeps what this one serves. To be called before
    /// the first reading.
    ///
    /// @param state directory, which need not be there
    public ConfigurationSource keepingIn(Path state, LoadOptions loading) {
        return new ConfigurationSource(
                files, analysis, compiling, clock, onError, new ServedResources(new StateDirectory(state, loading)));
    }

    OnError onError() {
        return onError;
    }

    /// What was read is served from now on.
    void applied(Read read, long generation, Instant at) {
        servedSecrets = read.secrets();
        served.applied(read.files(), read.selection(), generation, at);
    }

    /// What has become of the resources.
    ServedResources served() {
        return served;
    }

    /// Reads, checks and compiles; reports every problem at once and never throws on what the directory holds.
    public Read read() {
        return read(Changes.ANY);
    }

    /// As [#read()], where it is known what has changed since the last call: what is made of the same resources is used
    /// again.
    public Read read(Changes changes) {
        Changes now = changes;
        for (int attempt = 1; ; attempt++) {
            Read read = read(files.load(now));
            if (files.isSettled() || attempt == WRITING_ATTEMPTS) {
                files.forgetDocuments();
                return read;
            }
            // A file that was renamed into place does not change: this one is being written in place, or has been
            // replaced
            // once more. What was changed before that must not come after it.
            now = changes.andOthers();
            LockSupport.parkNanos(WRITING_PAUSE.toNanos());
        }
    }

    private Read read(LoadResult loaded) {
        for (int attempt = 1; ; attempt++) {
            MeshServices services = compiling.catalog().services();
            String before = secrets();
            Compiled compiled = compile(loaded, services);
            follow(compiled.secrets());
            String after = secrets();
            boolean changing = !before.equals(after);
            if (!changing || attempt == ATTEMPTS) {
                // Compiled amid a change, it matches neither state: a change back to the first one is still a change.
                String secrets = changing ? before + '-' + after : before;
                return new Read(
                        compiled.plan(),
                        compiled.problems(),
                        compiled.configuration(),
                        loaded.contentHash()
                                + '/'
                                + secrets
                                + '/'
                                + compiled.plan().certificates().digest()
                                + '/'
                                + problems(compiled.plan())
                                + (services.isKnown() ? "/" + services.revision() : "")
                                + (compiled.selection() == null
                                        ? ""
                                        : "/" + compiled.selection().digest()),
                        loaded.files(),
                        compiled.selection(),
                        compiled.secrets());
            }
        }
    }

    /// Those of what is served as well, whatever becomes of what was read.
    private void follow(Set<CredentialStore.Use> secrets) {
        if (compiling.secrets() != null) {
            Set<CredentialStore.Use> all = new HashSet<>(secrets);
            all.addAll(servedSecrets);
            compiling.secrets().follow(all);
        }
    }

    private void addSecrets(ConfigurationIndex index, Set<CredentialStore.Use> secrets) {
        CredentialReferences.forEach(
                index,
                (owner, name, authorities, _, _) ->
                        secrets.add(new CredentialStore.Use(owner.namespace(), name, authorities)));
        EgressOptions.MeshTls proxy = compiling.egress().tls();
        if (proxy != null && !proxy.credentialName().isEmpty()) {
            secrets.add(new CredentialStore.Use(compiling.scope().namespace(), proxy.credentialName(), true));
        }
    }

    /// What the secrets and the gateway's identity are now.
    private String secrets() {
        CredentialStore secrets = compiling.secrets();
        IdentitySource identity = compiling.identity();
        return (secrets == null ? "" : secrets.digest()) + (identity == null ? "" : identity.fingerprint());
    }

    /// A certificate file elsewhere than among the secrets shows in its certificate, or in what is wrong with it.
    private static String problems(SnapshotPlan plan) {
        return Integer.toHexString(
                plan.problems().stream().map(Problem::toString).toList().hashCode());
    }

    /// The services of the mesh as entries: the same objects as long as they are the same services.
    private record Discovered(MeshServices services, List<ServiceEntry> entries) {
        static Discovered of(MeshServices services, String clusterDomain) {
            return new Discovered(services, DiscoveredServices.entries(services, clusterDomain));
        }
    }

    /// @param configuration that is compiled, or what could be read of one with errors
    private record Compiled(
            SnapshotPlan plan,
            List<Problem> problems,
            Configuration configuration,
            @Nullable Selection selection,
            Set<CredentialStore.Use> secrets) {}

    private Compiled compile(LoadResult loaded, MeshServices services) {
        if (!discovered.services().equals(services)) {
            discovered = Discovered.of(services, compiling.scope().clusterDomain());
        }
        ConfigurationIndex ofAll = index.next(loaded.configuration(), discovered.entries(), Withheld.NONE);
        index = ofAll;
        Set<CredentialStore.Use> secrets = new HashSet<>();
        addSecrets(ofAll, secrets);
        List<Problem> problems = new ArrayList<>(check.check(loaded, ofAll));
        SnapshotPlan plan = SnapshotPlan.EMPTY;
        boolean sound = problems.stream().noneMatch(Problem::isError);
        if (sound || (onError == OnError.REFUSE && !loaded.hasErrors())) {
            plan = compiler.compile(ofAll, sound);
            problems.addAll(plan.problems());
        }
        problems.sort(Problem.BY_PLACE);
        if (problems.stream().noneMatch(Problem::isError)) {
            texts = Map.of();
            return new Compiled(plan, List.copyOf(problems), loaded.configuration(), null, secrets);
        }
        Compiled isolated = onError == OnError.ISOLATE && !loaded.files().isEmpty() ? isolate(loaded, secrets) : null;
        return isolated != null
                ? isolated
                : new Compiled(SnapshotPlan.EMPTY, List.copyOf(problems), loaded.configuration(), null, secrets);
    }

    /// Null where nothing can be served, or too much depends on what has errors.
    private @Nullable Compiled isolate(LoadResult loaded, Set<CredentialStore.Use> secrets) {
        texts = TextFindings.ofIllegible(loaded.files(), texts);
        Selection selection = new Selection(loaded, texts, served.versions(), served.lost(), served.missed());
        try {
            return isolate(selection, secrets);
        } finally {
            selection.forgetDocuments();
        }
    }

    private @Nullable Compiled isolate(Selection selection, Set<CredentialStore.Use> secrets) {
        for (int round = 0; round < ROUNDS && !selection.isHopeless(); round++) {
            selected = selected.next(selection.configuration(), discovered.entries(), Withheld.NONE);
            List<Problem> found = selection.located(checkOfSelected.analyze(selected));
            if (selection.accept(found) || selection.isHopeless()) {
                continue;
            }
            SnapshotPlan plan = compiler.compile(withClosure(selection), true);
            if (!selection.accept(plan.problems()) && !selection.isHopeless()) {
                Set<Problem> all = new HashSet<>(selection.problems());
                all.addAll(selection.reasons());
                all.addAll(found);
                all.addAll(plan.problems());
                List<Problem> problems = all.stream().sorted(Problem.BY_PLACE).toList();
                addSecrets(selected, secrets);
                return new Compiled(plan, problems, selected.configuration(), selection, secrets);
            }
        }
        return null;
    }

    private ConfigurationIndex withClosure(Selection selection) {
        Closure closure = Closure.of(selection, selected.configuration(), compiling.scope(), compiling.portMap());
        if (closure.isEmpty()) {
            return selected;
        }
        Configuration all = selected.configuration().changed(Set.of(), closure.resources());
        closed = closed.next(all, discovered.entries(), closure.withheld());
        return closed;
    }
}
