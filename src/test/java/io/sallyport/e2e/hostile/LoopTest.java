package io.sallyport.e2e.hostile;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.discovery.EndpointSlice;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.ServiceName;
import io.sallyport.discovery.ServiceRegistry;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What leads back to the gateway itself ends at the first repetition.
class LoopTest {
    /// More than twice as many as there are, since each is chosen at random.
    private static final int MANY_PORTS = 80_000;

    private static String entry(String host, int port, String protocol, int endpoint) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec:
                  hosts: [%s]
                  resolution: STATIC
                  ports: [{number: %d, name: port, protocol: %s}]
                  endpoints: [{address: 127.0.0.1, ports: {port: %d}}]
                ---
                """.formatted(host, host, port, protocol, endpoint);
    }

    /// A gateway that forwards what comes in by port 80 to itself.
    private static TestGateway itself(String operations, boolean http2) {
        TestGateway gateway = TestGateway.builder().start(Yaml.httpGateway("*"));
        String routes = Yaml.virtualService("*", """
                - headers: {request: %s}
                  route: [{destination: {host: loop.test, port: {number: 80}}}]
                """.formatted(operations));
        gateway.apply(
                Yaml.httpGateway("*") + routes + entry("loop.test", 80, http2 ? "HTTP2" : "HTTP", gateway.port(80)));
        return gateway;
    }

    private static String get(TestGateway gateway, String fields) throws IOException {
        return RawClient.exchange(
                gateway.port(80), "GET / HTTP/1.1\r\nHost: a.test\r\n" + fields + "Connection: close\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{remove: [via]}",
                "{set: {via: 1.1 other}}",
                "{add: {via: 1.1 other}}",
                "{set: {Via: ''}}",
            })
    void aRequestThatComesInAgainIs508(String operations) throws Exception {
        try (TestGateway gateway = itself(operations, false)) {
            assertThat(get(gateway, "")).startsWith("HTTP/1.1 508 ").contains("loop_detected");
            assertThat(get(gateway, "Via: 1.0 fred, 1.1 p.example.net\r\n")).startsWith("HTTP/1.1 508 ");
            await().until(() -> gateway.facts().size() == 4);
            assertThat(gateway.facts()).extracting(facts -> facts.status).containsOnly(508);
        }
    }

    @Test
    void twoListenersThatSendARequestToEachOther() throws Exception {
        String gateways = Yaml.httpGateway("*")
                + Yaml.httpGateway("*").replace("name: ", "name: other-").replace("number: 80", "number: 8080");
        try (TestGateway gateway = TestGateway.builder().start(gateways)) {
            String routes = """
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: %1$s}
                    spec:
                      hosts: ["*"]
                      gateways: ["%2$s"]
                      http:
                      - headers: {request: {remove: [via]}}
                        route: [{destination: {host: %3$s, port: {number: 80}}}]
                    ---
                    """;
            String names = Yaml.httpGateway("*").replaceAll("(?s).*?name: ([a-z]+).*", "$1");
            gateway.apply(gateways
                    + routes.formatted("one", names, "second.test")
                    + routes.formatted("two", "other-" + names, "first.test")
                    + entry("first.test", 80, "HTTP", gateway.port(80))
                    + entry("second.test", 80, "HTTP", gateway.port(8080)));
            assertThat(get(gateway, "")).startsWith("HTTP/1.1 508 ");
            await().until(() -> gateway.facts().size() == 3);
        }
    }

    @Test
    void overHttp2() throws Exception {
        try (TestGateway gateway = itself("{}", true)) {
            assertThat(get(gateway, "")).matches("(?s)HTTP/1.1 50[238] .*");
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSizeLessThan(9));
        }
    }

    @Test
    void viaOfOthersIsPassedOnUntouched() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.virtualService("*", "- route: [{destination: {host: up.test, port: {number: 80}}}]")
                        + entry("up.test", 80, "HTTP", upstream.port()))) {
            String strange = "Via: 1.1 a (x, y), ,,\r\nVia: sallyport-0123456789abcdef\r\n";
            assertThat(get(gateway, strange)).endsWith("hello");
            assertThat(upstream.received().toLowerCase(java.util.Locale.ROOT))
                    .contains("via: 1.1 a (x, y), ,,\r\n", "via: sallyport-0123456789abcdef\r\n")
                    .containsPattern("via: 1.1 sallyport-[0-9a-f]{16}\r\n");
        }
    }

    @Test
    void bytesThatComeInAgainAreClosed() throws Exception {
        String tcp = """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: tcp}
                spec:
                  servers: [{hosts: ["*"], port: {number: 31400, name: tcp, protocol: TCP}}]
                ---
                """;
        try (TestGateway gateway = TestGateway.builder().start(tcp)) {
            gateway.apply(tcp + entry("loop.test", 31400, "TCP", gateway.port(31400)) + """
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: loop}
                    spec:
                      hosts: ["*"]
                      gateways: [tcp]
                      tcp: [{route: [{destination: {host: loop.test, port: {number: 31400}}}]}]
                    """);
            try (RawClient client = new RawClient(gateway.port(31400))) {
                assertThat(client.readToEnd()).isEmpty();
            }
            await().until(() -> !gateway.facts().isEmpty());
            assertThat(gateway.facts()).hasSizeLessThanOrEqualTo(2);
        }
    }

    @Test
    void aServerNameThatLeadsBackIsClosed() throws Exception {
        String tls = """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: tls}
                spec:
                  servers: [{hosts: ["*"], port: {number: 443, name: tls, protocol: TLS}, tls: {mode: PASSTHROUGH}}]
                ---
                """;
        try (TestGateway gateway = TestGateway.builder().start(tls)) {
            gateway.apply(tls + entry("loop.test", 443, "TLS", gateway.port(443)) + """
                    apiVersion: networking.istio.io/v1
                    kind: VirtualService
                    metadata: {name: loop}
                    spec:
                      hosts: ["loop.test"]
                      gateways: [tls]
                      tls:
                      - match: [{sniHosts: [loop.test]}]
                        route: [{destination: {host: loop.test, port: {number: 443}}}]
                    """);
            try (RawClient client = new RawClient(gateway.port(443))) {
                client.send(ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName("loop.test")))));
                assertThat(client.readToEnd()).isEmpty();
            }
            await().until(() -> !gateway.facts().isEmpty());
            assertThat(gateway.facts()).hasSize(1);
        }
    }

    @Test
    void aListedEndpointThatIsTheProxyPortIsRefused() throws Exception {
        try (TestGateway gateway =
                TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(Yaml.service("other.example", 1))) {
            gateway.apply(entry("loop.test", 80, "HTTP", gateway.port(MESH_PORT))
                    + entry("bytes.test", 5432, "TCP", gateway.port(MESH_PORT)));
            for (String request : List.of(
                    "GET http://loop.test/ HTTP/1.1\r\nHost: loop.test\r\nConnection: close\r\n\r\n",
                    "CONNECT bytes.test:5432 HTTP/1.1\r\nHost: bytes.test:5432\r\n\r\n")) {
                assertThat(RawClient.exchange(gateway.port(MESH_PORT), request)).startsWith("HTTP/1.1 403 ");
            }
            await().until(() -> gateway.facts().size() == 2);
        }
    }

    /// A name leads to the address of a service behind which this very gateway stands.
    @Test
    void anAddressOfTheGatewaysOwnServiceIsRefused() throws Exception {
        ServiceRegistry usage = new ServiceRegistry();
        ServiceName name = new ServiceName("edge", "sallyport");
        try (TestDns dns = new TestDns().addresses("front.test", 600, "10.96.0.9");
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .dns(dns)
                        .catalog(usage)
                        .start(entry("front.test", 80, "HTTP", 15001)
                                        .replace("STATIC", "DNS\n  location: MESH_INTERNAL")
                                        .replace("address: 127.0.0.1", "address: front.test")
                                + entry("bytes.test", 5432, "TCP", 15001)
                                        .replace("STATIC", "DNS\n  location: MESH_INTERNAL")
                                        .replace("address: 127.0.0.1", "address: front.test"))) {
            usage.put(new MeshService(
                    name,
                    List.of(new MeshService.Port(15001, "mesh", null)),
                    List.of("10.96.0.9"),
                    null,
                    "IPv4",
                    false,
                    List.of()));
            usage.put(new EndpointSlice(
                    "edge/sallyport-x",
                    name,
                    "IPv4",
                    Map.of("mesh", gateway.port(MESH_PORT)),
                    List.of(new EndpointSlice.Member("127.0.0.1", true, false, "sallyport-1", null, null))));
            usage.publish();
            for (String request : List.of(
                    "GET http://front.test/ HTTP/1.1\r\nHost: front.test\r\nConnection: close\r\n\r\n",
                    "CONNECT bytes.test:5432 HTTP/1.1\r\nHost: bytes.test:5432\r\n\r\n")) {
                assertThat(RawClient.exchange(gateway.port(MESH_PORT), request))
                        .startsWith("HTTP/1.1 403 ")
                        .contains("a port of this gateway itself");
            }
        }
    }

    /// The kernel gives one address and port to several sockets that are connected to different places, unless one was
    /// bound first; a client's would be taken for the relay's other end.
    @Test
    void noClientOfThisHostHasTheAddressOfARelay() throws Exception {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (ServerSocket upstream = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"));
                ServerSocket elsewhere = new ServerSocket(0, 1024, loopback);
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .start("""
                        apiVersion: networking.istio.io/v1
                        kind: ServiceEntry
                        metadata: {name: relayed}
                        spec:
                          hosts: [relayed.test]
                          resolution: STATIC
                          ports: [{number: 5432, name: tcp, protocol: TCP}]
                          endpoints: [{address: 127.0.0.2, ports: {tcp: %d}}]
                        """.formatted(upstream.getLocalPort()));
                RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send("CONNECT relayed.test:5432 HTTP/1.1\r\nHost: relayed.test:5432\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            int taken;
            try (Socket relay = upstream.accept()) {
                taken = relay.getPort();
                Thread.ofVirtual().start(() -> closeAll(elsewhere));
                for (int i = 0; i < MANY_PORTS; i++) {
                    try (Socket other = new Socket(loopback, elsewhere.getLocalPort())) {
                        other.setSoLinger(true, 0);
                        assertThat(other.getLocalPort()).isNotEqualTo(taken);
                    }
                }
            }
        }
    }

    private static void closeAll(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket accepted = server.accept()) {
                // Not before the client: its connect would fail.
                accepted.getInputStream().read();
            } catch (IOException closed) {
                continue;
            }
        }
    }
}
