package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.ask;
import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.http1;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.TokenFixture.FORGED;
import static io.sallyport.e2e.policy.TokenFixture.GOOD;
import static io.sallyport.e2e.policy.TokenFixture.authentication;
import static io.sallyport.e2e.policy.TokenFixture.bearer;
import static io.sallyport.e2e.policy.TokenFixture.rule;
import static io.sallyport.e2e.policy.TokenFixture.token;
import static io.sallyport.e2e.policy.TokenFixture.tokens;
import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.egress.EgressMode;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.Yaml;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// RequestAuthentications, over both versions of HTTP.
class TokenTest {
    private static final String ROUTES = Yaml.httpGateway("*") + Yaml.forwardAll("a.test", "up.internal");

    private static TestGateway serving(RawUpstream upstream, String policies) {
        return TestGateway.serving(ROUTES + Yaml.service("up.internal", upstream.port()) + policies);
    }

    @Test
    void aTokenThatIsNotAcceptedIs401WithItsFault() throws Exception {
        String expired = token("{\"iss\": \"https://issuer.test\", \"exp\": 1000}");
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(""))) {
            assertThat(http1(gateway, "GET", "a.test", "/a?access_token=" + expired))
                    .startsWith("HTTP/1.1 401 ")
                    .contains("www-authenticate: Bearer realm=\"http://a.test/a\", error=\"invalid_token\"\r\n")
                    .endsWith("\r\n\r\nJwt is expired");

            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.details).isEqualTo("jwt_authn_access_denied{Jwt_is_expired}");
            assertThat(facts.flags()).isEqualTo("-");
            assertThat(get(gateway, "a.test", "/", bearer(FORGED))).isEqualTo(401);
            assertThat(upstream.connectionCount()).isZero();
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
        }
    }

    @Test
    void aTokenForOthersIs403() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens("audiences: [payments]"))) {
            assertThat(http1(gateway, "GET", "a.test", "/", bearer(GOOD)))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("error=\"invalid_token\"")
                    .endsWith("Audiences in Jwt are not allowed");
            assertThat(gateway.firstFacts().details)
                    .isEqualTo("jwt_authn_access_denied{Audiences_in_Jwt_are_not_allowed}");
        }
    }

    /// A quotation mark would end the realm.
    @Test
    void theRealmIsOneQuotedString() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(""))) {
            String answer = http1(gateway, "GET", "a.test", "/%22x%22/" + "y".repeat(400), bearer("x"));
            String challenge = answer.lines()
                    .filter(line -> line.startsWith("www-authenticate"))
                    .findFirst()
                    .orElseThrow();
            assertThat(challenge).matches("www-authenticate: Bearer realm=\"[^\"]{256}\", error=\"invalid_token\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "a.b",
                "a.b.c",
                "..",
                "a.b.c.d",
                "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0In0.",
                "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0In0.AAAA",
                "%65yJ.a.b"
            })
    void malformedTokensAre401(String token) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(""))) {
            assertThat(get(gateway, "a.test", "/", bearer(token))).isEqualTo(401);
            assertThat(get(gateway, "a.test", "/?access_token=" + token)).isEqualTo(401);
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    @Test
    void theUpstreamGetsTheClaimsAndNotTheToken() throws Exception {
        String outputs = """
                outputPayloadToHeader: X-Payload
                outputClaimToHeaders:
                - {header: X-Sub, claim: sub}
                - {header: x-org, claim: org.id}
                fromHeaders: [{name: x-token, prefix: "Value "}]
                fromParams: [t]
                fromCookies: [c]
                """;
        String token = token("{\"iss\": \"https://issuer.test\", \"sub\": \"alice\", \"org\": {\"id\": 7}}");
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(outputs))) {
            String[] forged = {"x-payload", "forged", "x-sub", "root", "x-org", "0", "x-sub", "admin"};
            http1(gateway, "GET", "a.test", "/plain", forged);
            assertThat(upstream.received()).contains("GET /plain ").doesNotContain("x-payload", "x-sub", "x-org");

            http1(gateway, "GET", "a.test", "/p?a=1&t=" + token + "&b=2", forged);
            assertThat(upstream.received())
                    .contains("GET /p?a=1&b=2 ", "x-sub: alice\r\n", "x-org: 7\r\n")
                    .contains("x-payload: " + token.split("\\.")[1] + "\r\n")
                    .doesNotContain(token, "forged", "root", "admin");

            http1(gateway, "GET", "a.test", "/h", "x-token", "Value " + token, "cookie", "a=1; c=" + token);
            assertThat(upstream.received())
                    .contains("GET /h ", "cookie: a=1\r\n")
                    .doesNotContain(token, "x-token");
        }
    }

    @Test
    void trailersSayNothingThatOnlyATokenMay() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.readBytes("1\r\nx\r\n0\r\nx-sum: 1\r\n\r\n".length());
                    connection.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                });
                TestGateway gateway =
                        serving(upstream, tokens("outputClaimToHeaders: [{header: x-sub, claim: sub}]"))) {
            String body = "1\r\nx\r\n0\r\nX-Sub: root\r\nX-Sum: 1\r\n\r\n";
            assertThat(RawClient.exchange(
                            gateway.port(80),
                            "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
                                    + "Authorization: Bearer " + GOOD + "\r\n\r\n" + body))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(upstream.received())
                    .contains("x-sub: alice\r\n", "x-sum: 1\r\n")
                    .doesNotContain("root");
        }
    }

    @Test
    void theTokenStaysWhereItIsToBeForwarded() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens("forwardOriginalToken: true"))) {
            http1(gateway, "GET", "a.test", "/?access_token=" + GOOD, bearer(GOOD));

            assertThat(upstream.received())
                    .contains("GET /?access_token=" + GOOD, "authorization: Bearer " + GOOD + "\r\n");
        }
    }

    /// As at Envoy, each of them: what counts for policies and headers is the first alone.
    @Test
    void severalTokensStayWhereTheyAreToBeForwarded() throws Exception {
        String bob = token("{\"iss\": \"https://issuer.test\", \"sub\": \"bob\"}");
        String rule = "forwardOriginalToken: true\noutputClaimToHeaders: [{header: x-sub, claim: sub}]";
        String alone = policy("p", "rules: [{from: [{source: {requestPrincipals: [\"*/alice\"]}}]}]");
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(rule) + alone)) {
            http1(gateway, "GET", "a.test", "/?access_token=" + bob, bearer(GOOD));

            assertThat(upstream.received())
                    .contains("GET /?access_token=" + bob, "authorization: Bearer " + GOOD + "\r\n")
                    .contains("x-sub: alice\r\n");
            assertThat(get(gateway, "a.test", "/?access_token=" + GOOD, bearer(bob)))
                    .isEqualTo(403);
        }
    }

    /// Whoever sends eight tokens that do not say by which of sixteen keys does not have 128 signatures verified.
    @Test
    void aRequestHasABoundOfSignatures() throws Exception {
        List<String> keys = new ArrayList<>();
        for (int i = 1; i <= 16; i++) {
            keys.add(jwk(TestTokens.key("ES256", "n" + i).getPublic(), ""));
        }
        String rule = "- issuer: \"https://issuer.test\"\n  jwks: '" + jwks(keys.toArray(String[]::new))
                + "'\n  fromParams: [a, b, c]\n";
        String two = "/?a=" + unnamed(1) + "&b=" + unnamed(2);
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, authentication("tokens", "jwtRules:\n" + rule))) {
            String three = "/?a=" + unnamed(3) + "&b=" + unnamed(4) + "&c=" + unnamed(5);
            assertThat(http1(gateway, "GET", "a.test", three))
                    .startsWith("HTTP/1.1 401 ")
                    .endsWith("Jwt verification fails");
            assertThat(upstream.connectionCount()).isZero();
            assertThat(get(gateway, "a.test", two)).isEqualTo(200);
        }
    }

    private static String unnamed(int id) {
        String payload = "{\"iss\": \"https://issuer.test\", \"jti\": \"" + id + "\"}";
        return TestTokens.signed("ES256", TestTokens.key("ES256", "n16").getPrivate(), "{\"alg\": \"ES256\"}", payload);
    }

    /// Wherever a second token stands that a server may read instead.
    @Test
    void everyTokenIsValid() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(""))) {
            assertThat(get(gateway, "a.test", "/?access_token=" + FORGED, bearer(GOOD)))
                    .isEqualTo(401);
            assertThat(get(
                            gateway,
                            "a.test",
                            "/",
                            "authorization",
                            "Bearer " + GOOD,
                            "authorization",
                            "Bearer " + FORGED))
                    .isEqualTo(401);
            assertThat(get(gateway, "a.test", "/?access_token=" + GOOD, bearer(GOOD)))
                    .isEqualTo(200);
        }
    }

    /// It has no credentials, and the answer to it is the route's.
    @Test
    void aPreflightNeedsNoToken() throws Exception {
        String cors = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                - corsPolicy: {allowOrigins: [{exact: "https://b.test"}]}
                  route: [{destination: {host: up.internal, port: {number: 80}}}]
                """);
        String[] preflight = {"origin", "https://b.test", "access-control-request-method", "GET"};
        String[] withToken = {
            "origin", "https://b.test", "access-control-request-method", "GET", "authorization", "Bearer x"
        };
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway =
                        TestGateway.serving(cors + Yaml.service("up.internal", upstream.port()) + tokens(""))) {
            assertThat(ask(gateway, "OPTIONS", "a.test", "/", preflight)).isEqualTo(200);
            assertThat(ask(gateway, "OPTIONS", "a.test", "/", withToken)).isEqualTo(200);
            assertThat(ask(gateway, "OPTIONS", "a.test", "/", bearer("x"))).isEqualTo(401);
            assertThat(ask(gateway, "OPTIONS", "a.test", "/", "origin", "https://b.test", "authorization", "Bearer x"))
                    .isEqualTo(401);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "from: [{source: {requestPrincipals: [\"*\"]}}]|200",
                "from: [{source: {requestPrincipals: [\"https://issuer.test/alice\"]}}]|200",
                "from: [{source: {requestPrincipals: [\"https://issuer.test/*\"]}}]|200",
                "from: [{source: {requestPrincipals: [\"*/alice\"]}}]|200",
                "from: [{source: {requestPrincipals: [\"*lice\"]}}]|200",
                "from: [{source: {requestPrincipals: [\"https:*\"]}}]|200",
                "from: [{source: {requestPrincipals: [\"https://issuer.test/bob\", \"other/alice\"]}}]|403",
                "from: [{source: {notRequestPrincipals: [\"*\"]}}]|403",
                "from: [{source: {notRequestPrincipals: [\"https://issuer.test/bob\"]}}]|200",
                "when: [{key: request.auth.principal, values: [\"https://issuer.test/alice\"]}]|200",
                "when: [{key: request.auth.audiences, values: [\"pay*\"]}]|200",
                "when: [{key: request.auth.audiences, values: [other]}]|403",
                "when: [{key: request.auth.presenter, values: [app]}]|200",
                "when: [{key: \"request.auth.claims[groups]\", values: [admins]}]|200",
                "when: [{key: \"request.auth.claims[groups]\", notValues: [admins]}]|403",
                "when: [{key: \"request.auth.claims[org][unit]\", values: [\"*\"]}]|200",
                "when: [{key: \"request.auth.claims[org]\", values: [\"*\"]}]|403",
                "when: [{key: \"request.auth.claims[scope]\", values: [write]}]|200",
                "when: [{key: \"request.auth.claims[level]\", values: [\"7\", \"*\"]}]|403",
                "when: [{key: \"request.auth.claims[none]\", notValues: [x]}]|200"
            })
    void policiesOnTokens(String condition, int status) throws Exception {
        String token = token("{\"iss\": \"https://issuer.test\", \"sub\": \"alice\", \"aud\": [\"payments\"], "
                + "\"azp\": \"app\", \"groups\": [\"users\", \"admins\"], \"org\": {\"unit\": \"x\"}, "
                + "\"scope\": \"read write\", \"level\": 7}");
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens("") + policy("p", "rules: [{" + condition + "}]"))) {
            assertThat(get(gateway, "a.test", "/", bearer(token))).isEqualTo(status);
            int without = condition.contains("not") ? 200 : 403;
            assertThat(get(gateway, "a.test", "/")).as("without a token").isEqualTo(without);
        }
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, policy("p", "rules: [{" + condition + "}]"))) {
            int unverified = condition.contains("not") ? 200 : 403;
            assertThat(get(gateway, "a.test", "/", bearer(token)))
                    .as("verified by nobody")
                    .isEqualTo(unverified);
        }
    }

    /// A token without `sub` has no principal.
    @Test
    void aTokenWithoutSubjectHasNoPrincipal() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(
                        upstream,
                        tokens("")
                                + policy(
                                        "p",
                                        "rules: [{from: [{source: {requestPrincipals: [\"*\", \"https://issuer.test/*\"]}}]}]"))) {
            assertThat(get(gateway, "a.test", "/", bearer(token("{\"iss\": \"https://issuer.test\"}"))))
                    .isEqualTo(403);
            assertThat(get(gateway, "a.test", "/", bearer(token("{\"iss\": \"https://issuer.test\", \"sub\": \"\"}"))))
                    .isEqualTo(403);
        }
    }

    @Test
    void claimsChooseTheRoute() throws Exception {
        String routes = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                - match: [{headers: {"@request.auth.claims[org][unit]": {exact: payments}}}]
                  directResponse: {status: 201}
                - match: [{headers: {"@request.auth.claims.groups": {prefix: adm}}}]
                  directResponse: {status: 202}
                - match: [{headers: {"@request.auth.claims[sub]": {regex: "b.b"}}}]
                  directResponse: {status: 203}
                - match: [{withoutHeaders: {"@request.auth.claims.sub": {}}}]
                  directResponse: {status: 204}
                - directResponse: {status: 200}
                """);
        try (TestGateway gateway = TestGateway.serving(routes + tokens(""))) {
            String iss = "{\"iss\": \"https://issuer.test\", ";
            assertThat(get(gateway, "a.test", "/", bearer(token(iss + "\"org\": {\"unit\": \"payments\"}}"))))
                    .isEqualTo(201);
            assertThat(get(gateway, "a.test", "/", bearer(token(iss + "\"groups\": [\"x\", \"admins\"]}"))))
                    .isEqualTo(202);
            assertThat(get(gateway, "a.test", "/", bearer(token(iss + "\"sub\": \"bob\"}"))))
                    .isEqualTo(203);
            assertThat(get(gateway, "a.test", "/")).isEqualTo(204);
            assertThat(get(gateway, "a.test", "/", bearer(token(iss + "\"sub\": \"eve\"}"))))
                    .isEqualTo(200);
        }
    }

    /// Whichever of the Gateways that offer the host has the rules.
    @ParameterizedTest
    @CsvSource({"edge, other", "other, edge"})
    void claimsOfAnyGatewayChooseTheRoute(String withRules, String withPolicies) throws Exception {
        String target = "targetRefs: [{group: networking.istio.io, kind: Gateway, name: %s}]\n";
        String other = Yaml.httpGateway("*").replace("name: edge", "name: other");
        String routes = Yaml.virtualService("a.test", """
                - match: [{withoutHeaders: {"@request.auth.claims.sub": {exact: alice}}}]
                  directResponse: {status: 200, body: {string: "no token"}}
                - directResponse: {status: 201, body: {string: alice}}
                """).replace("gateways: [edge]", "gateways: [edge, other]");
        String policies =
                authentication("tokens", target.formatted(withRules) + "jwtRules:\n" + rule("https://issuer.test", ""))
                        + policy(
                                "none",
                                target.formatted(withPolicies)
                                        + "action: DENY\nrules: [{to: [{operation: {paths: [/denied]}}]}]");
        try (TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*") + other + routes + policies)) {
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(201);
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/denied", bearer(GOOD))).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"@request.auth.claims.sub", "@request.auth.claims[sub]", "@REQUEST.AUTH.CLAIMS.sub"})
    void aRequestCannotSendAClaim(String name) throws Exception {
        String routes = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                - match: [{headers: {"@request.auth.claims.sub": {exact: alice}}}]
                  directResponse: {status: 201}
                - directResponse: {status: 200}
                """);
        try (TestGateway gateway = TestGateway.serving(routes + tokens(""))) {
            assertThat(http1(gateway, "GET", "a.test", "/", name, "alice")).startsWith("HTTP/1.1 400 ");
        }
    }

    @Test
    void rulesOfAllPoliciesCountTogether() throws Exception {
        String two = authentication("a", "jwtRules:\n" + rule("https://issuer.test", "audiences: [foo]"))
                + authentication(
                        "b", "jwtRules:\n" + rule("https://issuer.test", "audiences: [bar]") + rule("other", ""));
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, two)) {
            for (String audience : new String[] {"foo", "bar"}) {
                String token = token("{\"iss\": \"https://issuer.test\", \"aud\": \"" + audience + "\"}");
                assertThat(get(gateway, "a.test", "/", bearer(token))).isEqualTo(200);
            }
            assertThat(get(gateway, "a.test", "/", bearer(token("{\"iss\": \"other\"}"))))
                    .isEqualTo(200);
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/", bearer(token("{\"iss\": \"third\"}"))))
                    .isEqualTo(401);
        }
    }

    @Test
    void rulesOfAGatewayAreForItsHosts() throws Exception {
        String second = Yaml.httpGateway("b.test").replace("name: edge", "name: second");
        String ofSecond = authentication(
                "second",
                "targetRefs: [{group: networking.istio.io, kind: Gateway, name: second}]\njwtRules:\n"
                        + rule("https://issuer.test", ""));
        String routes = Yaml.httpGateway("a.test")
                + second
                + Yaml.virtualService("a.test", "- directResponse: {status: 200}")
                + Yaml.virtualService("b.test", "- directResponse: {status: 200}")
                        .replace("[edge]", "[second]");
        try (TestGateway gateway = TestGateway.serving(routes + ofSecond)) {
            assertThat(get(gateway, "a.test", "/", bearer(FORGED))).isEqualTo(200);
            assertThat(get(gateway, "b.test", "/", bearer(FORGED))).isEqualTo(401);
            assertThat(get(gateway, "b.test", "/", bearer(GOOD))).isEqualTo(200);
        }
    }

    /// As a waypoint would: the endpoints' rules verify the token, and their policies see its claims.
    @Test
    void rulesOfEndpointsGuardTheirServiceAlone() throws Exception {
        String guarded = authentication(
                        "payments",
                        "selector: {matchLabels: {app: payments}}\njwtRules:\n"
                                + rule("https://issuer.test", "outputClaimToHeaders: [{header: x-sub, claim: sub}]"))
                + policy(
                        "payments",
                        "selector: {matchLabels: {app: payments}}\nrules: [{from: [{source: {requestPrincipals: [\"*/alice\"]}}]}]");
        try (RawUpstream payments = RawUpstream.ok("payments");
                RawUpstream reviews = RawUpstream.ok("reviews");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.forwardAll("payments.test", "payments.internal")
                        + Yaml.forwardAll("reviews.test", "reviews.internal")
                        + Yaml.service("payments.internal", payments.port())
                                .replace("ports: {port:", "labels: {app: payments}, ports: {port:")
                        + Yaml.service("reviews.internal", reviews.port())
                                .replace("ports: {port:", "labels: {app: reviews}, ports: {port:")
                        + guarded)) {
            assertThat(get(gateway, "payments.test", "/", bearer(GOOD))).isEqualTo(200);
            assertThat(payments.received()).contains("x-sub: alice\r\n").doesNotContain(GOOD);
            assertThat(get(gateway, "payments.test", "/", bearer(FORGED))).isEqualTo(401);
            assertThat(get(gateway, "payments.test", "/")).isEqualTo(403);
            assertThat(get(gateway, "reviews.test", "/", bearer(FORGED))).isEqualTo(200);
        }
    }

    /// What only the gateway's rules have verified is nothing to endpoints with rules of their own, nor without any.
    @Test
    void claimsCountForThoseWhoseRulesHaveVerifiedThem() throws Exception {
        String ofGateway = authentication(
                "gateway",
                "targetRefs: [{group: networking.istio.io, kind: Gateway, name: edge}]\njwtRules:\n"
                        + rule("https://issuer.test", ""));
        String ofEndpoints = policy(
                "payments",
                "selector: {matchLabels: {app: payments}}\nrules: [{from: [{source: {requestPrincipals: [\"*\"]}}]}]");
        try (RawUpstream payments = RawUpstream.ok("payments")) {
            String common = Yaml.httpGateway("*")
                    + Yaml.forwardAll("payments.test", "payments.internal")
                    + Yaml.service("payments.internal", payments.port())
                            .replace("ports: {port:", "labels: {app: payments}, ports: {port:")
                    + ofEndpoints;
            try (TestGateway gateway = TestGateway.serving(common + ofGateway)) {
                assertThat(get(gateway, "payments.test", "/", bearer(GOOD))).isEqualTo(403);
            }
            // A rule for the whole mesh is the endpoints' as well.
            String ofMesh = authentication(
                    "istio-system",
                    "mesh",
                    "jwtRules:\n" + rule("https://issuer.test", "outputClaimToHeaders: [{header: x-sub, claim: sub}]"));
            try (TestGateway gateway = TestGateway.serving(common + ofMesh)) {
                assertThat(get(gateway, "payments.test", "/", bearer(GOOD))).isEqualTo(200);
                assertThat(payments.received()).contains("x-sub: alice\r\n").doesNotContain(GOOD);
                assertThat(get(gateway, "payments.test", "/")).isEqualTo(403);
            }
        }
    }

    @Test
    void aMirrorHasTheRulesOfItsEndpoints() throws Exception {
        String routes = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                - route: [{destination: {host: up.internal, port: {number: 80}}}]
                  mirrors:
                  - {destination: {host: guarded.internal, port: {number: 80}}}
                  - {destination: {host: open.internal, port: {number: 80}}}
                """);
        String guard = authentication(
                "guarded", "selector: {matchLabels: {app: guarded}}\njwtRules:\n" + rule("https://issuer.test", ""));
        try (RawUpstream up = RawUpstream.ok("up");
                RawUpstream guarded = RawUpstream.ok("guarded");
                RawUpstream open = RawUpstream.ok("open");
                TestGateway gateway = TestGateway.serving(routes
                        + Yaml.service("up.internal", up.port())
                        + Yaml.service("guarded.internal", guarded.port())
                                .replace("ports: {port:", "labels: {app: guarded}, ports: {port:")
                        + Yaml.service("open.internal", open.port())
                        + guard)) {
            assertThat(http1(gateway, "GET", "a.test", "/1", bearer(FORGED))).startsWith("HTTP/1.1 200 ");
            await().until(() -> open.received().contains("GET /1 "));
            assertThat(guarded.connectionCount()).isZero();
            assertThat(http1(gateway, "GET", "a.test", "/2", bearer(GOOD))).startsWith("HTTP/1.1 200 ");
            await().until(() -> guarded.received().contains("GET /2 "));
            assertThat(guarded.received()).doesNotContain(GOOD);
            assertThat(up.received()).contains("authorization: Bearer " + GOOD);
        }
    }

    /// Each copy is judged for itself: what was done to one says nothing of the next.
    @Test
    void everyMirrorGetsItsOwnHeadersAlone() throws Exception {
        String routes = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                - route: [{destination: {host: up.internal, port: {number: 80}}}]
                  mirrors:
                  - {destination: {host: first.internal, port: {number: 80}}}
                  - {destination: {host: second.internal, port: {number: 80}}}
                """);
        String guard = authentication(
                "guarded",
                "selector: {matchLabels: {app: guarded}}\njwtRules:\n"
                        + rule("https://issuer.test", "outputClaimToHeaders: [{header: x-sub, claim: sub}]"));
        String labelled = "labels: {app: guarded}, ports: {port:";
        String body = "1\r\nx\r\n0\r\nx-sub: root\r\n\r\n";
        try (RawUpstream up = RawUpstream.ok("up");
                RawUpstream first = RawUpstream.ok("first");
                RawUpstream second = RawUpstream.ok("second");
                TestGateway gateway = TestGateway.serving(routes
                        + Yaml.service("up.internal", up.port())
                        + Yaml.service("first.internal", first.port()).replace("ports: {port:", labelled)
                        + Yaml.service("second.internal", second.port()).replace("ports: {port:", labelled)
                        + guard)) {
            RawClient.exchange(
                    gateway.port(80),
                    "POST /m HTTP/1.1\r\nHost: a.test\r\nx-sub: root\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                            + body);
            for (RawUpstream mirror : List.of(first, second)) {
                await().until(() -> mirror.received().endsWith("0\r\n\r\n"));
                assertThat(mirror.received()).contains("POST /m ").doesNotContain("root");
            }
            assertThat(up.received()).contains("x-sub: root\r\n");
        }
    }

    @Test
    void meshClientsTokensAreVerifiedToo() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .start(Yaml.service("up.internal", upstream.port()) + tokens(""))) {
            String head = "GET / HTTP/1.1\r\nHost: up.internal\r\nConnection: close\r\nAuthorization: Bearer ";
            assertThat(RawClient.exchange(gateway.port(TestGateway.MESH_PORT), head + FORGED + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 401 ");
            assertThat(RawClient.exchange(gateway.port(TestGateway.MESH_PORT), head + GOOD + "\r\n\r\n"))
                    .startsWith("HTTP/1.1 200 ");
            assertThat(upstream.received()).doesNotContain(GOOD);
        }
    }

    @Test
    void aGrpcClientGetsAStatusOfGrpc() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, tokens(""))) {
            String answer = http1(
                    gateway, "POST", "a.test", "/s/m", "content-type", "application/grpc", "authorization", "Bearer x");
            assertThat(answer)
                    .contains("grpc-status: 16\r\n")
                    .contains("grpc-message: Jwt is not in the form of Header.Payload.Signature");
        }
    }

    @Test
    void rulesAreInForceAsSoonAsTheyAreApplied() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = serving(upstream, "")) {
            String common = ROUTES + Yaml.service("up.internal", upstream.port());
            assertThat(get(gateway, "a.test", "/", bearer(FORGED))).isEqualTo(200);
            gateway.apply(common + tokens(""));
            assertThat(get(gateway, "a.test", "/", bearer(FORGED))).isEqualTo(401);
            gateway.apply(common);
            assertThat(get(gateway, "a.test", "/", bearer(FORGED))).isEqualTo(200);
        }
    }
}
