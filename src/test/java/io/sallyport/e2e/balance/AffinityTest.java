package io.sallyport.e2e.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Consistent hashing as clients see it.
class AffinityTest {
    /// So many that one of three endpoints is missed by all of them once in a thousand million runs.
    private static final int USERS = 60;

    private interface Request {
        String send(int user) throws IOException;
    }

    private static String hash(String text) {
        return "loadBalancer: {consistentHash: {" + text + "}}";
    }

    /// Each user meets one endpoint, and the users together all three.
    private static void assertThatUsersStay(Request request) throws IOException {
        Set<String> met = new HashSet<>();
        for (int user = 0; user < USERS; user++) {
            String first = Fleet.who(request.send(user));
            for (int i = 0; i < 3; i++) {
                assertThat(Fleet.who(request.send(user))).isEqualTo(first);
            }
            met.add(first);
        }
        assertThat(met).containsExactlyInAnyOrder("#0", "#1", "#2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", maglev: {}", ", ringHash: {minimumRingSize: 50000}"})
    void requestsWithOneHeaderGoToOneEndpoint(String algorithm) throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(hash("httpHeaderName: X-User" + algorithm)))) {
            assertThatUsersStay(user -> Fleet.get(gateway, "/", "x-user: " + user));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "Host", ":authority", ":Authority"})
    void requestsForOneHostGoToOneEndpoint(String header) throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(hash("httpHeaderName: '" + header + "'"))
                        + Yaml.virtualService("*.users.example", """
                                - rewrite: {authority: shop.internal}
                                  route: [{destination: {host: shop.example}}]
                                """))) {
            assertThatUsersStay(user -> RawClient.exchange(
                    gateway.port(80),
                    "GET / HTTP/1.1\r\nHost: U" + user + ".users.example\r\nConnection: close\r\n\r\n"));
        }
    }

    @Test
    void requestsForOnePathGoToOneEndpoint() throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(hash("httpHeaderName: ':path'")))) {
            assertThatUsersStay(user -> Fleet.get(gateway, "/x/../users/" + user));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {":method", ":scheme"})
    void requestsAlikeGoToOneEndpoint(String header) throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(hash("httpHeaderName: '" + header + "'")))) {
            Set<String> met = new HashSet<>();
            for (int user = 0; user < USERS; user++) {
                met.add(Fleet.who(Fleet.get(gateway, "/" + user)));
            }
            assertThat(met).hasSize(1);
        }
    }

    @Test
    void requestsWithOneQueryParameterGoToOneEndpoint() throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(hash("httpQueryParameterName: user")))) {
            assertThatUsersStay(user -> Fleet.get(gateway, "/?auser=1&user=" + user + "&user=9"));
        }
    }

    @Test
    void aClientWithoutTheCookieGetsOneAndStaysWhereItWas() throws Exception {
        String policy = hash("httpCookie: {name: session, path: /shop, ttl: 90s, attributes: [{name: SameSite, value:"
                + " Lax}, {name: Secure}]}");
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(policy))) {
            Pattern cookie = Pattern.compile(
                    "\r\nset-cookie: session=(\"[0-9a-f]{16}\"); Max-Age=90; Path=/shop; SameSite=Lax; Secure; HttpOnly\r\n");
            Set<String> met = new HashSet<>();
            for (int user = 0; user < USERS; user++) {
                String response = Fleet.get(gateway, "/");
                Matcher made = cookie.matcher(response);
                assertThat(made.find()).as(response).isTrue();
                for (String spelled : new String[] {made.group(1), made.group(1).replace("\"", "")}) {
                    String next = Fleet.get(gateway, "/", "cookie: other=1; xsession=0; session=" + spelled);
                    assertThat(Fleet.who(next)).isEqualTo(Fleet.who(response));
                    assertThat(next).doesNotContain("set-cookie");
                }
                met.add(Fleet.who(response));
            }
            assertThat(met).hasSize(3);
        }
    }

    /// A page's requests race for the first cookie.
    @Test
    void requestsOfOneConnectionGetOneCookie() throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(hash("httpCookie: {name: s, ttl: 0s}")))) {
            Set<String> connections = new HashSet<>();
            for (int connection = 0; connection < 20; connection++) {
                Set<String> cookies = new HashSet<>();
                try (RawClient client = new RawClient(gateway.port(80))) {
                    for (int i = 0; i < 5; i++) {
                        String response = client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                                .readResponse();
                        cookies.add(response.lines()
                                        .filter(line -> line.startsWith("set-cookie"))
                                        .findFirst()
                                        .orElseThrow()
                                + Fleet.who(response));
                    }
                }
                assertThat(cookies).hasSize(1);
                connections.addAll(cookies);
            }
            assertThat(connections).hasSize(20);
        }
    }

    /// `Max-Age=0` would delete it.
    @ParameterizedTest
    @ValueSource(strings = {"0s", "1ms", "999ms"})
    void aCookieWithATtlBelowASecondLivesAsLongAsTheBrowser(String ttl) throws Exception {
        try (Fleet fleet = new Fleet(1);
                TestGateway gateway =
                        TestGateway.serving(fleet.yaml(hash("httpCookie: {name: s, ttl: " + ttl + "}")))) {
            assertThat(Fleet.get(gateway, "/")).containsPattern("\r\nset-cookie: s=\"[0-9a-f]{16}\"; HttpOnly\r\n");
            assertThat(Fleet.get(gateway, "/", "cookie: s=")).contains("\r\nset-cookie: s=");
        }
    }

    @Test
    void aCookieWithoutTtlIsNeverMade() throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(hash("httpCookie: {name: s}")))) {
            assertThat(Fleet.get(gateway, "/")).doesNotContain("set-cookie");
            assertThatUsersStay(user -> Fleet.get(gateway, "/", "cookie: a=b", "cookie: s=" + user));
        }
    }

    @Test
    void theEndpointsOwnCookiesStayBesideOurs() throws Exception {
        try (var upstream = io.sallyport.testing.RawUpstream.answering(
                        "HTTP/1.1 200 OK\r\nset-cookie: own=1\r\ncontent-length: 0\r\n\r\n");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("shop.example", upstream.port())
                        + Fleet.rule(hash("httpCookie: {name: s, ttl: 0s}"))
                        + Yaml.forwardAll("shop.example", "shop.example"))) {
            assertThat(Fleet.get(gateway, "/")).contains("\r\nset-cookie: own=1\r\n", "\r\nset-cookie: s=");
        }
    }

    @Test
    void theClientsAddressIsTheOneThatTheTrustedHopHasSeen() throws Exception {
        ProxySettings settings = trusting(ProxySettings.DEFAULT, 1);
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway =
                        TestGateway.builder().proxy(settings).start(fleet.yaml(hash("useSourceIp: true")))) {
            assertThatUsersStay(user -> Fleet.get(gateway, "/", "x-forwarded-for: 6.6.6.6, 10.0.0." + user));
            // What stands to the left of it the client may have made up.
            Set<String> met = new HashSet<>();
            for (int i = 0; i < USERS; i++) {
                met.add(Fleet.who(Fleet.get(gateway, "/", "x-forwarded-for: 10.0.0." + i + ",10.9.9.9")));
            }
            assertThat(met).hasSize(1);
        }
    }

    @Test
    void withoutATrustedHopTheAddressIsThePeers() throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway = TestGateway.serving(fleet.yaml(hash("useSourceIp: true")))) {
            Set<String> met = new HashSet<>();
            for (int i = 0; i < USERS; i++) {
                met.add(Fleet.who(Fleet.get(gateway, "/", "x-forwarded-for: 10.0.0." + i)));
            }
            assertThat(met).hasSize(1);
        }
    }

    private static ProxySettings trusting(ProxySettings settings, int hops) {
        return new ProxySettings(
                hops,
                settings.paths(),
                settings.via(),
                new AsciiString("sallyport"),
                settings.flagHeader(),
                settings.tunnels(),
                settings.retryBodyBytes());
    }

    @Test
    void tcpConnectionsOfOneAddressGoToOneEndpoint() throws Exception {
        try (Fleet fleet = new Fleet(3);
                TestGateway gateway =
                        TestGateway.serving("""
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: edge}
                        spec:
                          selector: {istio: ingressgateway}
                          servers:
                          - port: {number: 9000, name: tcp, protocol: TCP}
                            hosts: ["*"]
                        ---
                        apiVersion: networking.istio.io/v1
                        kind: VirtualService
                        metadata: {name: tcp}
                        spec:
                          hosts: ["*"]
                          gateways: [edge]
                          tcp:
                          - route: [{destination: {host: shop.example, port: {number: 80}}}]
                        ---
                        """ + fleet.entry("TCP") + Fleet.rule(hash("useSourceIp: true")))) {
            Set<String> met = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                try (RawClient client = new RawClient(gateway.port(9000))) {
                    met.add(Fleet.who(client.send("GET / HTTP/1.1\r\n\r\n").readResponse()));
                }
            }
            assertThat(met).hasSize(1);
        }
    }
}
