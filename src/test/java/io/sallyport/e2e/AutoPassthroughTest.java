package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.explain.ExplainedRequest;
import io.sallyport.explain.Explainer;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import io.sallyport.testing.Yaml;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A gateway between networks: the server name says which service, port and subset TLS is for.
class AutoPassthroughTest {
    private static final String CART = "cart.prod.svc.cluster.local";

    private final TestCertificates authority = TestCertificates.authority("root");
    private final Issued any = authority.leaf("any").dns(CART).issue();
    private final TestDns dns = new TestDns().addresses(CART, 600, "127.0.0.1");

    @AfterEach
    void stop() {
        dns.close();
    }

    private static String gateway(String hosts) {
        return """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - port: {number: 443, name: tls, protocol: TLS}
                    hosts: [%s]
                    tls: {mode: AUTO_PASSTHROUGH}
                ---
                """.formatted(hosts);
    }

    private static String listed(String host, int port, int upstream) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: entry}
                spec:
                  hosts: [%s]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: %d, name: tls, protocol: TLS, targetPort: %d}]
                  endpoints: [{address: 127.0.0.1}]
                ---
                """.formatted(host, port, upstream);
    }

    private TestGateway start(String yaml) {
        return TestGateway.builder().dns(dns).start(yaml);
    }

    private static final class Name extends SNIServerName {
        Name(String name) {
            super(0, name.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private String ask(TestGateway gateway, String sni) throws IOException {
        return ask(gateway, sni, "istio-peer-exchange", "istio");
    }

    private String ask(TestGateway gateway, String sni, String... protocols) throws IOException {
        Socket plain = new Socket(InetAddress.getLoopbackAddress(), gateway.port(443));
        SSLSocket socket =
                (SSLSocket) TlsClients.of(null, authority).getSocketFactory().createSocket(plain, "", 0, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new Name(sni)));
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        try (RawClient client = new RawClient(socket)) {
            socket.startHandshake();
            return client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").readResponse();
        }
    }

    private static JsonObject explain(TestGateway gateway, String sni) {
        ExplainedRequest request =
                new ExplainedRequest(443, true, sni, "x", "GET", "/", Map.of(), null, "127.0.0.1", null);
        return new JsonObject(new Explainer(gateway.read().plan(), ProxySettings.DEFAULT)
                .explain(request)
                .json());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'*.local'",
                "'*.svc.cluster.local'",
                "'*.prod.svc.cluster.local'",
                "'*.cart.prod.svc.cluster.local', '*.prod.svc.cluster.local'",
                "'*'"
            })
    void aServiceThatOnlyDnsKnowsIsFound(String hosts) throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("cart", any);
                TestGateway gateway = start(gateway(hosts))) {
            String sni = "outbound_." + upstream.port() + "_._." + CART;
            assertThat(ask(gateway, sni)).endsWith("cart");
            assertThat(upstream.serverNames()).containsExactly(sni);
            assertThat(explain(gateway, sni).getString("flag")).isNull();
        }
    }

    @Test
    void nothingButTheMeshsOwnTlsPasses() throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("cart", any);
                TestGateway gateway = start(gateway("'*.local'"))) {
            String sni = "outbound_." + upstream.port() + "_._." + CART;
            for (String[] protocols :
                    new String[][] {{}, {"http/1.1"}, {"h2", "http/1.1"}, {"istiod"}, {"istio-x", "istio-"}}) {
                assertThatThrownBy(() -> ask(gateway, sni, protocols)).isInstanceOf(IOException.class);
            }
            for (String[] protocols : new String[][] {{"istio"}, {"istio-h2", "istio", "h2"}, {"http/1.1", "istio"}}) {
                assertThat(ask(gateway, sni, protocols)).endsWith("cart");
            }
        }
    }

    /// The bytes are TLS already.
    @Test
    void noDestinationRuleMakesTlsOfTls() throws Exception {
        String rule = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: cart, namespace: prod}
                spec:
                  host: cart
                  trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}
                ---
                """;
        try (TlsUpstream upstream = TlsUpstream.start("cart", any);
                TestGateway gateway = start(gateway("'*.local'") + rule)) {
            assertThat(ask(gateway, "outbound_." + upstream.port() + "_._." + CART))
                    .endsWith("cart");
        }
    }

    /// Whether DNS alone knows the service or a ServiceEntry lists it, and whatever says by which TLS requests reach
    /// it.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{mode: SIMPLE, insecureSkipVerify: true} | app: cart",
                "{mode: ISTIO_MUTUAL}                     | app: cart",
                "{mode: DISABLE}                          | app: cart",
                "none                                     | security.istio.io/tlsMode: istio"
            })
    void whatMakesTlsOfRequestsLeavesTheBytesOfAListedServiceAlone(String tls, String label, @TempDir Path identity)
            throws Exception {
        authority
                .leaf("gateway")
                .uri("spiffe://cluster.local/ns/edge/sa/gateway")
                .issue()
                .writeSecret(identity);
        Files.writeString(identity.resolve("ca.crt"), authority.pem());
        String rule = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: cart}
                spec:
                  host: %s
                  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}%s}
                  subsets: [{name: v1, labels: {version: v1}}]
                ---
                """.formatted(CART, tls.equals("none") ? "" : ", tls: " + tls);
        try (TlsUpstream upstream = TlsUpstream.start("cart", any);
                TestGateway gateway = TestGateway.builder()
                        .identity(identity)
                        .start(gateway("'*.local'")
                                + listed(CART, 8443, upstream.port())
                                        .replace(
                                                "address: 127.0.0.1",
                                                "address: 127.0.0.1, labels: {version: v1, " + label + "}")
                                + rule)) {
            for (String subset : List.of("", "v1")) {
                String sni = "outbound_.8443_." + subset + "_." + CART;
                assertThat(ask(gateway, sni)).endsWith("cart");
                assertThat(upstream.serverNames()).endsWith(sni);
                assertThat(explain(gateway, sni).getString("flag")).isNull();
            }
        }
    }

    /// Clients of other networks have no business with what is outside the mesh, whatever another entry says of it.
    @ParameterizedTest
    @ValueSource(strings = {"none", "default", "other"})
    void aServiceOutsideTheMeshIsNotReached(String second) throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("cart", any)) {
            String internal = listed(CART, 8443, upstream.port());
            String another =
                    second.equals("none") ? "" : internal.replace("name: entry", "name: second, namespace: " + second);
            try (TestGateway gateway = start(gateway("'*.local'")
                    + internal.replace("MESH_INTERNAL", "MESH_EXTERNAL")
                    + another
                    + Yaml.httpGateway("a.test").replace("name: edge", "name: other")
                    + Yaml.virtualService("a.test", "- route: [{destination: {host: %s}}]".formatted(CART))
                            .replace("[edge]", "[other]"))) {
                String sni = "outbound_.8443_._." + CART;
                assertThatThrownBy(() -> ask(gateway, sni)).isInstanceOf(IOException.class);
                assertThat(upstream.connectionCount()).isZero();
                assertThat(explain(gateway, sni).getString("flag")).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "outbound_.PORT_.v1_." + CART,
                "outbound_.0_._." + CART,
                "outbound_.65536_._." + CART,
                "outbound_.x_._." + CART,
                "outbound_.999999999999_._." + CART,
                "outbound_._._." + CART,
                "outbound_.PORT_._.cart.test.svc.cluster.local.evil.test",
                "outbound_.PORT_._.evil.test",
                "outbound_.PORT_._.other.dev.svc.cluster.local",
                "outbound_.PORT_._.cart.prod.svc.cluster.local.svc.cluster.local",
                "inbound_.PORT_._." + CART,
                CART
            })
    void nothingElseIs(String sni) throws Exception {
        dns.addresses("evil.test", 600, "127.0.0.1");
        dns.addresses("other.dev.svc.cluster.local", 600, "127.0.0.1");
        dns.addresses("cart.test.svc.cluster.local.evil.test", 600, "127.0.0.1");
        try (TlsUpstream upstream = TlsUpstream.start("cart", any);
                TestGateway gateway = start(gateway("'*.prod.svc.cluster.local', '*.evil.test'"))) {
            String name = sni.replace("PORT", Integer.toString(upstream.port()));
            assertThatThrownBy(() -> ask(gateway, name)).isInstanceOf(IOException.class);
            assertThat(upstream.connectionCount()).isZero();
            assertThat(explain(gateway, name).getString("flag")).isNotNull();
        }
    }

    @Test
    void aListedServiceHasItsOwnPortsAlone() throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("cart", any);
                TestGateway gateway = start(gateway("'*.local'") + listed(CART, 8443, upstream.port()))) {
            assertThat(ask(gateway, "outbound_.8443_._." + CART)).endsWith("cart");
            String unlisted = "outbound_." + upstream.port() + "_._." + CART;
            assertThatThrownBy(() -> ask(gateway, unlisted)).isInstanceOf(IOException.class);
            assertThat(upstream.serverNames()).doesNotContain(unlisted);
        }
    }
}
