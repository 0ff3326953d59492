package io.sallyport.cli.runtime;

import io.netty.channel.EventLoop;
import io.sallyport.admin.AdminView;
import io.sallyport.cli.settings.LimitSettings;
import io.sallyport.cli.settings.Settings;
import io.sallyport.cli.settings.SettingsView;
import io.sallyport.config.Changes;
import io.sallyport.config.DirectoryWatcher;
import io.sallyport.config.problem.Problem;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.AddressRange;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.listener.ProxyProtocolSettings;
import io.sallyport.snapshot.ConfigurationSource;
import io.sallyport.snapshot.Reloader;
import io.sallyport.telemetry.ClusterSample;
import io.sallyport.telemetry.ListenerSample;
import io.sallyport.upstream.dns.DnsSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A serving gateway: the data plane, and the watcher that brings changes of its directories to it.
public final class GatewayProcess implements GatewayRuntime {
    private static final Logger LOG = Logger.getLogger(GatewayProcess.class);

    /// Before the first request is taken, names get this long to be looked up.
    private static final Duration FIRST_WARM_UP = Duration.ofSeconds(5);

    private static final Duration WARM_UP = Duration.ofSeconds(1);
    private static final long TUNNEL_IDLE_HOURS = 1;

    private final Settings settings;
    private final GatewayTelemetry telemetry;
    private final DataPlane dataPlane;
    private final GatewayStatus status;
    private final AtomicReference<@Nullable DirectoryWatcher> watcher = new AtomicReference<>();
    private Set<Problem> warned = Set.of();

    public GatewayProcess(Settings settings, GatewayTelemetry telemetry) {
        this.settings = settings;
        this.telemetry = telemetry;
        ConfigurationSource source = ConfigurationSources.of(
                settings, settings.config().dir(), settings.secrets().dir());
        dataPlane = new DataPlane(options(settings, telemetry), source, Clock.systemUTC());
        status = new GatewayStatus(dataPlane, ConfigurationSources.proxySettings(settings), telemetry.egress());
    }

    @Override
    public void start() throws StartException {
        List<Path> directories = watched();
        DirectoryWatcher.Timing timing =
                DirectoryWatcher.Timing.DEFAULT.withPoll(settings.reload().pollInterval());
        Reloader.Outcome outcome = dataPlane.reload(FIRST_WARM_UP);
        if (!outcome.applied()) {
            telemetry.configuration().refused();
            throw new StartException(lines(outcome));
        }
        applied(outcome);
        watcher.set(new DirectoryWatcher(directories, this::reload, timing));
        // What changed between the first read and the watch is not lost.
        reload(Changes.ANY);
    }

    /// A directory that is not there yet is awaited.
    private List<Path> watched() {
        return List.of(
                settings.config().dir(),
                settings.secrets().dir(),
                settings.identity().dir());
    }

    /// On the watcher's thread, and once on the starting one.
    private synchronized void reload(Changes changes) {
        Reloader.Outcome outcome = dataPlane.reload(WARM_UP, changes);
        if (outcome.unchanged()) {
            // A refused change has been taken back.
            status.applied(outcome);
            return;
        }
        if (outcome.applied()) {
            applied(outcome);
            LOG.infof(
                    "generation %d is served, after %d ms",
                    outcome.current().generation(),
                    outcome.took().compile().plus(outcome.took().apply()).toMillis());
        } else {
            telemetry.configuration().refused();
            status.refused(outcome);
            LOG.errorf(
                    "the changed configuration is refused, generation %d goes on:\n%s",
                    outcome.current().generation(), String.join("\n", lines(outcome)));
        }
    }

    private void applied(Reloader.Outcome outcome) {
        telemetry
                .configuration()
                .served(
                        outcome.current().generation(),
                        outcome.current().loadedAt().toEpochMilli());
        telemetry.configuration().took(outcome.took().compile(), outcome.took().apply());
        status.applied(outcome);
        Set<Problem> warnings = Set.copyOf(outcome.problems());
        // What was said of the last generation is not said again of each that follows.
        outcome.problems().stream().filter(problem -> !warned.contains(problem)).forEach(problem -> LOG.warn(problem));
        warned = warnings;
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
    public Collection<ListenerSample> listenerSamples() {
        return dataPlane.listeners().status().stream()
                .map(status -> new ListenerSample(
                        status.address().toString(),
                        status.activeConnections(),
                        status.acceptedConnections(),
                        status.shedConnections()))
                .toList();
    }

    @Override
    public Collection<ClusterSample> clusterSamples() {
        return dataPlane.current().clusters().clusters().stream()
                .map(ClusterReport::sample)
                .toList();
    }

    @Override
    public Collection<EventLoop> eventLoops() {
        return dataPlane.eventLoops();
    }

    @Override
    public void drain(Duration grace) {
        stopWatching();
        int left = dataPlane.drain(grace);
        if (left > 0) {
            LOG.warnf("%d connections were still open when the grace of %s was over", left, grace);
        }
    }

    @Override
    public void close() {
        stopWatching();
        dataPlane.close();
    }

    private void stopWatching() {
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
                Duration.ofHours(TUNNEL_IDLE_HOURS),
                settings.rejectUnderscores(),
                new ProxyProtocolSettings(
                        settings.proxyProtocol().enabled(),
                        settings.proxyProtocol().allowedCidrs().orElseGet(List::of).stream()
                                .map(range -> AddressRange.parse(range).rule())
                                .toList()));
        return new DataPlaneOptions(
                settings.eventLoops(),
                listeners,
                ConfigurationSources.proxySettings(settings),
                HttpLimits.DEFAULT,
                DnsSettings.DEFAULT,
                telemetry.requests(),
                telemetry.handshakes());
    }
}
