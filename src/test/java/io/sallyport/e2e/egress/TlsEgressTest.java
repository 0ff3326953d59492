package io.sallyport.e2e.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.compile.EgressOptions;
import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.GatewayBuilder;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/// TLS on the way out: in tunnels, by server name, on the proxy port itself, and made by the gateway.
class TlsEgressTest {
    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued api =
            authority.leaf("api").dns("api.example.com", "other.example.com").issue();

    private GatewayBuilder mesh() {
        return TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY);
    }

    private static SSLSocket secure(SSLContext context, Socket plain, String sni) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "", 0, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(sni == null ? List.of() : List.of(new SNIHostName(sni)));
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static Socket tunnel(TestGateway gateway, String authority) throws IOException {
        RawClient client = new RawClient(gateway.port(MESH_PORT));
        client.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        return client.socket();
    }

    @Test
    void javasHttpClientReachesAListedHttpsHostAndNoOther() throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("hello", api);
                TestGateway gateway = mesh().start(Listed.host("api.example.com", 443, "TLS", upstream.port()));
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(TlsClients.of(null, authority))
                        .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", gateway.port(MESH_PORT))))
                        .build()) {
            assertThat(get(client, "https://api.example.com/").body()).isEqualTo("hello");
            assertThatThrownBy(() -> get(client, "https://evil.example.com/"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("403");
            assertThat(upstream.serverNames()).containsOnly("api.example.com");
        }
    }

    private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aTunnelCarriesTlsForNoOtherHostThanItWasAskedFor() throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("hello", api);
                TestGateway gateway = mesh().start(Listed.host("api.example.com", 443, "TLS", upstream.port())
                        + Listed.host("other.example.com", 443, "TLS", upstream.port()))) {
            SSLContext context = TlsClients.of(null, authority);
            Socket toApi = tunnel(gateway, "api.example.com:443");
            assertThatThrownBy(() -> secure(context, toApi, "other.example.com"))
                    .isInstanceOf(IOException.class);
            Socket nameless = tunnel(gateway, "api.example.com:443");
            assertThatThrownBy(() -> secure(context, nameless, null)).isInstanceOf(IOException.class);
            try (RawClient plain = new RawClient(tunnel(gateway, "api.example.com:443"))) {
                plain.send("GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
                assertThat(plain.readToEnd()).isEmpty();
            }
            assertThat(upstream.serverNames()).isEmpty();
            await().untilAsserted(() -> assertThat(gateway.facts())
                    .extracting(facts -> facts.details)
                    .containsExactlyInAnyOrder("tunnel_sni_differs", "tunnel_without_sni", "tunnel_without_tls"));
        }
    }

    @Test
    void aClientThatWasRedirectedHereIsServedByItsServerName() throws Exception {
        try (TlsUpstream upstream = TlsUpstream.start("hello", api);
                TestGateway gateway = mesh().start(Listed.host("api.example.com", 443, "TLS", upstream.port()))) {
            SSLContext context = TlsClients.of(null, authority);
            int port = gateway.port(MESH_PORT);
            try (RawClient client = new RawClient(
                    secure(context, new Socket(InetAddress.getLoopbackAddress(), port), "api.example.com"))) {
                client.send("GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
                assertThat(client.readResponse()).endsWith("hello");
            }
            for (String other : new String[] {"evil.example.com", null}) {
                // The JDK would resume the session, and with it send the name that the session was made for.
                SSLContext fresh = TlsClients.of(null, authority);
                assertThatThrownBy(() -> secure(fresh, new Socket(InetAddress.getLoopbackAddress(), port), other))
                        .as("server name %s", other)
                        .isInstanceOf(IOException.class);
            }
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void theProxyPortItselfMaySpeakTlsAndAskForACertificate() throws Exception {
        Issued proxy = authority.leaf("proxy").dns("egress.mesh").issue();
        Issued cart = authority
                .leaf("cart")
                .uri("spiffe://cluster.local/ns/shop/sa/cart")
                .clientUse()
                .issue();
        String routes = """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: routes}
                spec:
                  hosts: [api.example.com]
                  http:
                  - match: [{sourceNamespace: shop}]
                    route: [{destination: {host: api.example.com}}]
                  - directResponse: {status: 418}
                """;
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = mesh().secret("proxy", proxy)
                        .meshTls(new EgressOptions.MeshTls(
                                "proxy", ServerTlsSettings.Mode.OPTIONAL_MUTUAL, List.of("egress.mesh"), false))
                        .start(Listed.host("api.example.com", 80, "HTTP", upstream.port()) + routes)) {
            int port = gateway.port(MESH_PORT);
            String request = "GET http://api.example.com/ HTTP/1.1\r\nHost: api.example.com\r\n\r\n";
            SSLContext identified = TlsClients.of(cart, authority);
            try (RawClient client = new RawClient(
                    secure(identified, new Socket(InetAddress.getLoopbackAddress(), port), "egress.mesh"))) {
                assertThat(client.send(request).readResponse()).endsWith("hello");
                gateway.assumeSeen("the client's identity, which the access log does not have");
                assertThat(gateway.firstFacts().client.principal()).isEqualTo("spiffe://cluster.local/ns/shop/sa/cart");
            }
            SSLContext anonymous = TlsClients.of(null, authority);
            try (RawClient client =
                    new RawClient(secure(anonymous, new Socket(InetAddress.getLoopbackAddress(), port), null))) {
                assertThat(client.send(request).readResponse()).startsWith("HTTP/1.1 418 ");
            }
            assertThat(upstream.received()).doesNotContain("x-forwarded-client-cert");
        }
    }

    @Test
    void theGatewayMakesTheTlsOfPlainRequestsWhereADestinationRuleSaysSo() throws Exception {
        Issued client = authority
                .leaf("client")
                .uri("spiffe://cluster.local/ns/default/sa/egress")
                .clientUse()
                .issue();
        String origination = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: api}
                spec:
                  host: api.example.com
                  trafficPolicy:
                    tls: {mode: MUTUAL, credentialName: client, subjectAltNames: [api.example.com]}
                """;
        try (TlsUpstream upstream = TlsUpstream.start("hello", api, authority);
                TestGateway gateway = mesh().secret("client", client)
                        .start(Listed.host("api.example.com", 80, "HTTP", upstream.port()) + origination)) {
            String answer = RawClient.exchange(
                    gateway.port(MESH_PORT),
                    "GET http://api.example.com/v1 HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n");
            assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("hello");
            assertThat(upstream.serverNames()).containsOnly("api.example.com");
            assertThat(upstream.requests().getFirst()).startsWith("GET /v1 HTTP/1.1\r\n");
        }
    }
}
