package io.sallyport.e2e.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.egress.EgressMode;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.TlsUpstream;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/// Istio's egress gateway: VirtualServices lead from `mesh` to it and from it to the service outside. Here one process
/// is both, as a small installation would have it.
class EgressGatewayTest {
    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued api = authority.leaf("api").dns("api.example.com").issue();

    /// The egress gateway's own service, as Kubernetes would know it.
    private static String gatewayService(int number, String protocol, int bound) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: egressgateway, namespace: istio-system}
                spec:
                  hosts: [istio-egressgateway.istio-system.svc.cluster.local]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: %d, name: port, protocol: %s}]
                  endpoints: [{address: 127.0.0.1, ports: {port: %d}}]
                ---
                """.formatted(number, protocol, bound);
    }

    @Test
    void plainRequestsGoThroughTheEgressGatewayWhichMakesTheTls() throws Exception {
        int egress = BuiltProgram.freePort();
        Issued client = authority.leaf("client").dns("egress").clientUse().issue();
        try (TlsUpstream upstream = TlsUpstream.start("hello", api, authority);
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .secret("client", client)
                        .start(gatewayService(80, "HTTP", egress)
                                + Listed.host("api.example.com", 80, "HTTP", 1)
                                + Listed.host("api.example.com", 443, "HTTPS", upstream.port())
                                + """
                                apiVersion: networking.istio.io/v1
                                kind: Gateway
                                metadata: {name: egress}
                                spec:
                                  selector: {istio: ingressgateway}
                                  servers:
                                  - port: {number: %d, name: http, protocol: HTTP}
                                    hosts: [api.example.com]
                                ---
                                apiVersion: networking.istio.io/v1
                                kind: VirtualService
                                metadata: {name: through-egress}
                                spec:
                                  hosts: [api.example.com]
                                  gateways: [mesh, egress]
                                  http:
                                  - match: [{gateways: [mesh], port: 80}]
                                    route:
                                    - destination:
                                        host: istio-egressgateway.istio-system.svc.cluster.local
                                        port: {number: 80}
                                  - match: [{gateways: [egress]}]
                                    route: [{destination: {host: api.example.com, port: {number: 443}}}]
                                ---
                                apiVersion: networking.istio.io/v1
                                kind: DestinationRule
                                metadata: {name: originate}
                                spec:
                                  host: api.example.com
                                  trafficPolicy:
                                    portLevelSettings:
                                    - port: {number: 443}
                                      tls: {mode: MUTUAL, credentialName: client, sni: api.example.com}
                                """.formatted(egress))) {
            String answer = RawClient.exchange(
                    gateway.port(MESH_PORT),
                    "GET http://api.example.com/v1 HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n");
            assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("hello");
            assertThat(upstream.serverNames()).containsOnly("api.example.com");
            assertThat(upstream.requests().getFirst()).startsWith("GET /v1 HTTP/1.1\r\n");
        }
    }

    @Test
    void tunnelsGoThroughTheEgressGatewayByTheirServerName() throws Exception {
        int egress = BuiltProgram.freePort();
        try (TlsUpstream upstream = TlsUpstream.start("hello", api);
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .start(gatewayService(443, "TLS", egress)
                                + Listed.host("api.example.com", 443, "TLS", upstream.port())
                                + """
                                apiVersion: networking.istio.io/v1
                                kind: Gateway
                                metadata: {name: egress}
                                spec:
                                  servers:
                                  - port: {number: %d, name: tls, protocol: TLS}
                                    hosts: [api.example.com]
                                    tls: {mode: PASSTHROUGH}
                                ---
                                apiVersion: networking.istio.io/v1
                                kind: VirtualService
                                metadata: {name: through-egress}
                                spec:
                                  hosts: [api.example.com]
                                  gateways: [mesh, egress]
                                  tls:
                                  - match: [{gateways: [mesh], port: 443, sniHosts: [api.example.com]}]
                                    route:
                                    - destination:
                                        host: istio-egressgateway.istio-system.svc.cluster.local
                                        port: {number: 443}
                                  - match: [{gateways: [egress], sniHosts: [api.example.com]}]
                                    route: [{destination: {host: api.example.com, port: {number: 443}}}]
                                """.formatted(egress));
                RawClient tunnel = new RawClient(gateway.port(MESH_PORT))) {
            tunnel.send("CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n\r\n");
            assertThat(tunnel.readHead()).startsWith("HTTP/1.1 200 ");
            SSLSocket tls = (SSLSocket)
                    TlsClients.of(null, authority).getSocketFactory().createSocket(tunnel.socket(), "", 0, true);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName("api.example.com")));
            tls.setSSLParameters(parameters);
            try (RawClient client = new RawClient(tls)) {
                client.send("GET / HTTP/1.1\r\nHost: api.example.com\r\n\r\n");
                assertThat(client.readResponse()).endsWith("hello");
            }
            await().untilAsserted(() -> assertThat(gateway.facts())
                    .extracting(facts -> facts.destination.cluster())
                    .contains("outbound|443||api.example.com"));
        }
    }
}
