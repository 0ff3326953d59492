package io.sallyport.cluster;

import io.sallyport.cluster.balance.EndpointPicker;
import io.sallyport.cluster.balance.PickerFactory;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.tls.UpstreamTlsContext;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A service, or a subset of one, at run time: its endpoints and their health, shared by all event loops. Connections
/// belong to the loops ([io.sallyport.upstream.UpstreamLoop]).
public final class Cluster implements EndpointSource.Listener {
    private static final Logger LOG = Logger.getLogger(Cluster.class);

    private final ClusterSpec spec;
    private final EndpointSource source;
    private final PickerFactory pickers;
    private final @Nullable UpstreamTlsContext tls;
    private final Set<ClusterObserver> observers = new CopyOnWriteArraySet<>();
    private volatile EndpointSet endpoints = EndpointSet.EMPTY;
    private volatile EndpointPicker picker = EndpointPicker.NONE;
    private volatile CompletableFuture<?> building = CompletableFuture.completedFuture(null);
    private volatile boolean closed;
    private volatile @Nullable DestinationFacts facts;

    private final Circuit circuit;
    private final @Nullable ClusterHealth health;
    public final ClusterCounters counters;
    private final Map<List<SocketAddress>, Endpoint> before;

    /// @param tls of the spec's `tls` or `meshTls`; null where it has neither, or lacks their certificates
    /// @param before the running cluster that this one is to stand in for: the health and the age of addresses that
    ///     both have are taken over, and what is under way counts on, to an address and in limits that are the same
    public Cluster(
            ClusterSpec spec,
            EndpointSource source,
            @Nullable UpstreamTlsContext tls,
            LongSupplier nanoTime,
            @Nullable Cluster before) {
        this.spec = spec;
        this.source = source;
        this.tls = tls;
        pickers = new PickerFactory(spec, nanoTime, before == null ? EndpointSet.EMPTY : before.endpoints);
        if (before != null && before.spec.resilience().hasLimitsOf(spec.resilience())) {
            circuit = before.circuit;
            counters = before.counters;
        } else {
            circuit = new Circuit(spec.resilience(), nanoTime);
            counters = new ClusterCounters();
        }
        this.before = before == null ? Map.of() : before.byAddresses();
        health = spec.resilience().watchesHealth()
                ? new ClusterHealth(spec, nanoTime, before == null ? null : before.health)
                : null;
    }

    public void start() {
        source.start(this);
    }

    private Map<List<SocketAddress>, Endpoint> byAddresses() {
        Map<List<SocketAddress>, Endpoint> all = new HashMap<>();
        endpoints.asList().forEach(endpoint -> all.putIfAbsent(endpoint.addresses(), endpoint));
        all.remove(List.<SocketAddress>of());
        return all;
    }

    public ClusterSpec spec() {
        return spec;
    }

    public String name() {
        return spec.name();
    }

    /// Made when they are first asked for: most clusters of a large configuration have no requests.
    public DestinationFacts facts() {
        DestinationFacts made = facts;
        if (made == null) {
            made = new DestinationFacts(spec.name(), spec.host(), spec.subset(), spec.service());
            facts = made;
        }
        return made;
    }

    /// The endpoints known now.
    public EndpointSet endpoints() {
        return endpoints;
    }

    /// Completes when the first look-up of its names has succeeded or failed; at once where there is none.
    public CompletionStage<?> ready() {
        return building.isDone() && source.ready().isDone()
                ? source.ready()
                : source.ready().thenCompose(_ -> building);
    }

    /// Whether there is an endpoint that the request has not tried, and that can be reached as far as is known.
    public boolean offersAnother(RequestContext context) {
        EndpointSet current = endpoints;
        for (int i = 0; i < current.size(); i++) {
            Endpoint endpoint = current.get(i);
            if (endpoint.isAvailable() && !endpoint.isUnreachable() && !context.excludes(endpoint)) {
                return true;
            }
        }
        return false;
    }

    /// Takes a retry out of the cluster's budget.
    ///
    /// @return true where the request may be tried again; [#endRetry] must follow
    public boolean beginRetry() {
        long active = 0;
        for (Endpoint endpoint : endpoints.asList()) {
            active += endpoint.activeRequests();
        }
        return circuit.retries.begin(active, counters.requests.sum());
    }

    /// @param helped whether it was answered so that no further try is needed
    public void endRetry(boolean helped) {
        circuit.retries.end(helped);
    }

    void moveRetryWindow() {
        circuit.retries.tick(counters.requests.sum());
    }

    /// It belongs to no generation any more. Requests that began before can still be sent.
    public boolean isClosed() {
        return closed;
    }

    /// What secures connections to that endpoint: null for plain text, and where [#lacksCredentials].
    @Nullable
    public UpstreamTlsContext tls(EndpointSpec endpoint) {
        return spec.tlsTo(endpoint) == null ? null : tls;
    }

    /// TLS is due towards that endpoint, and its certificates are missing.
    public boolean lacksCredentials(EndpointSpec endpoint) {
        return tls == null && spec.tlsTo(endpoint) != null;
    }

    /// TLS is configured for all endpoints, and its certificates are missing.
    public boolean lacksCredentials() {
        return tls == null && spec.tls() != null;
    }

    /// An endpoint for the request, which counts it from now on; null where there is none.
    @Nullable
    public Endpoint pick(RequestContext context) {
        if (lacksCredentials()) {
            return null;
        }
        Endpoint endpoint = source instanceof DynamicHosts hosts
                ? available(hosts.endpoint(context.host(), context.port()))
                : picker.pick(context);
        if (endpoint == null) {
            counters.requests.increment();
            counters.noEndpoint.increment();
        } else {
            endpoint.requestStarted();
        }
        return endpoint;
    }

    private static @Nullable Endpoint available(@Nullable Endpoint endpoint) {
        return endpoint == null || !endpoint.isAvailable() ? null : endpoint;
    }

    /// What to answer where [#pick] found none.
    public ProxyException noEndpoint(RequestContext context) {
        if (lacksCredentials()) {
            return ConnectFailure.noCredentials();
        }
        ProxyException denial = source.denial(context);
        return denial == null ? ConnectFailure.noEndpoint(ConnectFailure.NO_ENDPOINT) : denial;
    }

    public Circuit circuit() {
        return circuit;
    }

    /// Null where it is not watched.
    @Nullable
    public ClusterHealth health() {
        return health;
    }

    /// Asks the event loops for an idle connection, because a pool has none and may not make one.
    public void reclaimConnection() {
        observers.forEach(ClusterObserver::onConnectionWanted);
    }

    @Override
    public void adopt(Endpoint endpoint) {
        if (endpoint.countIn(counters.requests)) {
            endpoint.countActiveWith(before.get(endpoint.addresses()));
        }
        if (!circuit.requests.isUnlimited()) {
            endpoint.limit(circuit.requests);
        }
        if (health != null) {
            health.adopt(endpoint);
        }
    }

    /// A large hash table is made elsewhere: this thread may be an event loop's. Until then the endpoints stay
    /// what they were.
    @Override
    public void endpointsFound(EndpointSet found) {
        if (building.isDone() && !pickers.isCostly(found)) {
            serve(found, pickers.of(found));
        } else {
            // Also where one before it has failed, for want of memory.
            building = building.handleAsync((_, _) -> serveByTable(found));
        }
    }

    private @Nullable Void serveByTable(EndpointSet found) {
        try {
            serve(found, pickers.of(found));
            return null;
        } catch (RuntimeException | Error failure) {
            LOG.errorf("%s: its hash table cannot be made; its endpoints stay as they were: %s", name(), failure);
            throw failure;
        }
    }

    private void serve(EndpointSet found, EndpointPicker chosenBy) {
        found.asList().forEach(this::adopt);
        if (health != null) {
            health.endpoints(found.asList());
        }
        endpoints = found;
        picker = chosenBy;
        observers.forEach(ClusterObserver::onChanged);
    }

    /// Stops looking up names and lets every event loop drain its connections.
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        source.close();
        observers.forEach(ClusterObserver::onChanged);
    }

    /// Notifies the observer of every change from now on; it has to look itself, afterwards, for what changed before.
    public void observe(ClusterObserver observer) {
        observers.add(observer);
    }

    public void forget(ClusterObserver observer) {
        observers.remove(observer);
    }

    public ClusterStatus status() {
        EndpointSet current = endpoints;
        long active = 0;
        List<ClusterStatus.EndpointStatus> all = new ArrayList<>(current.size());
        for (Endpoint endpoint : current.asList()) {
            active += endpoint.activeRequests();
            all.add(endpoint.status());
        }
        return new ClusterStatus(
                spec,
                closed,
                active,
                counters.requests.sum(),
                counters.connections.sum(),
                counters.connectFailures.sum(),
                counters.connectTimeouts.sum(),
                counters.tlsFailures.sum(),
                counters.noEndpoint.sum(),
                circuit.status(),
                health == null ? null : health.outlierStatus(),
                List.copyOf(all));
    }

    @Override
    public String toString() {
        return spec.name();
    }
}
