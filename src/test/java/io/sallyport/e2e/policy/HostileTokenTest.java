package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.ask;
import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.http1;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.AuthorizationFixture.provider;
import static io.sallyport.e2e.policy.TokenFixture.FORGED;
import static io.sallyport.e2e.policy.TokenFixture.GOOD;
import static io.sallyport.e2e.policy.TokenFixture.bearer;
import static io.sallyport.e2e.policy.TokenFixture.token;
import static io.sallyport.e2e.policy.TokenFixture.tokens;
import static io.sallyport.testing.TestTokens.base64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http2.Http2Headers;
import io.sallyport.testing.Http2WebSocketClient;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens as an attacker sends them, and requests that try to get past the rules for them, over both versions of HTTP.
class HostileTokenTest {
    private static final String ROUTES = Yaml.httpGateway("*") + Yaml.forwardAll("a.test", "up.internal");
    private static final String SUBJECT = "outputClaimToHeaders: [{header: x-sub, claim: sub}]";
    private static final String ISS = "\"iss\": \"https://issuer.test\"";

    private static TestGateway serving(RawUpstream upstream, String policies) {
        return TestGateway.serving(ROUTES + Yaml.service("up.internal", upstream.port()) + policies);
    }

    private static String es256(String header, String payload) {
        return TestTokens.signed("ES256", TestTokens.key("ES256", "k").getPrivate(), header, payload);
    }

    /// Each is signed by the issuer's own key, so that its shape alone is what is wrong.
    static Stream<String> malformed() {
        String header = "{\"alg\":\"ES256\",\"kid\":\"k\"}";
        String payload = "{" + ISS + "}";
        String[] parts = GOOD.split("\\.");
        byte[] zeros = new byte[64];
        return Stream.of(
                // Parts and base64url.
                GOOD + ".",
                "." + GOOD,
                parts[0] + "." + parts[1],
                parts[0] + "." + parts[1] + ".",
                parts[0] + ".." + parts[2],
                "." + parts[1] + "." + parts[2],
                parts[0] + "=." + parts[1] + "." + parts[2],
                parts[0] + "." + parts[1] + "=." + parts[2],
                GOOD + "=",
                GOOD + "==",
                parts[0] + "." + parts[1] + "!." + parts[2],
                parts[0] + "+/." + parts[1] + "." + parts[2],
                GOOD.substring(0, GOOD.length() - 1),
                parts[1] + "." + parts[0] + "." + parts[2],
                parts[0] + "." + base64("{" + ISS + ", \"sub\": \"root\"}") + "." + parts[2],
                parts[0] + "." + parts[1] + "." + base64(zeros),
                // Headers.
                es256("{}", payload),
                es256("{\"alg\":\"none\"}", payload),
                es256("{\"alg\":\"nOnE\"}", payload),
                es256("{\"alg\":\"HS256\"}", payload),
                es256("{\"alg\":\"RS256\"}", payload),
                es256("{\"alg\":\"ES384\"}", payload),
                es256("{\"alg\":\"ES256\",\"alg\":\"none\"}", payload),
                es256("{\"alg\":\"none\",\"alg\":\"ES256\"}", payload),
                es256("{\"alg\":\"ES256\",\"\\u0061lg\":\"none\"}", payload),
                es256("{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}", payload),
                es256("{\"alg\":\"ES256\",\"crit\":[]}", payload),
                es256("{\"alg\":\"ES256\",\"kid\":\"../../k\"}", payload),
                es256("{\"alg\":\"ES256\",\"kid\":\"k' OR 1=1\"}", payload),
                es256("{\"alg\":\"ES256\",\"kid\":7}", payload),
                es256("{\"alg\":\"ES256\",\"kid\":\"k\"} {}", payload),
                es256("[" + header + "]", payload),
                // Payloads.
                es256(header, "{" + ISS + "," + ISS + "}"),
                es256(header, "{" + ISS + ", \"a\": {\"b\": 1, \"b\": 2}}"),
                es256(header, "{" + ISS + ", \"exp\": -1}"),
                es256(header, "{" + ISS + ", \"exp\": 4102444800.5}"),
                es256(header, "{" + ISS + ", \"exp\": \"4102444800\"}"),
                es256(header, "{" + ISS + ", \"exp\": 1e400}"),
                es256(header, "{" + ISS + ", \"nbf\": -1}"),
                es256(header, "{" + ISS + ", \"nbf\": 4102444800}"),
                es256(header, "{" + ISS + ", \"iat\": true}"),
                es256(header, "{" + ISS + ", \"aud\": 7}"),
                es256(header, "{" + ISS + ", \"sub\": [\"root\"]}"),
                es256(header, "{" + ISS + ", \"a\": " + "[".repeat(1_000) + "]".repeat(1_000) + "}"),
                es256(header, "{" + ISS + ", \"a\": " + "9".repeat(5_000) + "}"),
                es256(header, "[" + payload + "]"),
                es256(header, payload + "x"),
                es256(header, "\ufeff" + payload),
                es256(header, "{\"iss\": \"https://issuer.test/\"}"),
                es256(header, "{\"iss\": \"HTTPS://issuer.test\"}"),
                es256(header, "{\"iss\": \"https://issuer.test\\u0000\"}"),
                // Key confusion.
                TestTokens.signed(
                        "HS256",
                        TestTokens.jwk("ES256", "k").getBytes(StandardCharsets.US_ASCII),
                        "{\"alg\":\"HS256\",\"kid\":\"k\"}",
                        payload),
                TestTokens.signed(
                        "HS256",
                        TestTokens.key("ES256", "k").getPublic().getEncoded(),
                        "{\"alg\":\"HS256\",\"kid\":\"k\"}",
                        payload),
                TestTokens.signed("ES384", TestTokens.key("ES384", "k").getPrivate(), header, payload),
                FORGED);
    }

    private static String shown(String token) {
        return token.substring(0, Math.min(token.length(), 200));
    }

    @Test
    void noMalformedTokenPasses() throws Exception {
        String huge = token("{" + ISS + ", \"a\": \"" + "x".repeat(33_000) + "\"}");
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(""))) {
            for (String token : malformed().toList()) {
                assertThat(get(gateway, "a.test", "/", bearer(token)))
                        .as(shown(token))
                        .isEqualTo(401);
            }
            assertThat(http1(gateway, "GET", "a.test", "/", bearer(huge))).startsWith("HTTP/1.1 401 ");
            assertThat(upstream.connectionCount()).isZero();
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(200);
        }
    }

    @Test
    void nineTokensAreTooMany() throws Exception {
        StringBuilder query = new StringBuilder("/?a=1");
        for (int i = 0; i < 9; i++) {
            query.append("&access_token=").append(token("{" + ISS + ", \"jti\": \"" + i + "\"}"));
        }
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(""))) {
            assertThat(get(gateway, "a.test", query.toString())).isEqualTo(401);
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    /// A server cuts blanks off a header's ends, so ` admin` would become `admin`: who registers such a name at an
    /// issuer would be somebody else.
    @ParameterizedTest
    @ValueSource(
            strings = {" admin", "admin ", "\\tadmin", "admin\\t", " ", "\\u0000admin", "ad\\r\\nmin", "admin\\u007f"})
    void aClaimMakesNoOtherHeaderThanItSays(String subject) throws Exception {
        String token = token("{" + ISS + ", \"sub\": \"" + subject + "\"}");
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(SUBJECT))) {
            assertThat(get(gateway, "a.test", "/", "x-sub", "root", "authorization", "Bearer " + token))
                    .isEqualTo(200);
            assertThat(upstream.received()).contains("GET / ").doesNotContain("x-sub", "admin", "root");
        }
    }

    /// As a field that ends at the gateway, it would not reach whom it is for.
    @Test
    void aClientCannotHaveAClaimTakenOut() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(SUBJECT))) {
            String head = "GET / HTTP/1.1\r\nHost: a.test\r\nX-Sub: root\r\nAuthorization: Bearer " + GOOD + "\r\n";
            for (String options : List.of("close, x-sub", "close, X-SUB, authorization")) {
                assertThat(RawClient.exchange(gateway.port(80), head + "Connection: " + options + "\r\n\r\n"))
                        .startsWith("HTTP/1.1 200 ");
            }
            assertThat(upstream.received().split("x-sub: alice\r\n", -1)).hasSize(3);
            assertThat(upstream.received()).doesNotContain("root", GOOD);
        }
    }

    /// Servers may read them as headers, and nobody has verified them there.
    @Test
    void trailersHaveNoTokens() throws Exception {
        String rule = "fromHeaders: [{name: x-token}]\nforwardOriginalToken: true";
        String body =
                "1\r\nx\r\n0\r\nX-Token: " + FORGED + "\r\nAuthorization: Bearer " + FORGED + "\r\nx-sum: 1\r\n\r\n";
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(rule))) {
            assertThat(RawClient.exchange(
                            gateway.port(80),
                            "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
                                    + "X-Token: " + GOOD + "\r\n\r\n" + body))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(upstream.received())
                    .contains("x-token: " + GOOD, "x-sum: 1\r\n")
                    .doesNotContain(FORGED);
        }
    }

    /// Whatever becomes of the request: a log is read by more people than may have the token.
    @ParameterizedTest
    @MethodSource("inQueries")
    void logsHaveNoTokens(String target, int status, String logged) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(""))) {
            assertThat(AuthorizationFixture.status(http1(gateway, "GET", "a.test", target)))
                    .isEqualTo(status);
            assertThat(gateway.firstFacts().path).isEqualTo(logged);
        }
    }

    /// Whom an authorizer denies, who is asked before tokens are looked at, has no token in the log either.
    @Test
    void logsHaveNoTokensOfWhomAnAuthorizerDenies() throws Exception {
        String ask =
                provider("envoyExtAuthzHttp") + policy("ask", "action: CUSTOM\nprovider: {name: gate}\nrules: [{}]");
        try (RawUpstream upstream = RawUpstream.ok("up");
                RawUpstream gate = RawUpstream.answering("HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n");
                TestGateway gateway =
                        serving(upstream, tokens("") + ask + Yaml.service("authz.internal", gate.port()))) {
            assertThat(http1(gateway, "GET", "a.test", "/p?access_token=" + GOOD + "&b=2"))
                    .startsWith("HTTP/1.1 403 ");
            assertThat(gateway.firstFacts().path).isEqualTo("/p?b=2");
        }
    }

    static Stream<Object[]> inQueries() {
        return Stream.of(
                new Object[] {"/p?access_token=" + GOOD, 200, "/p"},
                new Object[] {"/p?a=1&access_token=" + GOOD + "&b=2", 200, "/p?a=1&b=2"},
                new Object[] {"/p?a=1;%61ccess_token=" + GOOD, 200, "/p"},
                new Object[] {"/p?access_token=" + FORGED + "&b=2", 401, "/p?b=2"},
                new Object[] {"/p?access_token", 401, "/p"},
                new Object[] {"/p?", 200, "/p?"});
    }

    /// A tunnel through a request's upgrade is for whom the request is for.
    @Test
    void webSocketsNeedTheirTokenToo() throws Exception {
        String demand = policy("p", "rules: [{from: [{source: {requestPrincipals: [\"*\"]}}]}]");
        String[] upgrade = {
            "upgrade", "websocket", "sec-websocket-version", "13", "sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="
        };
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens("") + demand)) {
            String head = "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\n";
            for (int i = 0; i < upgrade.length; i += 2) {
                head += upgrade[i] + ": " + upgrade[i + 1] + "\r\n";
            }
            for (String authorization : List.of("", "Authorization: Bearer " + FORGED + "\r\n")) {
                int expected = authorization.isEmpty() ? 403 : 401;
                try (RawClient client = new RawClient(gateway.port(80))) {
                    assertThat(client.send(head + authorization + "\r\n").readHead())
                            .startsWith("HTTP/1.1 " + expected);
                }
            }
            try (Http2WebSocketClient client = Http2WebSocketClient.plain(gateway.port(80))) {
                assertThat(client.open("a.test", "/").status()).isEqualTo("403");
                assertThat(client.open("a.test", "/", bearer(FORGED)).status()).isEqualTo("401");
                assertThat(client.open("a.test", "/?access_token=" + FORGED, bearer(GOOD))
                                .status())
                        .isEqualTo("401");
            }
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    /// It asks for nothing, but what it says of itself passes no more than elsewhere.
    @Test
    void aPreflightSaysNothingOfItself() throws Exception {
        String[] preflight = {
            "origin",
            "https://b.test",
            "access-control-request-method",
            "GET",
            "x-sub",
            "root",
            "authorization",
            "Bearer x"
        };
        String routed = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                - match: [{headers: {"@request.auth.claims.sub": {regex: ".*"}}}]
                  directResponse: {status: 201}
                - route: [{destination: {host: up.internal, port: {number: 80}}}]
                """);
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway =
                        TestGateway.serving(routed + Yaml.service("up.internal", upstream.port()) + tokens(SUBJECT))) {
            assertThat(ask(gateway, "OPTIONS", "a.test", "/", preflight)).isEqualTo(200);
            assertThat(upstream.received()).contains("OPTIONS / ").doesNotContain("x-sub");
            preflight[preflight.length - 1] = "Bearer " + GOOD;
            assertThat(ask(gateway, "OPTIONS", "a.test", "/", preflight)).isEqualTo(200);
        }
    }

    /// A claim's name with a dot is another claim than one within another, and what a request sends is none.
    @Test
    void routesSeeNoOtherClaimsThanTheyName() throws Exception {
        String routes = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                - match: [{headers: {"@request.auth.claims.a.b": {exact: x}}}]
                  directResponse: {status: 201}
                - match: [{headers: {"@request.auth.claims[c.d]": {exact: x}}}]
                  directResponse: {status: 202}
                - match: [{headers: {"@request.auth.claims[e]": {exact: "7"}}}, {headers: {"@request.auth.claims[e]": {exact: "true"}}}]
                  directResponse: {status: 203}
                - directResponse: {status: 200}
                """);
        try (TestGateway gateway = TestGateway.serving(routes + tokens(""))) {
            for (String claims : List.of(
                    "\"a.b\": \"x\"",
                    "\"a\": {\"b\": {\"x\": \"x\"}}",
                    "\"a\": \"x\"",
                    "\"A\": {\"b\": \"x\"}",
                    "\"c\": {\"d\": \"x\"}",
                    "\"c.d\": [[\"x\"]]",
                    "\"e\": 7",
                    "\"e\": true",
                    "\"e\": {\"e\": \"7\"}")) {
                assertThat(get(gateway, "a.test", "/", bearer(token("{" + ISS + ", " + claims + "}"))))
                        .as(claims)
                        .isEqualTo(200);
            }
            assertThat(get(gateway, "a.test", "/", bearer(token("{" + ISS + ", \"a\": {\"b\": [\"y\", \"x\"]}}"))))
                    .isEqualTo(201);
            assertThat(get(gateway, "a.test", "/", bearer(token("{" + ISS + ", \"c.d\": \"x\"}"))))
                    .isEqualTo(202);
            for (String name : List.of("@request.auth.claims.a.b", "@request.auth.claims[c.d]")) {
                assertThatThrownBy(() -> http2(gateway, name)).hasMessage("reset with 1");
            }
        }
    }

    private static Http2Headers http2(TestGateway gateway, String field) throws IOException {
        try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
            return client.get("http", "a.test", "/", field, "x");
        }
    }

    /// A token of one issuer does not become another's by where it stands, and rules for other places do not excuse it.
    @Test
    void everyIssuerHasItsOwnPlaces() throws Exception {
        String two = TokenFixture.authentication(
                "tokens",
                "jwtRules:\n" + TokenFixture.rule("https://issuer.test", "fromHeaders: [{name: x-one}]")
                        + TokenFixture.rule("other", "fromHeaders: [{name: x-two}]"));
        String other = token("{\"iss\": \"other\", \"sub\": \"bob\"}");
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, two)) {
            assertThat(get(gateway, "a.test", "/", "x-one", other)).isEqualTo(401);
            assertThat(get(gateway, "a.test", "/", "x-two", GOOD)).isEqualTo(401);
            assertThat(get(gateway, "a.test", "/", "x-one", GOOD, "x-two", FORGED))
                    .isEqualTo(401);
            assertThat(get(gateway, "a.test", "/", "x-one", GOOD, "x-two", GOOD))
                    .isEqualTo(401);
            assertThat(upstream.connectionCount()).isZero();
            assertThat(get(gateway, "a.test", "/", "x-one", GOOD, "x-two", other))
                    .isEqualTo(200);
            assertThat(upstream.received()).doesNotContain("x-one", "x-two");
        }
    }
}
