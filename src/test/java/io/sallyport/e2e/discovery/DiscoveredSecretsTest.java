package io.sallyport.e2e.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.discovery.kubernetes.KubernetesDiscovery;
import io.sallyport.identity.SecretContent;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestPem;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsPeer;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Secrets that resources name, followed through an API server that comes, goes and changes its mind.
@Timeout(120)
class DiscoveredSecretsTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration LATER = Duration.ofSeconds(30);
    private static final TestCertificates AUTHORITY = TestCertificates.authority("test root");
    private static final Issued A = issued("a");
    private static final Issued B = issued("b");
    private static final Issued CLIENT = AUTHORITY
            .leaf("client")
            .uri("spiffe://cluster.local/ns/web/sa/shop")
            .clientUse()
            .issue();

    @TempDir
    Path directory;

    private Path config;
    private final MeshApi api = new MeshApi();
    private final int http = BuiltProgram.freePort();
    private final int https = BuiltProgram.freePort();
    private final Map<String, String> settings = new HashMap<>();
    private GatewayProcess process;

    private static Issued issued(String name) {
        return AUTHORITY.leaf(name).dns(name + ".example").issue();
    }

    @BeforeEach
    void prepare() throws IOException {
        config = Files.createDirectory(directory.resolve("config"));
        settings.putAll(Map.of(
                "sallyport.config.dir", config.toString(),
                "sallyport.secrets.dir", directory.resolve("secrets").toString(),
                "sallyport.identity.dir", directory.resolve("none").toString(),
                "sallyport.namespace", "edge",
                "sallyport.port-map.80", Integer.toString(http),
                "sallyport.port-map.443", Integer.toString(https),
                "sallyport.event-loops", "1",
                "sallyport.discovery.sync-timeout", "5s",
                "sallyport.discovery.secrets", "true"));
        write("plain.yaml", Yaml.answering("plain"));
    }

    @AfterEach
    void close() {
        if (process != null) {
            process.close();
        }
        api.close();
    }

    private void start() throws Exception {
        process = TestProcess.create(
                new SimpleMeterRegistry(),
                settings,
                new KubernetesDiscovery(api.client(), false, null, SecretContent.KEYS, false));
        process.start();
    }

    private void write(String file, String text) throws IOException {
        Path next = Files.writeString(directory.resolve("next"), text);
        Files.move(next, config.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    /// A Gateway for `name.example`, whose certificate is in a secret of that name.
    private static String secured(String name, String namespace, String mode) {
        return secured(name, namespace, mode, name);
    }

    private static String secured(String name, String namespace, String mode, String credential) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["%1$s.example"]
                    tls: {mode: %3$s, credentialName: "%4$s"}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  hosts: ["%1$s.example"]
                  gateways: [%1$s]
                  http: [{directResponse: {status: 200, body: {string: secured}}}]
                """.formatted(name, namespace, mode, credential);
    }

    private static HasMetadata secret(String namespace, String name, Map<String, String> texts) {
        Map<String, String> data = new HashMap<>();
        texts.forEach((key, text) ->
                data.put(key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.ISO_8859_1))));
        return encoded(namespace, name, data);
    }

    private static HasMetadata encoded(String namespace, String name, Map<String, String> data) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withData(data)
                .build();
    }

    private static HasMetadata tls(String namespace, String name, Issued issued) {
        return secret(
                namespace,
                name,
                Map.of(
                        "tls.crt", issued.chainPem(),
                        "tls.key", issued.keyPem(),
                        "ca.crt", TestPem.certificates(List.of(issued.root()))));
    }

    private boolean serves(String host, Issued certificate) throws IOException {
        try (TlsPeer client = TlsPeer.client(https, host, "TLSv1.3", "http/1.1")) {
            client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            return client.readUntil("secured").startsWith("HTTP/1.1 200 ") && client.isServedBy(certificate);
        } catch (TlsFatalAlertReceived refused) {
            return false;
        }
    }

    private String plain() throws IOException {
        return RawClient.exchange(http, "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    }

    private String problems() {
        return process.adminView().resources(false).getJsonArray("problems").encode();
    }

    @Test
    void aNewHostNeedsNothingButItsGatewayAndItsSecret() throws Exception {
        api.put(tls("edge", "a", A));
        write("a.yaml", secured("a", "edge", "SIMPLE"));
        start();
        assertThat(process.isComplete()).isTrue();
        assertThat(serves("a.example", A)).isTrue();
        assertThat(problems()).doesNotContain("SAL3017", "SAL4001");

        api.put(tls("edge", "b", B));
        write("b.yaml", secured("b", "edge", "SIMPLE"));

        await().atMost(SOON).until(() -> serves("b.example", B));
        assertThat(serves("a.example", A)).isTrue();
    }

    @Test
    void aSecretMayComeLaterAndIsRotated() throws Exception {
        write("a.yaml", secured("a", "edge", "SIMPLE"));
        start();
        assertThat(process.isComplete())
                .as("the API has said that there is none")
                .isTrue();
        assertThat(serves("a.example", A)).isFalse();
        assertThat(problems()).contains("SAL3017");
        assertThat(plain()).endsWith("plain");

        api.put(tls("edge", "a", A));
        await().atMost(SOON).until(() -> serves("a.example", A));
        assertThat(problems()).doesNotContain("SAL3017");

        Issued renewed = issued("a");
        api.put(tls("edge", "a", renewed));
        await().atMost(SOON).until(() -> serves("a.example", renewed));
    }

    @Test
    void oneThatDisappearsOrBreaksIsServedOnAndOthersAreFollowed() throws Exception {
        api.put(tls("edge", "a", A));
        api.put(tls("edge", "b", B));
        write("a.yaml", secured("a", "edge", "SIMPLE"));
        write("b.yaml", secured("b", "edge", "SIMPLE"));
        start();
        assertThat(serves("a.example", A)).isTrue();

        api.delete(tls("edge", "a", A));
        await().atMost(SOON).until(() -> problems().contains("SAL3017"));
        assertThat(serves("a.example", A)).isTrue();

        api.put(encoded("edge", "a", Map.of("tls.crt", "%%%", "tls.key", "%%%")));
        await().atMost(SOON).until(() -> problems().contains("Secret edge/a: holds no base64 in tls.crt"));
        assertThat(serves("a.example", A)).isTrue();

        api.put(secret("edge", "a", Map.of("tls.crt", "no certificate", "tls.key", B.keyPem())));
        await().atMost(SOON).until(() -> problems().contains("Secret edge/a: tls.crt"));
        assertThat(serves("a.example", A)).isTrue();

        api.put(secret("edge", "a", Map.of("tls.crt", "x".repeat(2_000_000), "tls.key", B.keyPem())));
        await().atMost(SOON).until(() -> problems().contains("has more than 1 MiB in tls.crt"));
        assertThat(serves("a.example", A)).isTrue();

        Issued renewed = issued("b");
        api.put(tls("edge", "b", renewed));
        await().atMost(SOON).until(() -> serves("b.example", renewed));

        Issued mended = issued("a");
        api.put(tls("edge", "a", mended));
        await().atMost(SOON).until(() -> serves("a.example", mended));
        assertThat(problems()).doesNotContain("SAL4001");
    }

    @Test
    void whileTheApiIsAwayTheLastOnesAreServed() throws Exception {
        api.put(tls("edge", "a", A));
        write("a.yaml", secured("a", "edge", "SIMPLE"));
        start();
        assertThat(serves("a.example", A)).isTrue();

        api.stop();
        await().atMost(LATER).until(() -> !discovery().getBoolean("connected"));
        write("plain.yaml", Yaml.answering("changed"));
        await().atMost(SOON).until(() -> plain().endsWith("changed"));
        assertThat(serves("a.example", A)).isTrue();
        assertThat(process.isComplete()).isTrue();

        api.start();
        Issued renewed = issued("a");
        api.put(tls("edge", "a", renewed));
        await().atMost(LATER).until(() -> serves("a.example", renewed));
        await().atMost(LATER).until(() -> discovery().getBoolean("connected"));
    }

    private JsonObject discovery() {
        return process.adminView().status().getJsonObject("discovery");
    }

    @Test
    void aStartWithoutTheApiServesTheRestAndIsReadyOnceItAnswers() throws Exception {
        settings.put("sallyport.discovery.sync-timeout", "300ms");
        api.put(tls("edge", "a", A));
        api.stop();
        write("a.yaml", secured("a", "edge", "SIMPLE"));
        start();
        assertThat(plain()).endsWith("plain");
        assertThat(process.isComplete()).isFalse();
        assertThat(serves("a.example", A)).isFalse();
        assertThat(problems()).as("nobody knows yet").doesNotContain("SAL3017", "SAL4001");

        api.start();

        await().atMost(LATER).until(process::isComplete);
        await().atMost(SOON).until(() -> serves("a.example", A));
    }

    /// In Istio's generic form, with authorities of their own.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void clientsAreVerifiedByTheAuthoritiesOfTheSecretOrOfTheOneBesideIt(boolean beside) throws Exception {
        Map<String, String> own = new HashMap<>(Map.of("cert", A.chainPem(), "key", A.keyPem()));
        Map<String, String> authorities = Map.of("cacert", TestPem.certificates(List.of(A.root())));
        if (beside) {
            api.put(secret("edge", "a-cacert", authorities));
        } else {
            own.putAll(authorities);
        }
        api.put(secret("edge", "a", own));
        write("a.yaml", secured("a", "edge", "MUTUAL"));
        start();

        assertThat(mutual(CLIENT)).endsWith("secured");
        assertThat(mutual(null)).isEqualTo("refused");

        // Without authorities nobody would be verified: the last ones go on.
        api.put(secret("edge", "a", Map.of("cert", A.chainPem(), "key", A.keyPem())));
        api.delete(secret("edge", "a-cacert", authorities));
        await().atMost(SOON).until(() -> process.adminView().status().getLong("generation") >= 2);
        assertThat(mutual(CLIENT)).endsWith("secured");
        assertThat(mutual(null)).isEqualTo("refused");
    }

    private String mutual(Issued identity) throws Exception {
        try (var client = new RawClient(TlsClients.of(identity, AUTHORITY)
                .getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), https), "a.example", https, true))) {
            return client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").readResponse();
        } catch (IOException refused) {
            return "refused";
        }
    }

    @Test
    void theDirectoryWinsThenTheResourcesNamespaceThenTheGateways() throws Exception {
        Issued gateways = issued("a");
        Issued teams = issued("a");
        api.put(tls("edge", "a", gateways));
        write("a.yaml", secured("a", "team", "SIMPLE"));
        start();
        assertThat(serves("a.example", gateways)).isTrue();

        api.put(tls("team", "a", teams));
        await().atMost(SOON).until(() -> serves("a.example", teams));

        Issued mounted = issued("a");
        mounted.writeSecret(directory.resolve("secrets").resolve("a"));
        await().atMost(SOON).until(() -> serves("a.example", mounted));
    }

    /// What selects others is no name, and is never sent.
    @ParameterizedTest
    @ValueSource(strings = {"a,metadata.namespace=kube-system", "../pods", "a b", "A", ".", "a%2fb"})
    void whatIsNoNameIsNotAskedFor(String name) throws Exception {
        api.put(tls("edge", "b", B));
        write("a.yaml", secured("a", "edge", "SIMPLE", name));
        write("b.yaml", secured("b", "edge", "SIMPLE"));
        start();

        assertThat(process.isComplete()).isTrue();
        assertThat(serves("b.example", B)).isTrue();
        assertThat(serves("a.example", A)).isFalse();
        assertThat(api.paths()).noneMatch(path -> path.contains("kube-system") || path.contains("pods"));
    }

    @Test
    void onlyWhatIsNamedIsAskedFor() throws Exception {
        api.put(tls("edge", "a", A));
        api.put(tls("edge", "other", B));
        write("a.yaml", secured("a", "edge", "SIMPLE"));
        start();

        assertThat(serves("a.example", A)).isTrue();
        assertThat(api.paths())
                .filteredOn(path -> path.contains("/secrets?"))
                .isNotEmpty()
                .allMatch(path -> path.startsWith("GET /api/v1/namespaces/edge/secrets?")
                        && path.contains("fieldSelector=metadata.name%3Da&"));
    }
}
