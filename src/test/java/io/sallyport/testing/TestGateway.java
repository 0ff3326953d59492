package io.sallyport.testing;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.cli.runtime.DataPlane;
import io.sallyport.cli.runtime.DataPlaneOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.http.HttpLimits;
import io.sallyport.identity.CredentialDirectory;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.policy.EgressMode;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.snapshot.BindAddress;
import io.sallyport.snapshot.ConfigurationSource;
import io.sallyport.snapshot.DiscoveredFeed;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.snapshot.Reloader;
import io.sallyport.snapshot.SecretsOnDisk;
import io.sallyport.snapshot.compile.CompileOptions;
import io.sallyport.snapshot.compile.EgressOptions;
import io.sallyport.telemetry.HandshakeMetrics;
import io.sallyport.telemetry.RequestFacts;
import io.sallyport.upstream.PoolBooks;
import io.sallyport.upstream.UpstreamLoop;
import io.sallyport.upstream.dns.DnsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A whole gateway in the test's process: real sockets, a configuration directory, a secrets directory.
///
/// Ports 80, 443, 8080, 9000, 9443 and 31400 of Gateways are bound to free ports; [#port] tells which.
public final class TestGateway implements AutoCloseable {
    /// The mesh listener, where the builder has it opened.
    public static final int MESH_PORT = 15001;

    private static final List<Integer> GATEWAY_PORTS = List.of(80, 443, 8080, 9000, 9443, MESH_PORT, 31400);

    private static final Duration WARM_UP = Duration.ofSeconds(3);

    private final Path directory;
    private final Map<Integer, Integer> ports = new HashMap<>();
    private final ConfigurationSource source;
    private final DataPlane dataPlane;
    private final ConcurrentLinkedQueue<RequestFacts> facts = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> mirrored = new ConcurrentLinkedQueue<>();
    private final MeterRegistry metrics = new SimpleMeterRegistry();

    private TestGateway(Builder builder) throws IOException {
        directory = Files.createTempDirectory("sallyport-test");
        Files.createDirectories(config());
        Files.createDirectories(secrets());
        builder.secrets.forEach((name, issued) -> secret(name, issued));
        choosePorts();
        InstanceScope scope = new InstanceScope(
                "default", "istio-system", "cluster.local", Map.of("istio", "ingressgateway"), builder.locality);
        CredentialDirectory credentials = new CredentialDirectory(secrets());
        source = new ConfigurationSource(
                config(),
                LoadOptions.DEFAULT,
                new AnalysisOptions(scope, ports, Map.of(), new SecretsOnDisk(credentials)),
                new CompileOptions(
                        scope, ports, credentials, builder.identity, "cluster.local", egress(builder), builder.catalog),
                Clock.systemUTC());
        dataPlane = new DataPlane(
                new DataPlaneOptions(
                        builder.eventLoops,
                        builder.listeners,
                        builder.proxy,
                        HttpLimits.DEFAULT,
                        builder.dns,
                        new RequestRecorder(facts, mirrored),
                        new HandshakeMetrics(metrics)),
                source,
                new DiscoveredFeed(builder.catalog, "cluster.local"),
                Clock.systemUTC());
    }

    public static Builder builder() {
        return new Builder();
    }

    /// A gateway with the defaults that serves this configuration.
    public static TestGateway serving(String yaml) {
        return builder().start(yaml);
    }

    private EgressOptions egress(Builder builder) {
        return new EgressOptions(
                builder.mesh ? port(MESH_PORT) : 0, builder.meshTls, builder.egressMode, builder.allowedCidrs);
    }

    private void choosePorts() throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        for (int port : GATEWAY_PORTS) {
            ServerSocket socket = new ServerSocket(0);
            held.add(socket);
            ports.put(port, socket.getLocalPort());
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
    }

    /// The port that is bound for a Gateway's port.
    public int port(int gatewayPort) {
        return ports.get(gatewayPort);
    }

    public Path config() {
        return directory.resolve("config");
    }

    public Path secrets() {
        return directory.resolve("secrets");
    }

    public DataPlane dataPlane() {
        return dataPlane;
    }

    /// Writes a secret as Kubernetes mounts it.
    public void secret(String name, Issued issued) {
        try {
            issued.writeSecret(secrets().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Replaces the configuration and applies it.
    public Reloader.Outcome apply(String yaml) {
        try {
            Path next = Files.writeString(directory.resolve("next.yaml"), yaml);
            Files.move(next, config().resolve("config.yaml"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reload();
    }

    /// Applies what there is now.
    public Reloader.Outcome reload() {
        return dataPlane.reload(WARM_UP);
    }

    /// What was told of the requests that have ended, oldest first.
    public List<RequestFacts> facts() {
        return List.copyOf(facts);
    }

    /// What became of copies of requests, such as `ANSWERED outbound|80||audit.internal`, oldest first.
    public List<String> mirrored() {
        return List.copyOf(mirrored);
    }

    /// Waits for the first request to end: that is told after its response is written.
    public RequestFacts firstFacts() {
        await().until(() -> !facts.isEmpty());
        return facts.peek();
    }

    /// Of handshakes.
    public MeterRegistry metrics() {
        return metrics;
    }

    /// The books of all pools of all event loops.
    public List<PoolBooks> books() {
        List<PoolBooks> books = new ArrayList<>();
        for (UpstreamLoop loop : dataPlane.upstreamLoops()) {
            books.addAll(loop.books().toCompletableFuture().join());
        }
        return books;
    }

    /// What `validate` and `explain` would read of the same directory.
    public ConfigurationSource.Read read() {
        return source.read();
    }

    /// Listeners by the Gateway's port, to see what is served.
    public ListenerSnapshot listener(int gatewayPort) {
        return dataPlane.current().listeners().get(new BindAddress("0.0.0.0", port(gatewayPort)));
    }

    @Override
    public void close() {
        dataPlane.close();
    }

    public static final class Builder {
        private int eventLoops = 1;
        private ListenerSettings listeners = ListenerSettings.DEFAULT;
        private ProxySettings proxy = ProxySettings.DEFAULT;
        private DnsSettings dns = DnsSettings.DEFAULT;
        private Path identity;
        private ServiceCatalog catalog = ServiceCatalog.NONE;
        private String locality = "";
        private boolean mesh;
        private EgressOptions.MeshTls meshTls;
        private EgressMode egressMode = EgressMode.REGISTRY_ONLY;
        private List<String> allowedCidrs = List.of("127.0.0.0/8", "::1/128");
        private final Map<String, Issued> secrets = new HashMap<>();

        public Builder eventLoops(int loops) {
            eventLoops = loops;
            return this;
        }

        public Builder listeners(ListenerSettings settings) {
            listeners = settings;
            return this;
        }

        public Builder limits(HttpLimits limits) {
            ListenerSettings before = listeners;
            listeners = new ListenerSettings(
                    limits,
                    before.connectionsPerListener(),
                    before.tlsHandshakeTimeout(),
                    before.tunnelIdleTimeout(),
                    before.rejectUnderscores(),
                    before.proxyProtocol());
            return this;
        }

        public Builder proxy(ProxySettings settings) {
            proxy = settings;
            return this;
        }

        public Builder dns(DnsSettings settings) {
            dns = settings;
            return this;
        }

        /// Names are looked up there, and nowhere else.
        public Builder dns(TestDns server) {
            return dns(server.settings());
        }

        /// Opens the mesh listener, on `port(MESH_PORT)`.
        public Builder mesh(EgressMode mode) {
            mesh = true;
            egressMode = mode;
            return this;
        }

        public Builder meshTls(EgressOptions.MeshTls tls) {
            meshTls = tls;
            return this;
        }

        /// Ranges that names may resolve to; the loopback where this is not called.
        public Builder allowedCidrs(String... ranges) {
            allowedCidrs = List.of(ranges);
            return this;
        }

        /// Where the gateway stands, `region/zone/subzone`.
        public Builder locality(String place) {
            locality = place;
            return this;
        }

        /// Services of the mesh that are discovered.
        public Builder catalog(ServiceCatalog services) {
            catalog = services;
            return this;
        }

        public Builder identity(Path svidDirectory) {
            identity = svidDirectory;
            return this;
        }

        public Builder secret(String name, Issued issued) {
            secrets.put(name, issued);
            return this;
        }

        /// @throws AssertionError with every problem where the configuration is refused
        public TestGateway start(String yaml) {
            try {
                TestGateway gateway = new TestGateway(this);
                Reloader.Outcome outcome = gateway.apply(yaml);
                if (!outcome.applied()) {
                    gateway.close();
                    throw new AssertionError("refused: " + outcome.failure() + "\n" + outcome.problems());
                }
                return gateway;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
