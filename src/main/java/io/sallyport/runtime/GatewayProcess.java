package io.sallyport.runtime;

import io.sallyport.admin.AdminView;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.source.Changes;
import io.sallyport.config.source.DirectoryWatcher;
import io.sallyport.discovery.DiscoveryStatus;
import io.sallyport.discovery.MeshDiscovery;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.CertificatesInUse;
import io.sallyport.identity.CredentialException;
import io.sallyport.identity.IdentityDirectory;
import io.sallyport.identity.IdentitySource;
import io.sallyport.identity.WorkloadIdentity;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.listener.ProxyProtocolSettings;
import io.sallyport.net.AddressRange;
import io.sallyport.reload.DiscoveredFeed;
import io.sallyport.reload.Reloader;
import io.sallyport.reload.ResourceState;
import io.sallyport.reload.ResourceState.State;
import io.sallyport.runtime.settings.LimitSettings;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsView;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.telemetry.ClusterMetrics;
import io.sallyport.telemetry.DiscoveryMetrics;
import io.sallyport.telemetry.ListenerMetrics;
import io.sallyport.tls.TlsGroups;
import io.sallyport.upstream.UpstreamLoop;
import io.sallyport.workload.EndpointSocket;
import io.sallyport.workload.IdentityService;
import io.sallyport.workload.IstioAuthority;
import io.sallyport.workload.WorkloadApi;
import io.sallyport.workload.WorkloadTokens;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A serving gateway: the data plane, and the watcher that reloads it when its directories change.
public final class GatewayProcess implements GatewayRuntime {
    private static final Logger LOG = Logger.getLogger(GatewayProcess.class);

    /// Longest wait for the first look-up of names before the first request is taken.
    private static final Duration FIRST_WARM_UP = Duration.ofSeconds(5);

    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /// Between two readings of what could not be read, or was refused for a passing reason.
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(1);

    private final Settings settings;
    private final GatewayTelemetry telemetry;
    private final @Nullable MeshDiscovery discovery;
    private final ReloadRequests reloads = new ReloadRequests(this::reloadAsked);
    private final ReloadRetry retry = new ReloadRetry(Clock.systemUTC(), reloads::askAfter, LONGEST_RETRY);
    private final ListenerRetry listening =
            new ListenerRetry(Clock.systemUTC(), delay -> reloads.after(delay, this::bindMissing));
    private final DataPlane dataPlane;
    private final GatewayStatus status;
    private final CertificateWatch certificates;
    /// Null where the identity is in files.
    private final @Nullable IdentityService identityService;

    /// Null where there is no Workload API.
    private final @Nullable WorkloadTokens tokens;

    private final AtomicReference<@Nullable DirectoryWatcher> watcher = new AtomicReference<>();
    private final ResourceReport resources = new ResourceReport();
    private Set<Problem> warned = Set.of();
    private volatile boolean started;
    private volatile boolean complete;
    private volatile boolean draining;

    public GatewayProcess(Vertx vertx, Settings settings, GatewayTelemetry telemetry) {
        this(vertx, settings, telemetry, Discoveries.of(settings));
    }

    /// @param discovery closed with this; null for none
    public GatewayProcess(
            Vertx vertx, Settings settings, GatewayTelemetry telemetry, @Nullable MeshDiscovery discovery) {
        TlsGroups.choose(settings.tls().groups());
        this.settings = settings;
        this.telemetry = telemetry;
        this.discovery = discovery;
        certificates = new CertificateWatch(
                Clock.systemUTC(),
                settings.reload().pollInterval(),
                watched(settings),
                reloads::ask,
                CertificateWatch.Notices.LOGGED);
        identityService = identityService(settings, reloads::ask);
        IdentitySource identity = identityService == null
                ? new IdentityDirectory(settings.identity().dir())
                : identityService;
        tokens = ConfigurationSources.tokens(settings);
        ServiceCatalog catalog = discovery == null ? ServiceCatalog.NONE : discovery.catalog();
        dataPlane = new DataPlane(
                vertx,
                options(settings, telemetry),
                ConfigurationSources.serving(settings, discovery, identity, tokens),
                new DiscoveredFeed(catalog, settings.clusterDomain()),
                Clock.systemUTC());
        EventLoopMonitor monitor = dataPlane.monitor();
        telemetry.configuration().loopDelays(monitor::longestOfCompile, monitor::longestOfApply);
        telemetry.configuration().retryDue(() -> retry.due() != null);
        for (State state : State.values()) {
            telemetry
                    .configuration()
                    .resources(
                            state.label(), () -> dataPlane.resources().counts().get(state));
        }
        status = new GatewayStatus(
                dataPlane,
                ConfigurationSources.proxySettings(settings),
                telemetry.egress(),
                telemetry.live(),
                discovery,
                new IdentityReport(identity, identityService, tokens),
                retry::due,
                listening,
                new HostResolution(settings.clusterDomain()),
                settings.rejectUnderscores());
    }

    /// @return null where the identity is in files
    private static @Nullable IdentityService identityService(Settings settings, Runnable onChange) {
        IstioAuthority.Settings authority = SettingsView.istioAuthority(settings);
        if (authority != null) {
            settings.identity()
                    .endpointSocket()
                    .ifPresent(socket -> LOG.infof(
                            "SPIFFE_ENDPOINT_SOCKET (%s) is passed over: sallyport.identity.ca-address is set",
                            socket));
            return new IstioAuthority(authority, onChange, Clock.systemUTC());
        }
        EndpointSocket socket =
                settings.identity().endpointSocket().map(EndpointSocket::parse).orElse(null);
        return socket == null
                ? null
                : new WorkloadApi(socket, settings.identity().hint().orElse(null), onChange, Clock.systemUTC());
    }

    @Override
    public void start() throws StartException {
        List<Path> directories = watched(settings);
        DirectoryWatcher.Timing timing =
                DirectoryWatcher.Timing.DEFAULT.withPoll(settings.reload().pollInterval());
        discover();
        identify();
        export();
        boolean all = isSynced();
        Reloader.Outcome outcome = dataPlane.reload(FIRST_WARM_UP);
        if (!outcome.applied()) {
            telemetry.configuration().refused();
            throw new StartException(lines(outcome));
        }
        applied(outcome).forEach(LOG::warn);
        awaitSecrets();
        complete = all && isSynced();
        started = true;
        watcher.set(new DirectoryWatcher(directories, this::reload, timing));
        // Includes what changed between the first read and the beginning of the watch.
        reload(Changes.ANY);
    }

    private void discover() throws StartException {
        if (discovery == null) {
            return;
        }
        discovery.start(reloads::ask);
        try {
            if (!discovery.awaitSync(settings.discovery().syncTimeout())) {
                DiscoveryStatus now = discovery.status();
                if (settings.discovery().configMap().isPresent()
                        || settings.discovery().resources()) {
                    throw new StartException(List.of("the Kubernetes API has not listed all that is to be served after "
                            + settings.discovery().syncTimeout().toMillis() + " ms: " + now.lastError()));
                }
                LOG.warnf(
                        "the Kubernetes API does not answer (%s): mesh services are looked up in DNS, and the gateway is"
                                + " not ready, until it does",
                        now.lastError());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(List.of("interrupted while waiting for the Kubernetes API"));
        }
    }

    /// Which ones there are to wait for, only the configuration says.
    private void awaitSecrets() throws StartException {
        if (discovery == null) {
            return;
        }
        try {
            if (!discovery.secrets().await(settings.discovery().syncTimeout())) {
                LOG.warnf(
                        "the Kubernetes API does not say what all of the Secrets hold (%s): the gateway is not ready"
                                + " until it does",
                        discovery.status().lastError());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(List.of("interrupted while waiting for Secrets"));
        }
    }

    private void identify() throws StartException {
        if (identityService == null) {
            return;
        }
        identityService.start(dataPlane.upstreamLoops().getFirst(), dataPlane.clusters());
        if (tokens != null) {
            tokens.start(dataPlane.upstreamLoops().getFirst(), dataPlane.clusters());
        }
        try {
            identityService.await(FIRST_WARM_UP);
            if (!identityService.isKnown()) {
                LOG.warnf("%s has given no SVID yet: the gateway is not ready until it has", identityService.service());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(List.of("interrupted while waiting for an identity"));
        }
    }

    private void export() throws StartException {
        UpstreamLoop loop = dataPlane.upstreamLoops().getLast();
        if (telemetry.logs() != null) {
            telemetry.logs().start(loop, dataPlane::current);
        }
        if (telemetry.spans() != null) {
            try {
                telemetry.spans().start(loop, dataPlane.clusters(), dataPlane::current);
            } catch (CredentialException e) {
                throw new StartException(List.of("sallyport.tracing.certificate: " + e.getMessage()));
            }
        }
        if (telemetry.metrics() != null) {
            try {
                telemetry.metrics().start(loop, dataPlane.clusters());
            } catch (CredentialException e) {
                throw new StartException(List.of("sallyport.metrics.otlp.certificate: " + e.getMessage()));
            }
        }
    }

    /// Whether what is read from elsewhere than files has been there once.
    private boolean isSynced() {
        return (discovery == null
                        || (discovery.status().synced() && discovery.secrets().isSettled()))
                && (identityService == null || identityService.isKnown());
    }

    @Override
    public boolean isComplete() {
        return complete && isWhole();
    }

    /// As far as that matters to readiness.
    private boolean isWhole() {
        Optional<Boolean> readyWithFaults = settings.config().readyWithFaults();
        if (readyWithFaults.isEmpty()) {
            return listening.hasBeenWhole();
        }
        return readyWithFaults.get()
                || (listening.unbound().isEmpty()
                        && dataPlane.resources().faults().isEmpty());
    }

    @Override
    public DiscoveryMetrics.@Nullable Sample discoverySample() {
        if (discovery == null) {
            return null;
        }
        DiscoveryStatus now = discovery.status();
        return new DiscoveryMetrics.Sample(
                now.synced(), now.connected(), now.watched(), now.services(), now.slices(), now.pods());
    }

    /// Before the start is over, it is the start that reads the configuration.
    private void reloadAsked() {
        if (started) {
            // The last refusal may have had a passing reason in a file.
            reload(retry.due() == null ? Changes.NO_FILES : Changes.ANY);
        }
    }

    /// A directory that is not there yet is awaited.
    private static List<Path> watched(Settings settings) {
        Path secrets = settings.secrets().dir();
        Path identity = settings.identity().dir();
        return settings.discovery().configMap().isPresent()
                ? List.of(secrets, identity)
                : List.of(settings.config().dir(), secrets, identity);
    }

    /// Runs on the watcher's thread, on the thread of [ReloadRequests], and once on the one that starts the
    /// process.
    private void reload(Changes changes) {
        changed(changes).run();
    }

    /// Reloads; returns what logs the outcome, to be run without this object's lock.
    private synchronized Runnable changed(Changes changes) {
        if (draining) {
            return () -> {};
        }
        boolean all = isSynced();
        Reloader.Outcome outcome = dataPlane.reload(WARM_UP, changes);
        complete |= all && !outcome.refused();
        if (outcome.unchanged()) {
            // A refused change has been taken back.
            retryLater(outcome);
            status.applied(outcome);
            return () -> {};
        }
        if (outcome.applied()) {
            List<String> warnings = applied(outcome);
            return () -> {
                warnings.forEach(LOG::warn);
                LOG.infof(
                        "generation %d is served, after %d ms",
                        outcome.current().generation(),
                        outcome.took().compile().plus(outcome.took().apply()).toMillis());
            };
        }
        return refused(outcome);
    }

    private void bindMissing() {
        boundMissing().forEach(LOG::warn);
    }

    /// Returns lines for the log, to be written without this object's lock.
    private synchronized List<String> boundMissing() {
        dataPlane.bindMissing();
        return listening.look(dataPlane.listeners());
    }

    private Runnable refused(Reloader.Outcome outcome) {
        List<String> lines = lines(outcome);
        status.refused(outcome);
        telemetry.configuration().refused();
        if (!retry.refused(lines, outcome.mayPass())) {
            return () -> {};
        }
        String then = outcome.mayPass() ? ", and it is tried again until it is applied or replaced" : "";
        return () -> LOG.errorf(
                "the changed configuration is refused, generation %d goes on%s:\n%s",
                outcome.current().generation(), then, String.join("\n", lines));
    }

    /// What could not be read of a configuration that is served may be readable soon.
    private void retryLater(Reloader.Outcome outcome) {
        if (outcome.mayPass()) {
            retry.refused(lines(outcome), true);
        } else {
            retry.settled();
        }
    }

    /// Returns what is new to be warned of: services and files may change all day, and must not repeat the same
    /// warnings.
    private List<String> applied(Reloader.Outcome outcome) {
        retryLater(outcome);
        List<ResourceState> faults = dataPlane.resources().faults();
        telemetry
                .configuration()
                .served(
                        outcome.current().generation(),
                        outcome.current().loadedAt().toEpochMilli(),
                        outcome.current().contentHash(),
                        faults.isEmpty());
        telemetry.configuration().took(outcome.took().compile(), outcome.took().apply());
        status.applied(outcome);
        CertificatesInUse inUse = outcome.current().certificates();
        certificates.watch(inUse);
        observe(inUse);
        List<String> news = resources.changes(faults);
        news.addAll(listening.look(dataPlane.listeners()));
        Set<String> told =
                faults.stream().map(fault -> String.valueOf(fault.because())).collect(Collectors.toSet());
        outcome.problems().stream()
                .filter(problem -> !warned.contains(problem))
                .map(Problem::toString)
                .filter(problem -> !told.contains(problem))
                .forEach(news::add);
        warned = Set.copyOf(outcome.problems());
        return news;
    }

    /// With the SVID that was given, whether or not anything presents it.
    private void observe(CertificatesInUse inUse) {
        Map<String, Instant> ends = inUse.ends(Instant.now());
        Map<String, Duration> lives = new HashMap<>();
        inUse.credentials().forEach((source, credential) -> lives.put(source, credential.life()));
        WorkloadIdentity given =
                identityService == null ? null : identityService.state().identity();
        if (identityService != null && given != null) {
            ends.put(identityService.name(), given.svid().end());
            lives.put(identityService.name(), given.svid().life());
        }
        telemetry.configuration().certificates(ends, lives, Clock.systemUTC());
        if (tokens != null) {
            telemetry.configuration().jwtSvids(tokens.ends().keySet(), tokens::end, Clock.systemUTC());
        }
    }

    private static List<String> lines(Reloader.Outcome outcome) {
        List<String> lines = new ArrayList<>(
                outcome.problems().stream().map(Problem::toString).toList());
        if (outcome.failure() != null) {
            lines.add(outcome.failure());
        }
        return lines;
    }

    @Override
    public long generation() {
        return dataPlane.current().generation();
    }

    @Override
    public List<String> listeners() {
        return dataPlane.listeners().addresses().keySet().stream()
                .map(Object::toString)
                .sorted()
                .toList();
    }

    @Override
    public AdminView adminView() {
        return status;
    }

    @Override
    public Collection<ListenerMetrics.Sample> listenerSamples() {
        Map<BindAddress, ListenerMetrics.Sample> samples = new LinkedHashMap<>();
        listening
                .unbound()
                .forEach(each -> samples.put(
                        each.address(),
                        new ListenerMetrics.Sample(each.address().toString(), 0, false, 0, 0, 0)));
        dataPlane
                .listeners()
                .status()
                .forEach(status -> samples.put(
                        status.address(),
                        new ListenerMetrics.Sample(
                                status.address().toString(),
                                status.sinceMillis(),
                                true,
                                status.activeConnections(),
                                status.acceptedConnections(),
                                status.shedConnections())));
        return samples.values();
    }

    @Override
    public Collection<ClusterMetrics.Sample> clusterSamples() {
        return dataPlane.current().clusters().clusters().stream()
                .map(ClusterReport::sample)
                .toList();
    }

    @Override
    public long blockedMillis() {
        return dataPlane.monitor().blockedMillis();
    }

    @Override
    public Duration loopDelay() {
        return dataPlane.monitor().longestOfLate();
    }

    @Override
    public int drain(Duration grace, BooleanSupplier undone) {
        draining = true;
        return dataPlane.drain(grace, undone);
    }

    @Override
    public int finish(Duration grace) {
        return dataPlane.finish(grace);
    }

    @Override
    public void resume() {
        dataPlane.resume();
        draining = false;
        if (started) {
            reload(Changes.ANY);
        }
    }

    @Override
    public void close() {
        stopWatching();
        if (telemetry.metrics() != null) {
            // Meanwhile the others send what they have.
            telemetry.metrics().beginClose();
        }
        if (telemetry.spans() != null) {
            telemetry.spans().close();
        }
        if (telemetry.logs() != null) {
            telemetry.logs().close();
        }
        if (telemetry.metrics() != null) {
            telemetry.metrics().close();
        }
        if (identityService != null) {
            identityService.close();
        }
        if (tokens != null) {
            tokens.close();
        }
        // Not before: requests in flight may be retried where endpoints are now.
        if (discovery != null) {
            discovery.close();
        }
        dataPlane.close();
    }

    private void stopWatching() {
        certificates.close();
        reloads.close();
        DirectoryWatcher current = watcher.getAndSet(null);
        if (current != null) {
            current.close();
        }
    }

    private static DataPlaneOptions options(Settings settings, GatewayTelemetry telemetry) {
        LimitSettings limits = settings.limits();
        ListenerSettings listeners = new ListenerSettings(
                SettingsView.httpLimits(limits),
                limits.connections(),
                limits.tlsHandshakeTimeout(),
                settings.rejectUnderscores(),
                new ProxyProtocolSettings(
                        settings.proxyProtocol().enabled(),
                        settings.proxyProtocol().allowedCidrs().orElseGet(List::of).stream()
                                .map(AddressRange::parse)
                                .toList()));
        return new DataPlaneOptions(
                SettingsView.eventLoops(settings),
                listeners,
                ConfigurationSources.proxySettings(settings),
                HttpLimits.DEFAULT,
                SettingsView.dns(settings),
                telemetry.requests(),
                telemetry.handshakes());
    }
}
