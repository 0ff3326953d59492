package io.sallyport.reload;

import io.sallyport.cluster.ClusterRegistry;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.source.Changes;
import io.sallyport.identity.CredentialException;
import io.sallyport.jwks.KeyFetcher;
import io.sallyport.jwks.KeysInUse;
import io.sallyport.reload.ConfigurationSource.OnError;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.upstream.ClusterFactory;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// A configuration change as one transaction: read, validate, compile, bind, warm, swap, drain. Any failure keeps the
/// last good generation serving, untouched.
///
/// Not thread-safe: one thread applies changes, one after the other.
public final class Reloader {
    private static final Logger LOG = System.getLogger(Reloader.class.getName());

    /// Errors that may end without a change of the configuration.
    private static final Set<ProblemCode> PASSING =
            Set.of(ProblemCode.FILE_UNREADABLE, ProblemCode.DIRECTORY_UNREADABLE);

    /// What came of one attempt.
    ///
    /// @param applied a new generation is current
    /// @param unchanged the files and secrets are what they were, so nothing was done
    /// @param problems all that was found, warnings included
    /// @param failure why a configuration without errors was not applied, such as a port that cannot be bound; else
    ///     null
    /// @param took how long it took
    public record Outcome(
            boolean applied,
            boolean unchanged,
            Snapshot current,
            List<Problem> problems,
            @Nullable String failure,
            Took took) {
        public Outcome {
            problems = List.copyOf(problems);
        }

        /// Nothing was looked at.
        public static Outcome none(Snapshot current) {
            return new Outcome(false, true, current, List.of(), null, Took.NOTHING);
        }

        public boolean refused() {
            return !applied && !unchanged;
        }

        /// Whether what is refused, all of it or a resource, may be applied later as it is: a port comes free, a
        /// file can be read again. So may credentials of what is served.
        public boolean mayPass() {
            return (refused() && failure != null)
                    || (!refused() && current.certificates().unread())
                    || problems.stream().anyMatch(problem -> problem.isError() && PASSING.contains(problem.code()));
        }
    }

    /// @param compile from reading the files to the compiled configuration
    /// @param apply from there until it is in force: binding, looking up names, swapping
    public record Took(Duration compile, Duration apply) {
        static final Took NOTHING = new Took(Duration.ZERO, Duration.ZERO);

        static Took since(long start, long compiled) {
            return new Took(Duration.ofNanos(compiled - start), Duration.ofNanos(System.nanoTime() - compiled));
        }
    }

    private final ConfigurationSource source;
    private final SnapshotHolder holder;
    private final ClusterFactory clusters;
    private final KeyFetcher fetcher;
    private final ListenerApplier listeners;
    private final Clock clock;
    private final ReloadWatch watch;
    private KeysInUse keys = KeysInUse.NONE;

    public Reloader(
            ConfigurationSource source,
            SnapshotHolder holder,
            ClusterFactory clusters,
            KeyFetcher fetcher,
            ListenerApplier listeners,
            Clock clock,
            ReloadWatch watch) {
        this.source = source;
        this.holder = holder;
        this.clusters = clusters;
        this.fetcher = fetcher;
        this.listeners = listeners;
        this.clock = clock;
        this.watch = watch;
    }

    /// Brings what the directory holds now into effect. Throws nothing, whatever the directory holds: a defect met on
    /// the way refuses the configuration as a mistake in it does.
    ///
    /// @param warmUp longest wait for the first look-up of new names: a name that does not resolve must not hold up
    ///     the rest
    public Outcome reload(Duration warmUp) {
        return reload(warmUp, Changes.ANY);
    }

    /// As [#reload(Duration)].
    ///
    /// @param changes of the directories since the last call
    public Outcome reload(Duration warmUp, Changes changes) {
        watch.compiling();
        try {
            return watched(warmUp, changes);
        } finally {
            watch.ended();
        }
    }

    private Outcome watched(Duration warmUp, Changes changes) {
        Snapshot previous = holder.current();
        long start = System.nanoTime();
        ConfigurationSource.Read read;
        try {
            read = source.read(changes);
        } catch (RuntimeException | StackOverflowError defect) {
            LOG.log(Logger.Level.ERROR, "reading the configuration failed", defect);
            return refused(previous, List.of(), "the configuration cannot be read: " + defect);
        }
        Took took = Took.since(start, System.nanoTime());
        // Before the hash is looked at: what cannot be read is not in it.
        if (read.isRefused()) {
            return refused(previous, read.problems(), null);
        }
        if (read.contentHash().equals(previous.contentHash()) && previous.generation() > 0) {
            return new Outcome(false, true, previous, read.problems(), null, took);
        }
        return apply(previous, read, warmUp, start);
    }

    private Outcome apply(Snapshot previous, ConfigurationSource.Read read, Duration warmUp, long start) {
        long compiled = System.nanoTime();
        watch.applying();
        SnapshotPlan plan = read.plan();
        ClusterRegistry registry = previous.clusters();
        ListenerApplier.Prepared prepared = null;
        try {
            registry = previous.clusters().next(plan.clusters(), clusters);
            Snapshot next = new Snapshot(
                    previous.generation() + 1,
                    clock.instant(),
                    read.contentHash(),
                    plan.listeners(),
                    registry,
                    plan.policies(),
                    plan.authorization(),
                    plan.certificates(),
                    plan.traces(),
                    plan.log(),
                    plan.metrics());
            prepared = listeners.prepare(next, source.onError() == OnError.REFUSE);
            awaitFirstLookUps(registry, warmUp);
            plan.tokens().use(warmUp);
            plan.keys().replace(keys, fetcher);
            keys = plan.keys();
            holder.swap(next);
            source.applied(read, next.generation(), next.loadedAt());
            finish(prepared, previous, registry);
            return new Outcome(true, false, next, read.problems(), null, Took.since(start, compiled));
        } catch (IOException | CredentialException failure) {
            undo(prepared, registry, previous);
            return refused(previous, read.problems(), failure.getMessage());
        } catch (RuntimeException defect) {
            LOG.log(Logger.Level.ERROR, "applying the configuration failed", defect);
            undo(prepared, registry, previous);
            return refused(previous, read.problems(), "the configuration cannot be applied: " + defect);
        }
    }

    /// What has become of the resources; any thread may ask.
    public ServedResources resources() {
        return source.served();
    }

    /// Nothing is fetched from now on.
    public void close() {
        KeysInUse.NONE.replace(keys, fetcher);
    }

    private static Outcome refused(Snapshot previous, List<Problem> problems, @Nullable String failure) {
        return new Outcome(false, false, previous, problems, failure, Took.NOTHING);
    }

    /// There is no way back after the swap: what goes wrong with one of these must not keep the other from its turn.
    private static void finish(ListenerApplier.Prepared prepared, Snapshot previous, ClusterRegistry registry) {
        try {
            prepared.commit(previous);
        } catch (RuntimeException defect) {
            LOG.log(Logger.Level.ERROR, "opening and closing ports failed", defect);
        }
        try {
            previous.clusters().closeAllBut(registry);
        } catch (RuntimeException defect) {
            LOG.log(Logger.Level.ERROR, "closing clusters failed", defect);
        }
    }

    private static void undo(ListenerApplier.@Nullable Prepared prepared, ClusterRegistry registry, Snapshot previous) {
        try {
            if (prepared != null) {
                prepared.discard();
            }
        } finally {
            registry.closeAllBut(previous.clusters());
        }
    }

    private static void awaitFirstLookUps(ClusterRegistry registry, Duration warmUp) {
        try {
            registry.ready(warmUp).toCompletableFuture().join();
        } catch (CompletionException lookUpFailed) {
            // The cluster has no endpoint and answers UH until its name resolves; other routes must not wait for that.
            assert lookUpFailed.getCause() != null;
        }
    }
}
