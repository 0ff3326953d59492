package io.sallyport.compile;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.config.problem.Problem;
import io.sallyport.format.MetricPlan;
import io.sallyport.identity.CertificatesInUse;
import io.sallyport.jwks.KeysInUse;
import io.sallyport.persistent.PersistentMap;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.ByGateway;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.LogPlans;
import io.sallyport.snapshot.Policies;
import io.sallyport.trace.Traces;
import io.sallyport.workload.TokensInUse;
import java.util.List;
import java.util.Map;

/// A compiled configuration, before it is applied.
///
/// @param listeners by where they are to be bound
/// @param clusters by name: those that a route leads to, and with AUTO_PASSTHROUGH all that can be named
/// @param policies of a cluster's name the resource that its traffic policy is from, `DestinationRule default/a
///     (a.yaml:12)`; none where there is no such resource
/// @param authorization who may call what
/// @param keys that are to be fetched, for tokens
/// @param tokens what is wanted of a Workload API beside the gateway's identity
/// @param certificates that are used
/// @param traces how requests are traced
/// @param log how requests are logged
/// @param metrics how they are counted
/// @param problems that only compiling finds: certificates and their files
public record SnapshotPlan(
        Map<BindAddress, ListenerSnapshot> listeners,
        PersistentMap<String, ClusterSpec> clusters,
        Map<String, String> policies,
        Policies authorization,
        KeysInUse keys,
        TokensInUse tokens,
        CertificatesInUse certificates,
        Traces traces,
        LogPlans log,
        ByGateway<MetricPlan> metrics,
        List<Problem> problems) {

    public static final SnapshotPlan EMPTY = new SnapshotPlan(
            Map.of(),
            PersistentMap.empty(),
            Map.of(),
            Policies.NONE,
            KeysInUse.NONE,
            TokensInUse.NONE,
            CertificatesInUse.NONE,
            Traces.NONE,
            LogPlans.USUAL,
            ByGateway.usual(),
            List.of());

    public SnapshotPlan {
        listeners = Map.copyOf(listeners);
        problems = List.copyOf(problems);
    }

    public boolean hasErrors() {
        return problems.stream().anyMatch(Problem::isError);
    }
}
