package io.sallyport.snapshot;

import io.sallyport.config.problem.Problem;
import io.sallyport.identity.CredentialException;
import io.sallyport.snapshot.compile.SnapshotPlan;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.ClusterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// A configuration change as one transaction: read, validate, compile, bind, warm, swap, drain. Any failure keeps the
/// last good generation serving, untouched.
///
/// Not thread-safe: one thread applies changes, one after the other.
public final class Reloader {
    /// What came of one attempt.
    ///
    /// @param applied a new generation is current
    /// @param unchanged the files and secrets are what they were, so nothing was done
    /// @param problems all that was found, warnings included
    /// @param failure why a valid configuration could not be applied: a port that cannot be bound; null otherwise
    public record Outcome(
            boolean applied, boolean unchanged, Snapshot current, List<Problem> problems, @Nullable String failure) {
        public Outcome {
            problems = List.copyOf(problems);
        }

        public boolean refused() {
            return !applied && !unchanged;
        }
    }

    private final ConfigurationSource source;
    private final SnapshotHolder holder;
    private final ClusterFactory clusters;
    private final ListenerApplier listeners;
    private final Clock clock;

    public Reloader(
            ConfigurationSource source,
            SnapshotHolder holder,
            ClusterFactory clusters,
            ListenerApplier listeners,
            Clock clock) {
        this.source = source;
        this.holder = holder;
        this.clusters = clusters;
        this.listeners = listeners;
        this.clock = clock;
    }

    /// Brings what the directory holds now into effect.
    ///
    /// @param warmUp longest wait for the first look-up of new names: a name that does not resolve must not hold up the
    ///     rest
    public Outcome reload(Duration warmUp) {
        Snapshot previous = holder.current();
        ConfigurationSource.Read read = source.read();
        if (read.contentHash().equals(previous.contentHash()) && previous.generation() > 0) {
            return new Outcome(false, true, previous, read.problems(), null);
        }
        if (read.hasErrors()) {
            return new Outcome(false, false, previous, read.problems(), null);
        }
        return apply(previous, read, warmUp);
    }

    private Outcome apply(Snapshot previous, ConfigurationSource.Read read, Duration warmUp) {
        SnapshotPlan plan = read.plan();
        ClusterRegistry registry = previous.clusters();
        try {
            registry = previous.clusters().next(plan.clusters().values(), clusters);
            Snapshot next = new Snapshot(
                    previous.generation() + 1, clock.instant(), read.contentHash(), plan.listeners(), registry);
            ListenerApplier.Prepared prepared = listeners.prepare(next);
            awaitFirstLookUps(registry, warmUp);
            holder.swap(next);
            prepared.commit(previous);
            previous.clusters().closeAllBut(registry);
            return new Outcome(true, false, next, read.problems(), null);
        } catch (IOException | CredentialException failure) {
            registry.closeAllBut(previous.clusters());
            return new Outcome(false, false, previous, read.problems(), failure.getMessage());
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
