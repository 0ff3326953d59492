package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.runtime.StartException;
import io.sallyport.telemetry.ListenerMetrics;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.LoggedLines;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsPeer;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What fails for a passing reason concerns its listener, file, server or cluster alone, and is tried again though
/// nothing in the directories changes.
@Timeout(120)
class PassingReasonsTest {
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final Issued A = AUTHORITY.leaf("a").dns("a.example").issue();
    private static final Issued CLIENT = AUTHORITY
            .leaf("client")
            .uri("spiffe://cluster.local/ns/web/sa/shop")
            .clientUse()
            .issue();

    @TempDir
    private Path directory;

    private Path config;
    private final int port = BuiltProgram.freePort();
    private final Map<String, String> settings = new HashMap<>();
    private GatewayProcess gateway;

    @RegisterExtension
    final LoggedLines log = new LoggedLines(GatewayProcess.class.getName(), Level.ALL);

    @BeforeEach
    void prepare() throws IOException {
        config = Files.createDirectory(directory.resolve("config"));
        settings.put("sallyport.config.dir", config.toString());
        settings.put("sallyport.secrets.dir", directory.resolve("secrets").toString());
        settings.put("sallyport.identity.dir", directory.resolve("identity").toString());
        settings.put("sallyport.port-map.80", Integer.toString(port));
        // Whatever comes of it comes by itself.
        settings.put("sallyport.reload.poll-interval", "1h");
        write("first.yaml", Yaml.answering("first"));
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start() throws Exception {
        gateway = TestProcess.create(new SimpleMeterRegistry(), settings);
        gateway.start();
    }

    private void write(String file, String text) throws IOException {
        Path next = Files.writeString(directory.resolve("next"), text);
        Files.move(next, config.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    /// A Gateway of its own, which answers every request by itself.
    private static String answering(String name, int port, String bind) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: %s}
                spec:
                  servers: [{port: {number: %d, name: http, protocol: HTTP}, hosts: ["*"]%s}]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s}
                spec:
                  hosts: ["*"]
                  gateways: [%s]
                  http: [{directResponse: {status: 200, body: {string: %s}}}]
                """.formatted(name, port, bind.isEmpty() ? "" : ", bind: " + bind, name, name, name);
    }

    private static String ask(int port) throws IOException {
        return ask(port, "shop.example");
    }

    private static String ask(int port, String host) throws IOException {
        return RawClient.exchange(port, "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private JsonObject listener(int bound) {
        return gateway.adminView().listeners().stream()
                .map(JsonObject.class::cast)
                .filter(row -> row.getString("bind").equals("0.0.0.0:" + bound))
                .findFirst()
                .orElseThrow();
    }

    private ListenerMetrics.Sample sample(int bound) {
        return gateway.listenerSamples().stream()
                .filter(sample -> sample.listener().equals("0.0.0.0:" + bound))
                .findFirst()
                .orElseThrow();
    }

    private JsonArray unbound() {
        return gateway.adminView().resources(false).getJsonArray("unboundListeners");
    }

    private long logged(String part) {
        return log.all().stream().filter(line -> line.contains(part)).count();
    }

    private ServerSocket taken() throws IOException {
        ServerSocket other = new ServerSocket(0);
        settings.put("sallyport.port-map.81", Integer.toString(other.getLocalPort()));
        return other;
    }

    @ParameterizedTest
    @CsvSource({"'', false", "true, true", "false, false"})
    void aPortInUseAtTheStartConcernsItsListenerAlone(String readyWithFaults, boolean ready) throws Exception {
        settings.put("sallyport.config.ready-with-faults", readyWithFaults);
        write("second.yaml", answering("second", 81, ""));
        try (ServerSocket other = taken()) {
            int second = other.getLocalPort();
            start();

            assertThat(ask(port)).endsWith("first");
            assertThat(gateway.isComplete()).isEqualTo(ready);
            assertThat(gateway.listeners()).containsExactly("0.0.0.0:" + port);
            String because = "cannot listen on 0.0.0.0:" + second + ": ";
            assertThat(listener(port).getBoolean("bound")).isTrue();
            assertThat(listener(second).getBoolean("bound")).isFalse();
            assertThat(listener(second).getString("because"))
                    .startsWith(because)
                    .contains("in use", "sallyport.port-map.81=<port>");
            assertThat(listener(second).getString("since")).isNotEmpty();
            assertThat(unbound().getJsonObject(0).getString("bind")).isEqualTo("0.0.0.0:" + second);
            assertThat(gateway.adminView().status().getJsonArray("unboundListeners"))
                    .isEqualTo(unbound());
            assertThat(sample(port).bound()).isTrue();
            assertThat(sample(second).bound()).isFalse();
            assertThat(logged(because)).isOne();

            other.close();
            await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().until(() -> ask(second)
                    .endsWith("second"));
            await().until(() -> logged("listening on 0.0.0.0:" + second + " from now on") == 1);
            assertThat(logged(because)).as("told once").isOne();
            assertThat(gateway.isComplete()).isTrue();
            assertThat(gateway.generation()).isOne();
            assertThat(unbound()).isEmpty();
            assertThat(listener(second).getBoolean("bound")).isTrue();
            assertThat(sample(second).bound()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"'', true", "true, true", "false, false"})
    void aPortInUseAtAChangeConcernsItsListenerAlone(String readyWithFaults, boolean ready) throws Exception {
        settings.put("sallyport.config.ready-with-faults", readyWithFaults);
        try (ServerSocket other = taken()) {
            int second = other.getLocalPort();
            start();
            assertThat(gateway.isComplete()).isTrue();

            write("second.yaml", answering("second", 81, "") + "---\n" + Yaml.virtualService("b.example", """
                    - directResponse: {status: 200, body: {string: new}}
                    """));
            await().until(() -> ask(port, "b.example").endsWith("new"));
            assertThat(gateway.isComplete()).isEqualTo(ready);
            assertThat(unbound()).hasSize(1);

            other.close();
            await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().until(() -> ask(second)
                    .endsWith("second"));
            await().until(gateway::isComplete);
            assertThat(gateway.generation()).isEqualTo(2);
        }
    }

    @Test
    void aListenerThatGoesMeanwhileIsNotBound() throws Exception {
        write("second.yaml", answering("second", 81, ""));
        try (ServerSocket other = taken()) {
            start();
            assertThat(gateway.isComplete()).isFalse();

            Files.delete(config.resolve("second.yaml"));

            await().until(gateway::isComplete);
            assertThat(unbound()).isEmpty();
            assertThat(logged("from now on")).isZero();
            other.close();
            try (ServerSocket again = new ServerSocket(other.getLocalPort())) {
                assertThat(again.isBound()).isTrue();
            }
        }
    }

    @Test
    void aStartWithoutAnyListenerEndsWithWhatWouldMendIt() throws Exception {
        try (ServerSocket other = new ServerSocket(port)) {
            assertThatThrownBy(this::start)
                    .isInstanceOfSatisfying(StartException.class, refused -> assertThat(refused.problems())
                            .singleElement()
                            .asString()
                            .startsWith("cannot listen on 0.0.0.0:" + other.getLocalPort() + ": ")
                            .contains("in use", "sallyport.port-map.80=<port>"));
        }
    }

    @Test
    void aChangeThatLeavesNoListenerIsRefusedAndAppliedOnceOneIsFree() throws Exception {
        try (ServerSocket other = taken()) {
            start();
            write("first.yaml", answering("second", 81, ""));
            await().until(() -> gateway.adminView().status().getString("retryDue") != null);
            assertThat(ask(port)).endsWith("first");
            assertThat(gateway.generation()).isOne();
            assertThat(gateway.adminView().status().getJsonObject("refused").getString("failure"))
                    .contains("sallyport.port-map.81=<port>");

            other.close();
            await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().until(() -> ask(other.getLocalPort())
                    .endsWith("second"));
        }
    }

    @Test
    void twoListenersOfOnePortAreBoundTogetherAndEachKeepsItsOwn() throws Exception {
        write("first.yaml", answering("any", 80, "") + "---\n" + answering("own", 80, "127.0.0.2"));
        start();

        assertThat(unbound()).isEmpty();
        assertThat(ask(port)).endsWith("any");
        try (var client = new Socket(InetAddress.ofLiteral("127.0.0.2"), port)) {
            client.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .endsWith("own");
        }
    }

    @Test
    void twoServersSwapTheirPorts() throws Exception {
        int second = BuiltProgram.freePort();
        settings.put("sallyport.port-map.81", Integer.toString(second));
        write("first.yaml", answering("a", 80, "") + "---\n" + answering("b", 81, ""));
        start();
        assertThat(ask(port)).endsWith("a");

        write("first.yaml", answering("a", 81, "") + "---\n" + answering("b", 80, ""));

        await().until(() -> ask(port).endsWith("b"));
        assertThat(ask(second)).endsWith("a");
        assertThat(unbound()).isEmpty();
    }

    /// A link that leads to itself: even the superuser cannot open it.
    private Path loop(Path link) throws IOException {
        Path elsewhere = directory.resolve("elsewhere");
        Files.createSymbolicLink(elsewhere, elsewhere);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, elsewhere);
        return elsewhere;
    }

    private void mend(Path elsewhere, String content) throws IOException {
        Path whole = Files.writeString(directory.resolve("whole"), content);
        Files.move(whole, elsewhere, StandardCopyOption.ATOMIC_MOVE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatCannotBeOpenedIsReadOnceItCan(boolean atTheStart) throws Exception {
        Path elsewhere = null;
        if (atTheStart) {
            elsewhere = loop(config.resolve("second.yaml"));
        }
        start();
        if (!atTheStart) {
            elsewhere = loop(config.resolve("second.yaml"));
        }
        await().until(() -> gateway.adminView().status().getString("retryDue") != null);
        // At the first start nobody knows whom it would have protected.
        assertThat(ask(port)).contains(atTheStart ? "403 Forbidden" : "first");

        mend(elsewhere, Yaml.virtualService("b.example", "- directResponse: {status: 200, body: {string: read}}"));

        await().atMost(30, TimeUnit.SECONDS).until(() -> ask(port, "b.example").endsWith("read"));
        assertThat(ask(port)).endsWith("first");
        await().until(() -> gateway.adminView().status().getString("retryDue") == null);
    }

    private int secured(String mode) throws IOException {
        int https = BuiltProgram.freePort();
        settings.put("sallyport.port-map.443", Integer.toString(https));
        A.writeSecret(directory.resolve("secrets").resolve("a"));
        write("secured.yaml", """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: secured}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["a.example"]
                    tls: {mode: %s, credentialName: a}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: secured}
                spec:
                  hosts: ["a.example"]
                  gateways: [secured]
                  http: [{directResponse: {status: 200, body: {string: secured}}}]
                """.formatted(mode));
        return https;
    }

    private static boolean serves(int https) throws IOException {
        try (TlsPeer client = TlsPeer.client(https, "a.example", "TLSv1.3", "http/1.1")) {
            client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
            return client.readUntil("secured").startsWith("HTTP/1.1 200 ");
        } catch (TlsFatalAlertReceived refused) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls.key", "tls.crt"})
    void aSecretThatCannotBeOpenedIsReadOnceItCan(String file) throws Exception {
        int https = secured("SIMPLE");
        Path part = directory.resolve("secrets").resolve("a").resolve(file);
        String whole = Files.readString(part);
        Path elsewhere = loop(part);
        start();
        assertThat(serves(https)).isFalse();
        assertThat(ask(port)).endsWith("first");
        assertThat(gateway.adminView().resources(false).getJsonArray("problems").encode())
                .contains("SAL4001", file + ": cannot be read");
        assertThat(gateway.adminView().status().getString("retryDue")).isNotNull();
        assertThat(gateway.generation()).as("each look gives the same").isOne();

        mend(elsewhere, whole);

        await().atMost(30, TimeUnit.SECONDS).until(() -> serves(https));
        await().until(() -> gateway.adminView().status().getString("retryDue") == null);
        assertThat(gateway.generation()).isEqualTo(2);
    }

    /// Passed over it would let in whom it refuses.
    @Test
    void aRevocationListThatCannotBeOpenedLetsNobodyIn() throws Exception {
        int https = secured("MUTUAL");
        Path list = directory.resolve("secrets").resolve("a").resolve("ca.crl");
        loop(list);
        start();
        assertThat(mutual(https)).isEqualTo("refused");

        Files.delete(list);
        await().atMost(30, TimeUnit.SECONDS).until(() -> mutual(https).endsWith("secured"));
    }

    private static String mutual(int https) throws Exception {
        var context = TlsClients.of(CLIENT, AUTHORITY);
        try (var client = new RawClient(context.getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), https), "a.example", https, true))) {
            return client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").readResponse();
        } catch (IOException refused) {
            return "refused";
        }
    }

    /// A directory among the secrets that leads back to one above it, as a mistaken mount does.
    @Test
    void aLoopOfDirectoriesAmongTheSecretsIsNoChange() throws Exception {
        int https = secured("SIMPLE");
        Path secrets = directory.resolve("secrets");
        Files.createSymbolicLink(secrets.resolve("a").resolve("back"), secrets);
        start();
        assertThat(serves(https)).isTrue();

        write("more.yaml", Yaml.virtualService("b.example", "- directResponse: {status: 200, body: {string: more}}"));

        await().until(() -> ask(port, "b.example").endsWith("more"));
        assertThat(gateway.generation()).isEqualTo(2);
    }

    @Test
    void aResolverThatIsAwayConcernsItsClusterAlone() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestDns dns = new TestDns().silent("up.example")) {
            settings.put("sallyport.dns.servers", "127.0.0.1:" + dns.address().getPort());
            settings.put("sallyport.egress.allowed-cidrs", "127.0.0.0/8");
            write("named.yaml", """
                    apiVersion: networking.istio.io/v1
                    kind: ServiceEntry
                    metadata: {name: up}
                    spec:
                      hosts: [up.example]
                      resolution: DNS
                      ports: [{number: 80, name: http, protocol: HTTP, targetPort: %d}]
                    ---
                    """.formatted(upstream.port()) + Yaml.forwardAll("b.example", "up.example"));
            start();

            assertThat(ask(port)).endsWith("first");
            assertThat(ask(port, "b.example")).startsWith("HTTP/1.1 503 ");
            write("more.yaml", Yaml.virtualService("c.example", "- directResponse: {status: 200, body: {string: c}}"));
            await().until(() -> ask(port, "c.example").endsWith("c"));

            dns.addresses("up.example", 60, "127.0.0.1");
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> ask(port, "b.example").endsWith("up"));
        }
    }
}
