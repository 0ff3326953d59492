package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.TestWorkloadApi;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import io.sallyport.testing.Yaml;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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

/// A whole process whose identity in the mesh comes from a Workload API: towards clients, and towards endpoints.
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
                "sallyport.identity.endpoint-socket", "unix://" + directory.resolve("agent.sock"),
                "sallyport.trust-domain", "example.org",
                "sallyport.port-map.443", Integer.toString(port)));
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
        SSLSocket socket = (SSLSocket) TlsClients.of(client, MESH)
                .getSocketFactory()
                .createSocket(new Socket(InetAddress.getLoopbackAddress(), port), "a.example", port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("a.example")));
        socket.setSSLParameters(parameters);
        try (RawClient raw = new RawClient(socket)) {
            String response = raw.send("GET " + path + " HTTP/1.1\r\nHost: a.example\r\n\r\n")
                    .readResponse();
            return new Answer((X509Certificate) socket.getSession().getPeerCertificates()[0], response);
        }
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

    private static String rule(String host) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: %s}
                spec:
                  host: %s
                  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}
                ---
                """.formatted(host.replace('.', '-'), host);
    }
}
