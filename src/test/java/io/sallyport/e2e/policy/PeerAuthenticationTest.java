package io.sallyport.e2e.policy;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.sallyport.compile.EgressOptions;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.discovery.EndpointSlice;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.ServiceName;
import io.sallyport.discovery.ServiceRegistry;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// PeerAuthentication: what the mesh listener takes, and by what endpoints in the mesh are spoken to.
class PeerAuthenticationTest {
    private static final String HELLO = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

    private final TestCertificates authority = TestCertificates.authority("mesh root");
    private final Issued client = authority
            .leaf("client")
            .uri("spiffe://cluster.local/ns/web/sa/shop")
            .clientUse()
            .issue();
    private final Issued payments = authority
            .leaf("payments")
            .uri("spiffe://cluster.local/ns/default/sa/payments")
            .issue();

    @TempDir
    Path directory;

    private Path svid;

    /// Netty looks for BouncyCastle, which tests have, with its first engine: that takes seconds on a busy machine.
    @BeforeAll
    static void loadProviders() throws Exception {
        SslContextBuilder.forClient().sslProvider(SslProvider.JDK).build().newEngine(ByteBufAllocator.DEFAULT);
    }

    @BeforeEach
    void writeSvid() throws IOException {
        svid = directory.resolve("identity");
        authority
                .leaf("gateway")
                .uri("spiffe://cluster.local/ns/edge/sa/gateway")
                .issue()
                .writeSecret(svid);
        Files.writeString(svid.resolve("ca.crt"), authority.pem());
    }

    private static String peers(String namespace, String name, String spec) {
        return Yaml.security("PeerAuthentication", namespace, name, spec);
    }

    private static String peers(String mode) {
        return peers("default", "default", "{mtls: {mode: " + mode + "}}");
    }

    // The mesh listener.

    private GatewayBuilder mesh() {
        return TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).identity(svid);
    }

    private static String plain(TestGateway gateway) throws IOException {
        return RawClient.exchange(
                gateway.port(MESH_PORT), "GET / HTTP/1.1\r\nHost: up.test\r\nConnection: close\r\n\r\n");
    }

    /// What a client with that certificate gets by mutual TLS, as a sidecar speaks it.
    private String secured(TestGateway gateway, Issued identity, String sni, String... alpn) throws IOException {
        Socket raw = new Socket(InetAddress.getLoopbackAddress(), gateway.port(MESH_PORT));
        try (SSLSocket socket = (SSLSocket)
                TlsClients.of(identity, authority).getSocketFactory().createSocket(raw, "", 0, true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(sni == null ? List.of() : List.of(new SNIHostName(sni)));
            parameters.setApplicationProtocols(alpn);
            socket.setSSLParameters(parameters);
            return new RawClient(socket)
                    .send("GET http://up.test/ HTTP/1.1\r\nHost: up.test\r\nConnection: close\r\n\r\n")
                    .readResponse();
        } catch (IOException refused) {
            return "refused";
        }
    }

    @Test
    void strictTakesMutualTlsAlone() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = mesh().start(Yaml.service("up.test", upstream.port()) + peers("STRICT"))) {
            assertThat(plain(gateway)).isEmpty();
            assertThat(secured(gateway, null, null)).isEqualTo("refused");
            assertThat(secured(gateway, client, null)).endsWith("hello");
            assertThat(secured(
                            gateway,
                            client,
                            "sallyport.default.svc.cluster.local",
                            "istio-http/1.1",
                            "istio",
                            "http/1.1"))
                    .endsWith("hello");
            // Nobody knows who opens a tunnel by the server name alone.
            assertThat(secured(gateway, null, "up.test")).isEqualTo("refused");
            await().until(() -> gateway.facts().size() == 2);
            assertThat(gateway.facts()).allSatisfy(facts -> {
                assertThat(facts.client.principal()).isEqualTo("spiffe://cluster.local/ns/web/sa/shop");
                assertThat(facts.source).isNotNull();
                assertThat(facts.source.workload()).isEqualTo("shop");
                assertThat(facts.source.namespace()).isEqualTo("web");
            });
        }
    }

    @Test
    void permissiveTakesPlainTextAndMutualTls() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = mesh().start(Yaml.service("up.test", upstream.port()) + peers("PERMISSIVE"))) {
            assertThat(plain(gateway)).endsWith("hello");
            assertThat(secured(
                            gateway,
                            client,
                            "sallyport.default.svc.cluster.local",
                            "istio-http/1.1",
                            "istio",
                            "http/1.1"))
                    .endsWith("hello");
            assertThat(secured(gateway, null, "sallyport.default.svc.cluster.local", "istio"))
                    .isEqualTo("refused");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "DISABLE"})
    void elseThereIsPlainTextAlone(String mode) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway =
                        mesh().start(Yaml.service("up.test", upstream.port()) + (mode.isEmpty() ? "" : peers(mode)))) {
            assertThat(plain(gateway)).endsWith("hello");
            assertThat(secured(gateway, client, null, "istio")).isEqualTo("refused");
        }
    }

    @Test
    void strictHoldsForConnectionsThatAreOpen() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = mesh().start(Yaml.service("up.test", upstream.port()));
                RawClient kept = new RawClient(gateway.port(MESH_PORT))) {
            String request = "GET / HTTP/1.1\r\nHost: up.test\r\n\r\n";
            assertThat(kept.send(request).readResponse()).endsWith("hello");
            gateway.apply(Yaml.service("up.test", upstream.port()) + peers("STRICT"));
            try {
                assertThat(kept.send(request).readToEnd()).doesNotContain("200");
            } catch (IOException closed) {
                // Closed, before or after the request.
                assertThat(closed).isNotNull();
            }
            assertThat(upstream.received().split("GET ")).hasSize(2);
        }
    }

    /// The settings let clients in without a certificate; PeerAuthentication does not.
    @Test
    void strictIsStricterThanTheSettings() throws Exception {
        Issued proxy = authority.leaf("proxy").dns("proxy.test").issue();
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = mesh().secret("proxy", proxy)
                        .meshTls(new EgressOptions.MeshTls(
                                "proxy", ServerTlsSettings.Mode.SIMPLE, List.of("proxy.test"), false))
                        .prepare(secrets -> Files.writeString(secrets.resolve("proxy/ca.crt"), authority.pem()))
                        .start(Yaml.service("up.test", upstream.port()))) {
            assertThat(secured(gateway, null, "proxy.test")).endsWith("hello");
            gateway.apply(Yaml.service("up.test", upstream.port()) + peers("STRICT"));
            assertThat(secured(gateway, null, "proxy.test")).isEqualTo("refused");
            assertThat(secured(gateway, client, "proxy.test")).endsWith("hello");
            assertThat(plain(gateway)).isEmpty();
        }
    }

    @Test
    void gatewayServersAreNotConcerned() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(Yaml.httpGateway("*")
                                + Yaml.service("up.internal", upstream.port())
                                + Yaml.forwardAll("a.test", "up.internal")
                                + peers("STRICT")
                                + peers("istio-system", "mesh", "{mtls: {mode: STRICT}}"))) {
            assertThat(get(gateway)).endsWith("hello");
        }
    }

    // Endpoints in the mesh.

    private static String get(TestGateway gateway) throws IOException {
        return RawClient.exchange(gateway.port(80), "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
    }

    private static String routes(String location, String endpoints) {
        return Yaml.httpGateway("*") + Yaml.forwardAll("a.test", "pay.test") + """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: pay}
                spec:
                  hosts: [pay.test]
                  location: %s
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}, {number: 5432, name: tcp, protocol: TCP}]
                  endpoints: %s
                ---
                """.formatted(location, endpoints);
    }

    private static String endpoint(int port, String labels) {
        return "[{address: 127.0.0.1, labels: {%s}, serviceAccount: payments, ports: {http: %d, tcp: %d}}]"
                .formatted(labels, port, port);
    }

    private static final String OFFERED = "app: pay, security.istio.io/tlsMode: istio";
    /// Both of two endpoints are used, whatever is drawn.
    private static final String IN_TURN = """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: pay}
            spec: {host: pay.test, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}
            ---
            """;

    private RawUpstream sidecar(Issued identity) {
        return RawUpstream.startTls(identity, RawUpstream.sending(HELLO));
    }

    @Test
    void endpointsWithTheLabelAreSpokenToByMutualTls() throws Exception {
        try (RawUpstream plain = RawUpstream.ok("hello");
                TestGateway sidecar = TestGateway.builder()
                        .identity(svid)
                        .start(Yaml.gateway("port: {number: 443, name: https, protocol: HTTPS}, hosts: [\"*\"],"
                                        + " tls: {mode: ISTIO_MUTUAL}")
                                + Yaml.service("up.internal", plain.port())
                                + Yaml.forwardAll("a.test", "up.internal"));
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(routes(
                                "MESH_INTERNAL",
                                endpoint(sidecar.port(443), OFFERED)
                                        .replace("serviceAccount: payments", "serviceAccount: \"\"")))) {
            assertThat(get(gateway)).endsWith("hello");
            assertThat(plain.received()).contains("URI=spiffe://cluster.local/ns/edge/sa/gateway");
            assertThat(sidecar.firstFacts().client.serverName()).isEqualTo("outbound_.80_._.pay.test");
            assertThat(gateway.firstFacts().endpoint.principal())
                    .isEqualTo("spiffe://cluster.local/ns/edge/sa/gateway");
            assertThat(gateway.firstFacts().endpoint.workload())
                    .isNotNull()
                    .satisfies(names -> assertThat(names.workload()).isEqualTo("pay"));
            assertThat(sidecar.firstFacts().client.verified()).isTrue();
        }
    }

    @Test
    void eachEndpointIsSpokenToAsItsLabelSays() throws Exception {
        try (RawUpstream plain = RawUpstream.ok("hello");
                RawUpstream secured = sidecar(payments)) {
            String both = endpoint(plain.port(), "app: pay, security.istio.io/tlsMode: disabled")
                            .replace("]", ", ")
                    + endpoint(secured.port(), OFFERED).substring(1);
            try (TestGateway gateway =
                    TestGateway.builder().identity(svid).start(routes("MESH_INTERNAL", both) + IN_TURN)) {
                for (int i = 0; i < 2; i++) {
                    assertThat(get(gateway)).endsWith("hello");
                }
                assertThat(plain.connectionCount()).isPositive();
                assertThat(secured.connectionCount()).isPositive();
            }
        }
    }

    /// Istio: an entry's endpoint that has a service account has a sidecar, unless its label says otherwise.
    @Test
    void aServiceAccountOffersItWithoutTheLabel() throws Exception {
        try (RawUpstream plain = RawUpstream.ok("hello");
                RawUpstream secured = sidecar(payments)) {
            String none = endpoint(plain.port(), "app: pay").replace("serviceAccount: payments", "weight: 1");
            String both = none.replace("]", ", ")
                    + endpoint(secured.port(), "app: pay").substring(1);
            try (TestGateway gateway =
                    TestGateway.builder().identity(svid).start(routes("MESH_INTERNAL", both) + IN_TURN)) {
                for (int i = 0; i < 2; i++) {
                    assertThat(get(gateway)).endsWith("hello");
                }
                assertThat(plain.connectionCount()).isPositive();
                assertThat(secured.connectionCount()).isPositive();
            }
        }
    }

    /// What says that these endpoints are spoken to in plain text; the endpoint takes no TLS, so that anything else
    /// fails.
    @ParameterizedTest
    @CsvSource({
        "'{mtls: {mode: DISABLE}}', default",
        "'{mtls: {mode: DISABLE}}', istio-system",
        "'{selector: {matchLabels: {app: pay}}, mtls: {mode: DISABLE}}', default",
        "'{selector: {matchLabels: {app: pay}}, mtls: {mode: STRICT}, portLevelMtls: {PORT: {mode: DISABLE}}}', default",
    })
    void disableTurnsItOff(String spec, String namespace) throws Exception {
        try (RawUpstream plain = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(routes("MESH_INTERNAL", endpoint(plain.port(), OFFERED))
                                + peers(namespace, "p", spec.replace("PORT", "" + plain.port())))) {
            assertThat(get(gateway)).endsWith("hello");
        }
    }

    @Test
    void meshConfigTurnsItOffForAll() throws Exception {
        String config = """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: istio, namespace: istio-system}
                data:
                  mesh: "enableAutoMtls: %s"
                ---
                """;
        try (RawUpstream secured = sidecar(payments);
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(routes("MESH_INTERNAL", endpoint(secured.port(), OFFERED))
                                + config.formatted("false"))) {
            assertThat(get(gateway)).doesNotEndWith("hello");
            gateway.apply(routes("MESH_INTERNAL", endpoint(secured.port(), OFFERED)) + config.formatted("true"));
            assertThat(get(gateway)).endsWith("hello");
        }
    }

    @Test
    void aDestinationRuleComesFirst() throws Exception {
        String rule = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: pay}
                spec: {host: pay.test, trafficPolicy: {tls: {mode: DISABLE}}}
                ---
                """;
        try (RawUpstream plain = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(routes("MESH_INTERNAL", endpoint(plain.port(), OFFERED)) + rule)) {
            assertThat(get(gateway)).endsWith("hello");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MESH_EXTERNAL, 'security.istio.io/tlsMode: istio'",
        "MESH_INTERNAL, 'security.istio.io/tlsMode: disabled'"
    })
    void otherEndpointsGetPlainText(String location, String labels) throws Exception {
        try (RawUpstream plain = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(routes(location, endpoint(plain.port(), labels)) + peers("STRICT"))) {
            assertThat(get(gateway)).endsWith("hello");
        }
    }

    @Test
    void anEndpointMustBeTheServiceAccountThatItIsKnownToBe() throws Exception {
        Issued other = authority
                .leaf("x")
                .uri("spiffe://cluster.local/ns/default/sa/other")
                .issue();
        try (RawUpstream endpoint = sidecar(other);
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(routes("MESH_INTERNAL", endpoint(endpoint.port(), OFFERED)))) {
            assertThat(get(gateway)).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().details).contains("identity");
            assertThat(endpoint.received()).isEmpty();
        }
    }

    private static void discover(ServiceRegistry services, int port, Map<String, String> labels) {
        ServiceName name = new ServiceName("default", "payments");
        services.put(new MeshService(
                name,
                List.of(new MeshService.Port(8080, "http", null)),
                List.of("10.96.0.7"),
                null,
                "IPv4",
                false,
                List.of()));
        services.put(new MeshPod("default", "payments-1", labels, "payments", List.of("10.0.0.1")));
        services.put(new EndpointSlice(
                "default/payments-x",
                name,
                "IPv4",
                Map.of("http", port),
                List.of(new EndpointSlice.Member("127.0.0.1", true, false, "payments-1", null, null))));
        services.publish();
    }

    /// A pod gets its sidecar while the gateway runs, without a change of the configuration.
    @ParameterizedTest
    @ValueSource(strings = {"", "DISABLE"})
    void discoveredEndpointsAreSpokenToAsTheirLabelsSayNow(String mode) throws Exception {
        ServiceRegistry services = new ServiceRegistry();
        try (RawUpstream plain = RawUpstream.ok("plain");
                RawUpstream secured = sidecar(payments)) {
            discover(services, plain.port(), Map.of("app", "pay"));
            try (TestGateway gateway = TestGateway.builder()
                    .identity(svid)
                    .catalog(services)
                    .start(Yaml.httpGateway("*")
                            + Yaml.virtualService(
                                    "a.test", "- route: [{destination: {host: payments, port: {number: 8080}}}]")
                            + (mode.isEmpty() ? "" : peers(mode)))) {
                assertThat(get(gateway)).endsWith("plain");

                discover(services, secured.port(), Map.of("app", "pay", "security.istio.io/tlsMode", "istio"));
                if (mode.isEmpty()) {
                    await().untilAsserted(() -> assertThat(get(gateway)).endsWith("hello"));
                } else {
                    // In plain text, which that endpoint does not understand.
                    await().untilAsserted(() -> assertThat(get(gateway)).startsWith("HTTP/1.1 50"));
                    assertThat(secured.received()).isEmpty();
                }
            }
        }
    }

    @Test
    void bytesAreRelayedByMutualTlsToo() throws Exception {
        try (RawUpstream endpoint = RawUpstream.startTls(payments, connection -> connection.write("hello"));
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(Yaml.forwardBytes(31400, "pay.test", 5432).replace("edge", "bytes")
                                + routes("MESH_INTERNAL", endpoint(endpoint.port(), OFFERED)));
                RawClient bytes = new RawClient(gateway.port(31400))) {
            bytes.endOutput();
            assertThat(bytes.readToEnd()).isEqualTo("hello");
            assertThat(gateway.firstFacts().endpoint.principal())
                    .isEqualTo("spiffe://cluster.local/ns/default/sa/payments");
        }
    }

    /// The mesh's certificates are mounted and cannot be read: nothing is sent, least of all in plain text.
    @Test
    void anUnreadableIdentityFailsClosed() throws Exception {
        Files.writeString(svid.resolve("tls.key"), "no key");
        try (RawUpstream plain = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .identity(svid)
                        .start(routes("MESH_INTERNAL", endpoint(plain.port(), OFFERED)))) {
            assertThat(get(gateway)).startsWith("HTTP/1.1 503 ");
            assertThat(plain.received()).isEmpty();
        }
    }

    /// A gateway outside of the mesh goes on as it did.
    @Test
    void aGatewayWithoutAnIdentitySendsPlainText() throws Exception {
        try (RawUpstream plain = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.builder()
                        .identity(directory.resolve("none"))
                        .start(routes("MESH_INTERNAL", endpoint(plain.port(), OFFERED)))) {
            assertThat(get(gateway)).endsWith("hello");
            assertThat(gateway.reload().problems())
                    .anyMatch(problem -> problem.code().id().equals("SAL4008"));
        }
    }
}
