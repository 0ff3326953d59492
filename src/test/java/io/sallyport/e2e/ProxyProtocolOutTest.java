package io.sallyport.e2e;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.egress.EgressMode;
import io.sallyport.http.h2.Frames;
import io.sallyport.listener.ListenerSettings;
import io.sallyport.listener.ProxyProtocolSettings;
import io.sallyport.net.AddressRange;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections to endpoints that begin with a PROXY protocol header: `trafficPolicy.proxyProtocol`.
@Timeout(60)
class ProxyProtocolOutTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
    private static final int LONGEST_REST = 36;

    private enum Version {
        V1 {
            @Override
            String read(RawUpstream.Connection connection) throws IOException {
                return connection.readLine();
            }

            @Override
            String header(int clientPort, int gatewayPort) {
                return "PROXY TCP4 127.0.0.1 127.0.0.1 " + clientPort + " " + gatewayPort + "\r\n";
            }
        },
        V2 {
            @Override
            String read(RawUpstream.Connection connection) throws IOException {
                String begin = connection.readBytes(16);
                assertThat((int) begin.charAt(15)).isLessThanOrEqualTo(LONGEST_REST);
                return hex(begin + connection.readBytes(begin.charAt(14) << 8 | begin.charAt(15)));
            }

            @Override
            String header(int clientPort, int gatewayPort) {
                return SIGNATURE + "2111000c7f0000017f000001%04x%04x".formatted(clientPort, gatewayPort);
            }
        };

        abstract String read(RawUpstream.Connection connection) throws IOException;

        abstract String header(int clientPort, int gatewayPort);
    }

    private static String hex(String bytes) {
        return ByteBufUtil.hexDump(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String ruleFor(String host, String policy) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: rule}
                spec: {host: %s, %s}
                ---
                """.formatted(host, policy);
    }

    private static String rule(String host, Version version) {
        return ruleFor(host, "trafficPolicy: {proxyProtocol: {version: " + version + "}}");
    }

    private static String shop(RawUpstream upstream, String rule) {
        return Yaml.httpGateway("*")
                + Yaml.gateway("port: {number: 8080, name: http2, protocol: HTTP2}, hosts: [\"*\"]")
                        .replace("name: edge", "name: edge2")
                + Yaml.service("shop.internal", upstream.port())
                + Yaml.forwardAll("shop.example", "shop.internal").replace("[edge]", "[edge, edge2]")
                + rule;
    }

    /// Answers each request with the header of its connection.
    private static RawUpstream telling(Version version) {
        return RawUpstream.start(connection -> {
            String header = version.read(connection);
            while (connection.readRequest() != null) {
                connection.write("HTTP/1.1 200 OK\r\ncontent-length: " + header.length() + "\r\n\r\n" + header);
            }
        });
    }

    private static int port(RawClient client) {
        return client.socket().getLocalPort();
    }

    @ParameterizedTest
    @EnumSource
    void eachClientHasItsOwnConnection(Version version) throws Exception {
        try (RawUpstream upstream = telling(version);
                TestGateway gateway = TestGateway.serving(shop(upstream, rule("shop.internal", version)));
                RawClient one = new RawClient(gateway.port(80));
                RawClient other = new RawClient(gateway.port(80));
                H2Client third = new H2Client(gateway.port(8080))) {
            for (int i = 0; i < 5; i++) {
                for (RawClient client : List.of(one, other)) {
                    assertThat(client.send(GET).readResponse())
                            .endsWith("\r\n\r\n" + version.header(port(client), gateway.port(80)));
                }
                int stream = 1 + 2 * i;
                third.send(Frames.headers(stream, true, H2Client.request("GET", "/")));
                assertThat(third.body(stream)).isEqualTo(version.header(third.port(), gateway.port(8080)));
            }
            assertThat(upstream.connectionCount()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesFollowIt(Version version) throws Exception {
        RawUpstream upstream = RawUpstream.start(connection -> {
            String header = version.read(connection);
            connection.write(header + connection.readBytes(5));
        });
        try (upstream;
                TestGateway gateway = TestGateway.serving(
                        Yaml.relay("db.internal", 5432, upstream.port()) + rule("db.internal", version));
                RawClient client = new RawClient(gateway.port(9000))) {
            assertThat(client.send("query").readToEnd())
                    .isEqualTo(version.header(port(client), gateway.port(9000)) + "query");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTunnelNamesItsClient(Version version) throws Exception {
        RawUpstream upstream = RawUpstream.start(connection -> connection.write(version.read(connection)));
        try (upstream;
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .start(Yaml.relay("db.internal", 5432, upstream.port()) + rule("db.internal", version));
                RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send("CONNECT db.internal:5432 HTTP/1.1\r\nHost: db.internal:5432\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(client.readToEnd()).isEqualTo(version.header(port(client), gateway.port(MESH_PORT)));
        }
    }

    @Test
    void itComesBeforeTls() throws Exception {
        RawUpstream upstream = RawUpstream.start(connection -> {
            connection.readLine();
            connection.readBytes(2);
        });
        String policy = "trafficPolicy: {proxyProtocol: {}, tls: {mode: SIMPLE, insecureSkipVerify: true}}";
        try (upstream;
                TestGateway gateway = TestGateway.serving(shop(upstream, ruleFor("shop.internal", policy)));
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(GET).readResponse()).startsWith("HTTP/1.1 503 ");
            assertThat(upstream.received())
                    .startsWith(Version.V1.header(port(client), gateway.port(80)) + "\u0016\u0003");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{proxyProtocol: {version: V2}}", "{}"})
    void aSubsetMaySayOtherwise(String ofSubset) throws Exception {
        Version expected = ofSubset.equals("{}") ? Version.V1 : Version.V2;
        String rule = ruleFor(
                "shop.internal",
                "trafficPolicy: {proxyProtocol: {version: V1}},"
                        + " subsets: [{name: all, labels: {}, trafficPolicy: {loadBalancer: {simple: RANDOM},"
                        + ofSubset.substring(1) + "}]");
        try (RawUpstream upstream = telling(expected);
                TestGateway gateway = TestGateway.serving(shop(upstream, rule)
                        .replace("host: shop.internal, port", "host: shop.internal, subset: all, port"));
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send(GET).readResponse())
                    .endsWith("\r\n\r\n" + expected.header(port(client), gateway.port(80)));
        }
    }

    private static TestGateway behindABalancer(String yaml) {
        ListenerSettings defaults = ListenerSettings.DEFAULT;
        return TestGateway.builder()
                .listeners(new ListenerSettings(
                        defaults.limits(),
                        defaults.connectionsPerListener(),
                        defaults.tlsHandshakeTimeout(),
                        defaults.rejectUnderscores(),
                        new ProxyProtocolSettings(true, List.of(AddressRange.parse("127.0.0.0/8")))))
                .start(yaml);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 203.0.113.9 198.51.100.1 4000 443",
                "PROXY TCP6 2001:db8::9 2001:db8::1 4000 443",
                "PROXY TCP6 ::ffff:203.0.113.9 2001:db8::1 4000 443"
            })
    void aClientBehindABalancerIsNamedAsTheBalancerNamesIt(String header) throws Exception {
        try (RawUpstream upstream = telling(Version.V1);
                TestGateway gateway = behindABalancer(shop(upstream, rule("shop.internal", Version.V1)));
                RawClient client = new RawClient(gateway.port(80))) {
            client.send(header + "\r\n" + GET);
            assertThat(client.readResponse()).endsWith("\r\n\r\n" + header + "\r\n");
        }
    }

    @Test
    void addressesOfTwoKindsAreBothOfVersion6() throws Exception {
        try (RawUpstream upstream = telling(Version.V2);
                TestGateway gateway = behindABalancer(shop(upstream, rule("shop.internal", Version.V2)));
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("PROXY TCP6 ::ffff:203.0.113.9 2001:db8::1 4000 443\r\n" + GET);
            assertThat(client.readResponse())
                    .endsWith(SIGNATURE + "21210024" + "00000000000000000000ffffcb007109"
                            + "20010db8000000000000000000000001" + "0fa001bb");
        }
    }

    /// What a route matches and a log shows as the address that the client connected to is the balancer's.
    @ParameterizedTest
    @CsvSource({"198.51.100.1, balanced", "198.51.101.1, else"})
    void routesByDestinationGoByTheHeader(String destination, String expected) throws Exception {
        try (RawUpstream balanced = RawUpstream.start(connection -> connection.write("balanced"));
                RawUpstream other = RawUpstream.start(connection -> connection.write("else"));
                TestGateway gateway = behindABalancer(Yaml.relay("db.internal", 5432, other.port())
                                .replace(
                                        "tcp: [",
                                        "tcp: [{match: [{destinationSubnets: [198.51.100.0/24]}], route: [{destination:"
                                                + " {host: balanced.internal}}]}, ")
                        + Yaml.service("balanced.internal", "TCP", balanced.port()));
                RawClient client = new RawClient(gateway.port(9000))) {
            client.send("PROXY TCP4 203.0.113.9 " + destination + " 4000 443\r\n");
            assertThat(client.readToEnd()).isEqualTo(expected);
            client.endOutput();
            gateway.assumeSeen("the address that the client connected to");
            assertThat(gateway.firstFacts().client.local())
                    .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral(destination), 443));
        }
    }

    /// As Envoy has it: the gateway's own address by version 1, `LOCAL` by version 2.
    @ParameterizedTest
    @EnumSource
    void healthChecksNameNoClient(Version version) throws Exception {
        RawUpstream upstream = telling(version);
        String config = shop(upstream, rule("shop.internal", version)).replace("metadata: {name: shop-internal}", """
                        metadata:
                            name: shop-internal
                            annotations:
                              sallyport.io/health-check: "{type: http, path: /health, interval: 20ms, timeout: 5s}"\
                        """);
        try (upstream;
                TestGateway gateway = TestGateway.serving(config)) {
            await().until(() -> upstream.received().contains("GET /health"));
            assertThat(upstream.received())
                    .startsWith(
                            version == Version.V1
                                    ? "PROXY TCP4 127.0.0.1 127.0.0.1 "
                                    : "\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0GET /health");
            if (version == Version.V1) {
                assertThat(upstream.received()).containsPattern("1 \\d+ " + upstream.port() + "\r\nGET /health");
            }
        }
    }
}
