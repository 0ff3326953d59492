package io.sallyport.compile;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.jwks.KeysInUse;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.LogPlans;
import io.sallyport.snapshot.Policies;
import io.sallyport.trace.Traces;
import java.time.Clock;
import java.util.Map;

/// Compiles a checked configuration into a [SnapshotPlan].
///
/// Pure but for reading certificates. One instance serves all generations: it remembers the TLS contexts of the
/// last one, so that a chain whose settings and certificates did not change keeps its context and with it its
/// sessions, the credentials that could be used, the keys that are fetched, and the routes and clusters, so that those
/// of a VirtualService or service that did not change are the same objects.
public final class SnapshotCompiler {
    private final CompileOptions options;
    private final Clock clock;
    private TlsContexts contexts = TlsContexts.none();
    private Credentials.Kept credentials = Credentials.Kept.NOTHING;
    private RouteMemory.Made made = RouteMemory.Made.NOTHING;
    private KeysInUse keys = KeysInUse.NONE;

    public SnapshotCompiler(CompileOptions options, Clock clock) {
        this.options = options;
        this.clock = clock;
    }

    /// Resources that do not hold together (an unknown subset, a missing secret) are left out here: saying so is the
    /// analysis's part, which runs before.
    public SnapshotPlan compile(ConfigurationIndex index) {
        return compile(index, true);
    }

    /// As [#compile(ConfigurationIndex)].
    ///
    /// @param accepted false where the analysis has found errors: then nothing of this one is remembered
    public SnapshotPlan compile(ConfigurationIndex index, boolean accepted) {
        Compilation compilation =
                Compilation.of(options, index, contexts.next(), credentials, made, keys, clock.instant());
        Map<BindAddress, ListenerSnapshot> listeners = new ListenerCompiler(compilation).compile();
        // Before the clusters are counted: authorizers and collectors are reached by clusters, too.
        Policies policies = new PolicyCompiler(compilation).compile();
        Traces traces = new TraceCompiler(compilation).compile();
        LogPlans log = LogCompiler.compile(compilation);
        SnapshotPlan plan = new SnapshotPlan(
                listeners,
                compilation.clusters().specs(),
                compilation.clusters().origins().mapped(ClusterCompiler.Origin::policy),
                policies,
                compilation.keys().done(),
                new WorkloadTokenUse(compilation).find(),
                compilation.credentials().inUse(),
                traces,
                log,
                MetricCompiler.compile(index.telemetries()),
                compilation.credentials().problems());
        if (accepted && !plan.hasErrors()) {
            credentials = compilation.credentials().kept();
            contexts = compilation.tls();
            made = compilation.routes().made();
            keys = plan.keys();
        }
        return plan;
    }
}
