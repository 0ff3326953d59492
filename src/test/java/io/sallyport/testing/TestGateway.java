package io.sallyport.testing;

import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.compile.CompileOptions;
import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.identity.CredentialDirectory;
import io.sallyport.identity.IdentityDirectory;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.reload.Reloader;
import io.sallyport.reload.StoredSecrets;
import io.sallyport.runtime.DataPlane;
import io.sallyport.runtime.settings.TracingView;
import io.sallyport.snapshot.ListenerSnapshot;
import io.sallyport.trace.TraceDefaults;
import io.sallyport.upstream.PoolUsage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.opentest4j.TestAbortedException;

/// A whole gateway: real sockets, a configuration directory, a secrets directory. It runs in the test's own process or,
/// with the system property `test.program=true`, as the program that was built. What only the first can be
/// asked for skips the test in the second.
///
/// Ports 80, 443, 8080, 9000, 9443 and 31400 of Gateways are bound to free ports; [#port] tells which.
public abstract class TestGateway implements AutoCloseable {
    /// The mesh listener, where the builder has it opened.
    public static final int MESH_PORT = 15001;

    private static final List<Integer> GATEWAY_PORTS = List.of(80, 443, 8080, 9000, 9443, MESH_PORT, 31400);

    final Map<Integer, Integer> ports = new HashMap<>();
    int healthPort;
    int adminPort;
    final ConfigurationSource source;
    private final Path directory;

    TestGateway(GatewayBuilder builder) throws IOException {
        directory = Files.createTempDirectory("sallyport-test");
        Files.createDirectories(config());
        Files.createDirectories(secrets());
        builder.secrets.forEach(this::secret);
        builder.prepared.prepare(secrets());
        choosePorts();
        InstanceScope scope = builder.scope();
        CredentialDirectory credentials = new CredentialDirectory(secrets());
        source = new ConfigurationSource(
                new ConfigurationLoader(config(), LoadOptions.DEFAULT),
                new AnalysisOptions(scope, ports, Map.of(), new StoredSecrets(credentials)),
                new CompileOptions(
                                scope,
                                ports,
                                credentials,
                                new IdentityDirectory(identity(builder)),
                                "cluster.local",
                                builder.egress(port(MESH_PORT)),
                                builder.catalog)
                        .withPaths(builder.proxy.paths())
                        .withTrustDomainAliases(builder.trustDomainAliases)
                        .withTraces(
                                builder.tracing.isEmpty()
                                        ? TraceDefaults.NONE
                                        : TracingView.defaults(builder.settings())),
                Clock.systemUTC(),
                builder.onError);
    }

    /// The program always has a directory of its identity, which need not exist.
    final Path identity(GatewayBuilder builder) {
        return builder.identity == null ? directory.resolve("no-identity") : builder.identity;
    }

    public static GatewayBuilder builder() {
        return new GatewayBuilder();
    }

    /// A gateway with the defaults that serves this configuration.
    public static TestGateway serving(String yaml) {
        return builder().start(yaml);
    }

    private void choosePorts() {
        for (int port : GATEWAY_PORTS) {
            ports.put(port, FreePort.number());
        }
        healthPort = FreePort.number();
        adminPort = FreePort.number();
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

    /// Writes a secret as Kubernetes mounts it.
    public void secret(String name, Issued issued) {
        try {
            issued.writeSecret(secrets().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts with this configuration.
    abstract TestGateway serve(String yaml) throws IOException;

    void write(String yaml) {
        try {
            Path next = Files.writeString(directory.resolve("next.yaml"), yaml);
            Files.move(next, config().resolve("config.yaml"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Replaces the configuration and applies it.
    public Reloader.Outcome apply(String yaml) {
        write(yaml);
        return reload();
    }

    /// Applies what there is now.
    public abstract Reloader.Outcome reload();

    /// Number of the configuration that is served.
    public abstract long generation();

    /// What was told of the requests that have ended, oldest first. Of a program it is what its access log has.
    public abstract List<RequestFacts> facts();

    /// Waits for the first request to end: that is told after its response is written.
    public RequestFacts firstFacts() {
        await().until(() -> !facts().isEmpty());
        return facts().getFirst();
    }

    /// The usage of all pools of all event loops; of a program, a line for each cluster.
    public abstract List<PoolUsage> usage();

    /// What `validate` and `explain` would read of the same directory.
    public ConfigurationSource.Read read() {
        return source.read();
    }

    private static TestAbortedException outside(String what) {
        return new TestAbortedException("only in the test's process: " + what);
    }

    /// What comes next in the test is to be seen only in the test's process.
    public void assumeSeen(String what) {
        throw outside(what);
    }

    /// Only in the test's process.
    public DataPlane dataPlane() {
        throw outside("the gateway's objects");
    }

    /// What became of copies of requests, such as `ANSWERED outbound|80||audit.internal`, oldest first. Only in the
    /// test's process.
    public List<String> mirrored() {
        throw outside("what became of each copy");
    }

    /// What became of questions to authorizers, such as `DENIED opa`, oldest first. Only in the test's process.
    public List<String> authorizations() {
        throw outside("what became of each question");
    }

    /// Of handshakes. Only in the test's process.
    public MeterRegistry metrics() {
        throw outside("the registry of metrics");
    }

    /// Listeners by the Gateway's port, to see what is served. Only in the test's process.
    public ListenerSnapshot listener(int gatewayPort) {
        throw outside("the snapshot that is served");
    }

    @Override
    public abstract void close();
}
