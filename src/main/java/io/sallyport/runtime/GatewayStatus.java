package io.sallyport.runtime;

import io.sallyport.admin.AdminView;
import io.sallyport.admin.Listing;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.Endpoint;
import io.sallyport.compile.SnapshotPlan;
import io.sallyport.config.index.HostResolution;
import io.sallyport.discovery.DiscoveryStatus;
import io.sallyport.discovery.MeshDiscovery;
import io.sallyport.egress.EgressMode;
import io.sallyport.egress.EgressUsage;
import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.explain.HeldVersions;
import io.sallyport.explain.egress.EgressEntries;
import io.sallyport.explain.egress.EgressReport;
import io.sallyport.jwks.KeysInUse;
import io.sallyport.persistent.PersistentMap;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.reload.Reloader;
import io.sallyport.snapshot.MeshRoutes;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.workload.TokensInUse;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the admin API shows. Never a key, a token or a secret: nothing of the secrets directory is in reach here but
/// the subjects of certificates.
final class GatewayStatus implements AdminView {
    private final DataPlane dataPlane;
    private final ProxySettings proxy;
    private final EgressUsage egress;
    private final EgressListings egressListings;
    private final LiveFigures live;
    private final @Nullable MeshDiscovery discovery;
    private final IdentityReport identity;
    private final Supplier<@Nullable Instant> retryDue;
    private final ListenerRetry listening;
    private final HostResolution hosts;
    private final boolean underscoresRefused;
    private volatile Reloader.@Nullable Outcome refused;
    private volatile Reloader.@Nullable Outcome last;
    private volatile @Nullable Shown shown;

    /// Kept from one page to the next.
    private record Shown(Snapshot of, Listing<?> routes, Listing<?> policies) {}

    /// @param discovery null where nothing is discovered
    /// @param retryDue when a refused configuration is tried again; null where it is not
    /// @param listening what is not bound
    /// @param hosts what names in resources stand for
    /// @param underscoresRefused as [Explainer#refusingUnderscores]
    GatewayStatus(
            DataPlane dataPlane,
            ProxySettings proxy,
            EgressUsage egress,
            LiveFigures live,
            @Nullable MeshDiscovery discovery,
            IdentityReport identity,
            Supplier<@Nullable Instant> retryDue,
            ListenerRetry listening,
            HostResolution hosts,
            boolean underscoresRefused) {
        this.underscoresRefused = underscoresRefused;
        this.discovery = discovery;
        this.identity = identity;
        this.retryDue = retryDue;
        this.listening = listening;
        this.hosts = hosts;
        this.dataPlane = dataPlane;
        this.proxy = proxy;
        this.egress = egress;
        egressListings = new EgressListings(egress);
        this.live = live;
    }

    void applied(Reloader.Outcome outcome) {
        last = outcome;
        refused = outcome.refused() ? outcome : null;
    }

    void refused(Reloader.Outcome outcome) {
        last = outcome;
        refused = outcome;
    }

    @Override
    public JsonObject status() {
        Snapshot current = dataPlane.current();
        Reloader.Outcome refusal = refused;
        Instant due = retryDue.get();
        MeshRoutes routes = EgressEntries.routes(current.listeners().values());
        JsonObject status = new JsonObject()
                .put("generation", current.generation())
                .put("loadedAt", current.loadedAt().toString())
                .put("contentHash", current.contentHash())
                .put("transport", dataPlane.transport().name().toLowerCase(java.util.Locale.ROOT))
                .put("egressMode", routes == null ? null : EgressReport.text(routes.mode()))
                .put("resources", ResourceReport.counts(dataPlane.resources()))
                .put("faults", ResourceReport.faults(dataPlane.resources()))
                .put("unboundListeners", ListenerReport.unbound(listening.unbound()))
                .put("refused", refusal == null ? null : refusal(refusal))
                .put("retryDue", due == null ? null : due.toString());
        return discovery == null ? status : status.put("discovery", discovery(discovery.status()));
    }

    private static JsonObject discovery(DiscoveryStatus status) {
        return new JsonObject()
                .put("synced", status.synced())
                .put("connected", status.connected())
                .put(
                        "lostSince",
                        status.lostSince() == null ? null : status.lostSince().toString())
                .put("lastError", status.lastError())
                .put("watched", new JsonObject(Map.copyOf(status.watched())))
                .put("services", status.services())
                .put("endpointSlices", status.slices())
                .put("pods", status.pods());
    }

    private static JsonObject refusal(Reloader.Outcome outcome) {
        return new JsonObject()
                .put("failure", outcome.failure())
                .put("problems", ProblemReport.json(outcome.problems()));
    }

    @Override
    public JsonObject resources(boolean faultsOnly) {
        return ResourceReport.json(
                        dataPlane.resources(),
                        faultsOnly,
                        hosts,
                        dataPlane.current().generation(),
                        last)
                .put("unboundListeners", ListenerReport.unbound(listening.unbound()));
    }

    @Override
    public JsonObject configDump() {
        return status().put("listeners", listeners()).put("clusters", clusters().all());
    }

    @Override
    public JsonArray listeners() {
        return ListenerReport.of(
                dataPlane.current().listeners().values(), dataPlane.listeners().status(), listening.unbound());
    }

    @Override
    public Listing<?> clusters() {
        Instant now = Instant.now();
        return new Listing<>(
                List.copyOf(dataPlane.current().clusters().clusters()),
                Cluster::name,
                cluster -> ClusterReport.json(cluster, now).put("traffic", live.of(cluster.spec())));
    }

    @Override
    public Listing<?> routes() {
        return shown().routes;
    }

    private Shown shown() {
        Snapshot current = dataPlane.current();
        Shown last = shown;
        if (last == null || last.of != current) {
            last = new Shown(
                    current,
                    RouteReport.of(current, live::of),
                    PolicyReport.of(current.authorization(), live.policies()));
            shown = last;
        }
        return last;
    }

    @Override
    public Listing<?> requests() {
        return RequestReport.of(live.latest());
    }

    @Override
    public Listing<?> policies() {
        return shown().policies;
    }

    @Override
    public JsonObject egress() {
        SnapshotPlan plan = plan();
        MeshRoutes routes = EgressEntries.routes(plan);
        EgressMode mode = routes == null ? EgressMode.REGISTRY_ONLY : routes.mode();
        return EgressReport.of(mode, EgressEntries.of(plan), egress, Instant.now())
                .put("meshListener", routes != null);
    }

    @Override
    public Listing<?> egressEntries() {
        return egressListings.entries(dataPlane.current(), this::plan);
    }

    @Override
    public Listing<?> egressDenied() {
        return egressListings.denied(dataPlane.current(), this::plan);
    }

    @Override
    public JsonObject identity() {
        return identity.json();
    }

    @Override
    public Listing<?> certificates() {
        Snapshot current = dataPlane.current();
        return CertificateReport.of(
                current.listeners().values(), current.certificates(), identity.current(), Instant.now());
    }

    @Override
    public JsonObject stalls() {
        return dataPlane.monitor().stalls();
    }

    private SnapshotPlan plan() {
        Snapshot current = dataPlane.current();
        PersistentMap<String, ClusterSpec> clusters = PersistentMap.empty();
        for (Cluster cluster : current.clusters().clusters()) {
            clusters = clusters.with(cluster.name(), withEndpoints(cluster));
        }
        return new SnapshotPlan(
                current.listeners(),
                clusters,
                current.policies(),
                current.authorization(),
                KeysInUse.NONE,
                TokensInUse.NONE,
                current.certificates(),
                current.traces(),
                current.log(),
                current.metrics(),
                List.of());
    }

    /// Discovered endpoints are no part of what was compiled.
    private static ClusterSpec withEndpoints(Cluster cluster) {
        ClusterSpec spec = cluster.spec();
        return spec.discovery() == Discovery.DISCOVERED
                ? spec.withSubset(
                        spec.subset(),
                        cluster.endpoints().asList().stream()
                                .map(Endpoint::spec)
                                .toList())
                : spec;
    }

    @Override
    public JsonObject explain(MultiMap parameters) {
        String port = parameters.get("port");
        ExplainedRequest request = Explainer.request(
                parameters.get("url"),
                orElse(parameters.get("method"), "GET"),
                parameters.getAll("header"),
                port == null ? null : Integer.valueOf(port),
                parameters.get("connect"),
                parameters.get("via"),
                new ExplainedRequest.Client(
                        parameters.get("sni"),
                        parameters.get("principal"),
                        orElse(parameters.get("sourceIp"), "127.0.0.1")));
        HeldVersions held = new HeldVersions(dataPlane.resources().faults());
        return new JsonObject(new Explainer(plan(), proxy, held)
                .refusingUnderscores(underscoresRefused)
                .explain(request)
                .json());
    }

    private static String orElse(@Nullable String value, String otherwise) {
        return value == null ? otherwise : value;
    }
}
