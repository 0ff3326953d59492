package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.identity.PeerIdentity;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestIstioAuthority;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.TestWorkloadApi;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import io.sallyport.testing.Yaml;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A whole process whose identity in the mesh comes from a Workload API, or from Istio's authority: towards
/// clients, and towards endpoints.
@Timeout(120)
class WorkloadIdentityTest {
    private static final String ID = "spiffe://example.org/ns/edge/sa/gateway";
    private static final TestCertificates MESH = TestCertificates.authority("example.org");
    private static final TestCertificates PARTNER = TestCertificates.authority("partner.example");

    @TempDir
    private Path directory;

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final int port = BuiltProgram.freePort();
    private TestWorkloadApi agent;
    private GatewayProcess gateway;

    @BeforeEach
    void startAgent() {
        agent = TestWorkloadApi.start(directory.resolve("agent.sock"));
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        agent.close();
    }

    private static Issued svid() {
        return MESH.leaf("gateway").svid(ID).dns("a.example").issue();
    }

    private void start(String more) throws Exception {
        start(more, Map.of("sallyport.identity.endpoint-socket", "unix://" + directory.resolve("agent.sock")));
    }

    private void start(String more, Map<String, String> identity) throws Exception {
        Files.writeString(Files.createDirectories(directory.resolve("config")).resolve("gateway.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: [a.example]
                    tls: {mode: ISTIO_MUTUAL}
                ---
                """ + more);
        Map<String, String> settings = new HashMap<>(Map.of(
                "sallyport.config.dir", directory.resolve("config").toString(),
                "sallyport.secrets.dir", directory.resolve("secrets").toString(),
                "sallyport.trust-domain", "example.org",
                "sallyport.limits.tls-handshake-timeout", "60s",
                "sallyport.port-map.443", Integer.toString(port)));
        settings.putAll(identity);
        gateway = TestProcess.create(metrics, settings);
        gateway.start();
    }

    private static String answering() {
        return Yaml.virtualService("a.example", "- directResponse: {status: 200, body: {string: hello}}");
    }

    /// @return the gateway's certificate
    private X509Certificate shake(Issued client) throws IOException {
        return ask(client).certificate;
    }

    private record Answer(X509Certificate certificate, String response) {}

    private Answer ask(Issued client) throws IOException {
        return ask(client, "/");
    }

    private Answer ask(Issued client, String path) throws IOException {
        return ask(client, path, "TLSv1.2", "TLSv1.3");
    }

    private Answer ask(Issued client, String path, String... versions) throws IOException {
        SSLSocket socket = connect(client, versions);
        socket.startHandshake();
        try (RawClient raw = new RawClient(socket)) {
            return new Answer((X509Certificate) socket.getSession().getPeerCertificates()[0], get(raw, path));
        }
    }

    private static String get(RawClient connection, String path) throws IOException {
        return connection
                .send("GET " + path + " HTTP/1.1\r\nHost: a.example\r\n\r\n")
                .readResponse();
    }

    private SSLSocket connect(Issued client, String... versions) throws IOException {
        SSLSocket socket = (SSLSocket) TlsClients.of(client, MESH)
                .getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), "a.example", port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("a.example")));
        parameters.setProtocols(versions);
        socket.setSSLParameters(parameters);
        return socket;
    }

    private static Issued client(TestCertificates authority, String id) {
        return authority.leaf("client").svid(id).clientUse().issue();
    }

    @Test
    void theGatewayIsNotReadyBeforeItHasAnIdentityAndServesOnceItHas() throws Exception {
        agent.refuse(Status.PERMISSION_DENIED);
        start(answering());
        assertThat(gateway.isComplete()).isFalse();
        assertThat(gateway.adminView().identity().getString("problem")).contains("gives the gateway no SVID");

        Issued svid = svid();
        agent.serve(TestWorkloadApi.svid(ID, svid, ""));
        await().until(gateway::isComplete);
        assertThat(shake(client(MESH, "spiffe://example.org/client"))).isEqualTo(svid.certificate());
        assertThat(metrics.get("sallyport.certificate.seconds.left")
                        .tag("certificate", "workload-api")
                        .gauge()
                        .value())
                .isPositive();
    }

    @Test
    void theAdminPortShowsWhoTheGatewayIsAndNoKey() throws Exception {
        Issued svid = svid();
        agent.serve(TestWorkloadApi.svid(ID, svid, ""));
        start(answering());

        JsonObject shown = gateway.adminView().identity();
        assertThat(shown.getString("spiffeId")).isEqualTo(ID);
        assertThat(shown.getString("source")).isEqualTo("workload-api");
        assertThat(shown.getBoolean("connected")).isTrue();
        assertThat(shown.getJsonObject("trustDomains").fieldNames()).containsExactly("example.org");
        assertThat(shown.encode()).doesNotContainIgnoringCase("private");
    }

    /// Each certificate is verified by the bundle of the trust domain that it names, and by no other.
    @ParameterizedTest
    @CsvSource({
        "mesh, spiffe://example.org/client, admitted",
        "partner, spiffe://partner.example/client, admitted",
        "partner, spiffe://example.org/client, refused",
        "mesh, spiffe://partner.example/client, refused",
        "mesh, spiffe://third.example/client, refused",
        "partner, spiffe://third.example/client, refused",
        "mesh, spiffe://example.org, refused",
        "mesh, spiffe://Example.org/client, refused",
        "mesh, spiffe://example.org/client/, refused",
        "partner, spiffe://partner.example, refused",
        "mesh, '', refused",
    })
    void aPeersTrustDomainChoosesTheBundle(String authority, String id, String outcome) throws Exception {
        agent.serve(X509SVIDResponse.newBuilder()
                .addSvids(TestWorkloadApi.svid(ID, svid(), ""))
                .putFederatedBundles("spiffe://partner.example", TestWorkloadApi.der(List.of(PARTNER.certificate())))
                .build());
        start(answering());
        TestCertificates issuer = authority.equals("mesh") ? MESH : PARTNER;
        Issued client = id.isEmpty() ? issuer.leaf("client").clientUse().issue() : client(issuer, id);

        assertThat(outcome(client)).isEqualTo(outcome);
    }

    private String outcome(Issued client) {
        try {
            return ask(client).response.endsWith("hello") ? "admitted" : "other";
        } catch (IOException refused) {
            return "refused";
        }
    }

    @Test
    void aFederatedBundleThatIsWithdrawnAdmitsNobody() throws Exception {
        Issued svid = svid();
        agent.serve(X509SVIDResponse.newBuilder()
                .addSvids(TestWorkloadApi.svid(ID, svid, ""))
                .putFederatedBundles("spiffe://partner.example", TestWorkloadApi.der(List.of(PARTNER.certificate())))
                .build());
        start(answering());
        Issued partner = client(PARTNER, "spiffe://partner.example/client");
        assertThat(outcome(partner)).isEqualTo("admitted");
        agent.serve(TestWorkloadApi.svid(ID, svid, ""));

        await().until(() -> outcome(partner).equals("refused"));
        assertThat(outcome(client(MESH, "spiffe://example.org/client"))).isEqualTo("admitted");
    }

    @Test
    void rotationsFailNoHandshake() throws Exception {
        agent.serve(TestWorkloadApi.svid(ID, svid(), ""));
        start(answering());
        Issued client = client(MESH, "spiffe://example.org/client");
        AtomicReference<X509Certificate> shown = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicInteger handshakes = new AtomicInteger();
        AtomicReference<Boolean> over = new AtomicReference<>(false);
        Thread clients = Thread.ofVirtual().start(() -> {
            while (!over.get() && failure.get() == null) {
                try {
                    shown.set(shake(client));
                    handshakes.incrementAndGet();
                } catch (Throwable e) {
                    failure.set(e);
                }
            }
        });
        try {
            for (int rotation = 0; rotation < 10; rotation++) {
                Issued next = svid();
                agent.serve(TestWorkloadApi.svid(ID, next, ""));
                await().until(() -> failure.get() != null || next.certificate().equals(shown.get()));
            }
        } finally {
            over.set(true);
            clients.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(handshakes).hasValueGreaterThan(10);
    }

    private static final int CLIENTS = 5;

    /// A connection for each request; what a slow machine takes for a handshake is no failure.
    private static final String PATIENT =
            "connectionPool: {http: {maxRequestsPerConnection: 1}, tcp: {connectTimeout: 60s}}, ";

    /// Fifty handshakes a second from clients, of both versions of TLS, and one with an endpoint for each. Every
    /// quarter of a second there is another SVID, every other time beside one more authority.
    @Test
    void rotationsFailNoHandshakeOfManyClientsInEitherDirection() throws Exception {
        ByteString more = TestWorkloadApi.der(List.of(MESH.certificate(), PARTNER.certificate()));
        agent.serve(TestWorkloadApi.svid(ID, svid(), ""));
        Issued up =
                MESH.leaf("up").svid("spiffe://example.org/ns/default/sa/up").issue();
        Issued client = client(MESH, "spiffe://example.org/client");
        AtomicInteger rotations = new AtomicInteger();
        List<String> failures = new CopyOnWriteArrayList<>();
        try (TlsUpstream older = TlsUpstream.start("TLSv1.2", up, MESH).speaking("TLSv1.2");
                TlsUpstream newer = TlsUpstream.start("TLSv1.3", up, MESH).speaking("TLSv1.3");
                ScheduledExecutorService pace = Executors.newScheduledThreadPool(CLIENTS + 1)) {
            start(Yaml.service("older.internal", older.port())
                    + Yaml.service("newer.internal", newer.port())
                    + rule("older.internal", PATIENT)
                    + rule("newer.internal", PATIENT)
                    + Yaml.virtualService("a.example", """
                            - match: [{uri: {prefix: /TLSv1.2}}]
                              retries: {attempts: 0}
                              route: [{destination: {host: older.internal, port: {number: 80}}}]
                            - retries: {attempts: 0}
                              route: [{destination: {host: newer.internal, port: {number: 80}}}]"""));
            AtomicInteger begun = new AtomicInteger();
            for (int each = 0; each < CLIENTS; each++) {
                pace.scheduleAtFixedRate(
                        () -> {
                            int number = begun.getAndIncrement();
                            String ofClient = number % 2 == 0 ? "TLSv1.2" : "TLSv1.3";
                            String ofEndpoint = number % 4 < 2 ? "TLSv1.2" : "TLSv1.3";
                            try {
                                Answer answer = ask(client, "/" + ofEndpoint, ofClient);
                                if (!answer.response.endsWith(ofEndpoint)) {
                                    failures.add(answer.response);
                                }
                            } catch (IOException | RuntimeException failure) {
                                failures.add(failure.toString());
                            }
                        },
                        each * 20L,
                        20 * CLIENTS,
                        TimeUnit.MILLISECONDS);
            }
            pace.scheduleWithFixedDelay(
                    () -> {
                        X509SVID next = TestWorkloadApi.svid(ID, svid(), "");
                        boolean one = rotations.incrementAndGet() % 2 == 0;
                        agent.serve(
                                one ? next : next.toBuilder().setBundle(more).build());
                    },
                    250,
                    250,
                    TimeUnit.MILLISECONDS);
            pace.schedule(pace::shutdown, 3, TimeUnit.SECONDS);
            assertThat(pace.awaitTermination(100, TimeUnit.SECONDS)).isTrue();
            assertThat(failures).isEmpty();
            assertThat(older.connectionCount() + newer.connectionCount()).isEqualTo(begun.get());
        }
        assertThat(rotations).hasValueGreaterThan(2);
    }

    /// A client keeps its connection while its own authorities stay, whatever else changes.
    @Test
    void aBundleThatChangesCostsNobodyElsesConnection() throws Exception {
        TestCertificates next = TestCertificates.authority("partner.example");
        Issued svid = svid();
        Issued fresh = client(next, "spiffe://partner.example/client");
        agent.serve(withPartner(svid, PARTNER));
        start(answering());
        try (RawClient ours = new RawClient(connect(client(MESH, "spiffe://example.org/client"), "TLSv1.3"));
                RawClient theirs =
                        new RawClient(connect(client(PARTNER, "spiffe://partner.example/client"), "TLSv1.3"))) {
            assertThat(get(ours, "/")).endsWith("hello");
            assertThat(get(theirs, "/")).endsWith("hello");

            agent.serve(withPartner(svid, PARTNER, next));
            await().until(() -> outcome(fresh).equals("admitted"));
            for (int i = 0; i < 2; i++) {
                assertThat(get(ours, "/")).endsWith("hello");
                assertThat(get(theirs, "/")).endsWith("hello");
            }

            agent.serve(withPartner(svid, next));
            await().until(() ->
                    outcome(client(PARTNER, "spiffe://partner.example/other")).equals("refused"));
            assertThat(theirs.readToEnd()).isEmpty();
            for (int i = 0; i < 2; i++) {
                assertThat(get(ours, "/")).endsWith("hello");
            }
        }
    }

    private static X509SVIDResponse withPartner(Issued svid, TestCertificates... partner) {
        return X509SVIDResponse.newBuilder()
                .addSvids(TestWorkloadApi.svid(ID, svid, ""))
                .putFederatedBundles(
                        "spiffe://partner.example",
                        TestWorkloadApi.der(Stream.of(partner)
                                .map(TestCertificates::certificate)
                                .toList()))
                .build();
    }

    @Test
    void aBundleIsWithdrawnAtOnceBesideAnSvidThatIsNotValidYet() throws Exception {
        Issued svid = svid();
        agent.serve(withPartner(svid, PARTNER));
        start(answering());
        Issued partner = client(PARTNER, "spiffe://partner.example/client");
        assertThat(outcome(partner)).isEqualTo("admitted");
        agent.serve(TestWorkloadApi.svid(
                ID, MESH.leaf("gateway").svid(ID).dns("a.example").notYetValid().issue(), ""));

        await().until(() -> outcome(partner).equals("refused"));
        assertThat(shake(client(MESH, "spiffe://example.org/client"))).isEqualTo(svid.certificate());
    }

    /// Its authorities would vouch for peers that name another domain than theirs.
    @Test
    void anSvidOfAnotherTrustDomainIsNotUsed() throws Exception {
        String foreign = "spiffe://partner.example/ns/edge/sa/gateway";
        Issued theirs = PARTNER.leaf("gateway").svid(foreign).dns("a.example").issue();
        agent.serve(TestWorkloadApi.svid(foreign, theirs, ""));
        start(answering());
        Issued client = client(MESH, "spiffe://example.org/client");
        assertThat(outcome(client)).isEqualTo("refused");
        assertThat(outcome(client(PARTNER, "spiffe://partner.example/client"))).isEqualTo("refused");

        agent.serve(TestWorkloadApi.svid(ID, svid(), ""));
        await().until(() -> outcome(client).equals("admitted"));
        agent.serve(TestWorkloadApi.svid(foreign, theirs, ""));
        await().until(() -> foreign.equals(gateway.adminView().identity().getString("spiffeId")));
        assertThat(outcome(client)).isEqualTo("admitted");
        Issued next = svid();
        agent.serve(TestWorkloadApi.svid(ID, next, ""));
        await().until(() -> shake(client).equals(next.certificate()));
    }

    @Test
    void withoutItsIdentityTheGatewayServesNobodyInTheMesh() throws Exception {
        agent.serve(TestWorkloadApi.svid(ID, svid(), ""));
        start(answering());
        Issued client = client(MESH, "spiffe://example.org/client");
        assertThat(outcome(client)).isEqualTo("admitted");
        agent.refuse(Status.PERMISSION_DENIED);

        await().until(() -> outcome(client).equals("refused"));
        agent.serve(TestWorkloadApi.svid(ID, svid(), ""));
        await().until(() -> outcome(client).equals("admitted"));
    }

    @Test
    void endpointsAreShownTheSvidAndVerifiedByTheBundle() throws Exception {
        agent.serve(TestWorkloadApi.svid(ID, svid(), ""));
        Issued good =
                MESH.leaf("up").svid("spiffe://example.org/ns/default/sa/up").issue();
        Issued wrong = MESH.leaf("up").svid("spiffe://partner.example/up").issue();
        try (TlsUpstream upstream = TlsUpstream.start("mutual", good, MESH);
                TlsUpstream impostor = TlsUpstream.start("impostor", wrong, MESH)) {
            start(Yaml.service("up.internal", upstream.port())
                    + Yaml.service("bad.internal", impostor.port())
                    + rule("up.internal")
                    + rule("bad.internal")
                    + Yaml.virtualService("a.example", """
                            - match: [{uri: {prefix: /bad}}]
                              route: [{destination: {host: bad.internal, port: {number: 80}}}]
                            - route: [{destination: {host: up.internal, port: {number: 80}}}]"""));
            Issued client = client(MESH, "spiffe://example.org/client");

            assertThat(ask(client).response).endsWith("mutual");
            assertThat(ask(client, "/bad").response).startsWith("HTTP/1.1 503");
        }
    }

    @Test
    void istiosAuthorityMaySignForTheGateway() throws Exception {
        Files.writeString(directory.resolve("token"), "a.b.c");
        Files.writeString(directory.resolve("root-cert.pem"), MESH.pem());
        String id = "spiffe://example.org/ns/default/sa/default";
        try (TestIstioAuthority authority =
                TestIstioAuthority.start(MESH.leaf("istiod").ip("127.0.0.1").issue())) {
            authority.sign("a.b.c", key -> {
                Issued signed = MESH.leaf("")
                        .svid(id)
                        .dns("a.example")
                        .key(new KeyPair(key, null))
                        .issue();
                return List.of(signed.chainPem(), MESH.pem());
            });
            start(
                    answering(),
                    Map.of(
                            "sallyport.identity.ca-address", "127.0.0.1:" + authority.port(),
                            "sallyport.identity.ca-token-file",
                                    directory.resolve("token").toString(),
                            "sallyport.identity.ca-root-file",
                                    directory.resolve("root-cert.pem").toString()));

            await().until(gateway::isComplete);
            X509Certificate shown = shake(client(MESH, "spiffe://example.org/client"));
            assertThat(PeerIdentity.of(shown).spiffe()).hasToString(id);
            assertThat(gateway.adminView().identity().getString("source")).isEqualTo("istio-authority");
        }
    }

    private static String rule(String host) {
        return rule(host, "");
    }

    private static String rule(String host, String more) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: %s}
                spec:
                  host: %s
                  trafficPolicy: {%stls: {mode: ISTIO_MUTUAL}}
                ---
                """.formatted(host.replace('.', '-'), host, more);
    }
}
