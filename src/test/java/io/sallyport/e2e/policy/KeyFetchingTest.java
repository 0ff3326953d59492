package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.http1;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.TokenFixture.FORGED;
import static io.sallyport.e2e.policy.TokenFixture.GOOD;
import static io.sallyport.e2e.policy.TokenFixture.KEYS;
import static io.sallyport.e2e.policy.TokenFixture.authentication;
import static io.sallyport.e2e.policy.TokenFixture.bearer;
import static io.sallyport.testing.TestTokens.jwk;
import static io.sallyport.testing.TestTokens.jwks;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys that are fetched from an issuer, over real sockets and both versions of HTTP.
class KeyFetchingTest {
    private static final String ROUTES =
            Yaml.httpGateway("*") + Yaml.virtualService("a.test", "- directResponse: {status: 200}");

    private static String rule(String fields) {
        return authentication("tokens", "jwtRules:\n- issuer: https://issuer.test\n" + fields.indent(2));
    }

    /// @param issuer answers as `issuer.test` on port 80
    private static TestGateway serving(RawUpstream issuer, String fields) {
        return TestGateway.serving(ROUTES + Yaml.service("issuer.test", issuer.port()) + rule(fields));
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body;
    }

    private static RawUpstream paths(String... pathsAndAnswers) {
        return RawUpstream.start(RawUpstream.perRequest((connection, head) -> {
            String answer = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
            for (int i = 0; i < pathsAndAnswers.length; i += 2) {
                answer = head.startsWith("GET " + pathsAndAnswers[i] + " ") ? pathsAndAnswers[i + 1] : answer;
            }
            connection.write(answer);
        }));
    }

    @Test
    void keysAreFetchedOnceAndRequestsWaitForThem() throws Exception {
        try (RawUpstream issuer = paths("/jwks?v=1", ok(KEYS));
                TestGateway gateway = serving(issuer, "jwksUri: http://issuer.test/jwks?v=1")) {
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
            assertThat(issuer.received()).containsOnlyOnce("GET /jwks?v=1 HTTP/1.1\r\nhost: issuer.test\r\n");
        }
    }

    @Test
    void aRequestThatHasToWaitKeepsItsBody() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        RawUpstream slow = RawUpstream.start(connection -> {
            connection.readRequest();
            asked.countDown();
            await(answer);
            connection.write(ok(KEYS));
        });
        try (slow;
                RawUpstream upstream = RawUpstream.ok("up");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.forwardAll("a.test", "up.internal")
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.service("issuer.test", slow.port())
                        + rule("jwksUri: http://issuer.test/jwks"))) {
            asked.await();
            Thread.ofVirtual().start(() -> answer.countDown());
            String head = "POST / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: 4\r\n"
                    + "Authorization: Bearer " + GOOD + "\r\n\r\nbody";
            assertThat(RawClient.exchange(gateway.port(80), head)).startsWith("HTTP/1.1 200 ");
            assertThat(upstream.received()).endsWith("\r\n\r\nbody");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anIssuerThatDoesNotAnswerIs401AtTheTimeout() throws Exception {
        RawUpstream silent = RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                // No answer.
            }
        });
        try (silent;
                TestGateway gateway = serving(silent, "jwksUri: http://issuer.test/jwks\ntimeout: 50ms")) {
            assertThat(http1(gateway, "GET", "a.test", "/", bearer(GOOD)))
                    .startsWith("HTTP/1.1 401 ")
                    .endsWith("Jwks remote fetch is failed");
            assertThat(gateway.firstFacts().details).isEqualTo("jwt_authn_access_denied{Jwks_remote_fetch_is_failed}");
            assertThat(get(gateway, "a.test", "/")).as("without a token").isEqualTo(200);
        }
    }

    /// Whatever it is that comes instead of keys.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nkeys",
                "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"keys\":[]}",
                "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/jwks\r\ncontent-length: 0\r\n\r\n",
                "garbage\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 41\r\n\r\n{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAAAAAAAA\"}]}",
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\u001f\u008b\b",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZ\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 304 Not Modified\r\n\r\n",
                "HTTP/1.1 204 No Content\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n"
            })
    void answersThatAreNoKeysAre401(String answer) throws Exception {
        String all = answer.contains("10000000") ? answer + "{\"keys\":" + " ".repeat(600_000) : answer;
        try (RawUpstream issuer = RawUpstream.answering(all);
                TestGateway gateway = serving(issuer, "jwksUri: http://issuer.test/jwks")) {
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(401);
            assertThat(issuer.connectionCount()).isEqualTo(1);
        }
    }

    /// Odd, and yet sets of keys.
    @Test
    void keySetsThatAreOdd() throws Exception {
        String good = jwk("ES256", "k");
        String other = jwk(TestTokens.key("ES256", "other").getPublic(), "\"kid\": \"k\", ");
        String withPrivate = good.replace("{", "{\"d\": \"" + "A".repeat(43) + "\", ");
        for (String keys : new String[] {
            jwks(other, good),
            jwks("{\"kty\": \"none\"}", "7", "null", good),
            jwks(withPrivate),
            jwks(good).replace("{\"keys\"", "{\"more\": {\"keys\": []}, \"keys\"")
        }) {
            try (RawUpstream issuer = RawUpstream.answering(ok(keys));
                    TestGateway gateway = serving(issuer, "jwksUri: http://issuer.test/jwks")) {
                assertThat(get(gateway, "a.test", "/", bearer(GOOD))).as(keys).isEqualTo(200);
                assertThat(get(gateway, "a.test", "/", bearer(FORGED))).isEqualTo(401);
            }
        }
    }

    @Test
    void aSecretThatEverybodyCanFetchIsNone() throws Exception {
        byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        String keys = jwks(TestTokens.secret(secret), jwk("ES256", "k"));
        String forged = TestTokens.signed(
                "HS256", secret, "{\"alg\":\"HS256\"}", "{\"iss\":\"https://issuer.test\",\"sub\":\"root\"}");
        try (RawUpstream issuer = RawUpstream.answering(ok(keys));
                TestGateway gateway = serving(issuer, "jwksUri: http://issuer.test/jwks")) {
            assertThat(get(gateway, "a.test", "/", bearer(forged))).isEqualTo(401);
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(200);
        }
    }

    /// Nobody lists it, so its addresses must be outside.
    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:%d/jwks", "http://[::1]:%d/jwks", "http://169.254.169.254:%d/jwks"})
    void aGuardedAddressIsNotAsked(String url) throws Exception {
        try (RawUpstream issuer = RawUpstream.answering(ok(KEYS));
                TestGateway gateway = TestGateway.builder()
                        .allowedCidrs()
                        .start(ROUTES + rule("jwksUri: \"" + url.formatted(issuer.port()) + "\""))) {
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(401);
            assertThat(issuer.connectionCount()).isZero();
        }
    }

    @Test
    void withoutAnyKeysTheIssuerSaysWhereTheyAre() throws Exception {
        String document = "{\"issuer\": \"http://issuer.test/realm\", \"jwks_uri\": \"http://issuer.test/keys\"}";
        String token = TestTokens.signed("ES256", "k", "{\"iss\": \"http://issuer.test/realm/\", \"sub\": \"alice\"}");
        try (RawUpstream issuer = paths("/realm/.well-known/openid-configuration", ok(document), "/keys", ok(KEYS));
                TestGateway gateway = TestGateway.serving(ROUTES
                        + Yaml.service("issuer.test", issuer.port())
                        + authentication("tokens", "jwtRules:\n- issuer: http://issuer.test/realm/")
                        + policy("p", "rules: [{from: [{source: {requestPrincipals: [\"*\"]}}]}]"))) {
            assertThat(get(gateway, "a.test", "/", bearer(token))).isEqualTo(200);
            assertThat(get(gateway, "a.test", "/")).isEqualTo(403);
        }
    }

    /// The issuer's document is from outside: it cannot make the gateway ask a machine inside.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jwks_uri\": \"http://127.0.0.1:%d/keys\"}",
                "{\"jwks_uri\": \"http://localhost:%d/keys\"}",
                "{\"jwks_uri\": \"file:///etc/passwd\"}",
                "{\"jwks_uri\": 1}",
                "{}",
                "[]",
                "no"
            })
    void anIssuersDocumentCannotLeadInside(String document) throws Exception {
        String token = TestTokens.signed("ES256", "k", "{\"iss\": \"http://issuer.test\", \"sub\": \"alice\"}");
        try (RawUpstream inside = RawUpstream.answering(ok(KEYS));
                RawUpstream issuer = RawUpstream.answering(ok(document.formatted(inside.port())));
                TestGateway gateway = TestGateway.builder()
                        .allowedCidrs()
                        .start(ROUTES
                                + Yaml.service("issuer.test", issuer.port())
                                + authentication("tokens", "jwtRules:\n- issuer: http://issuer.test"))) {
            assertThat(get(gateway, "a.test", "/", bearer(token))).isEqualTo(401);
            assertThat(inside.connectionCount()).isZero();
        }
    }

    @Test
    void keysOverTlsAreOfWhomTheCertificateNames() throws Exception {
        TestCertificates authority = TestCertificates.authority("issuers");
        Issued right = authority.leaf("a").dns("issuer.test").issue();
        Issued wrong = authority.leaf("b").dns("other.test").issue();
        for (Issued identity : new Issued[] {right, wrong}) {
            String rule = """
                    apiVersion: networking.istio.io/v1
                    kind: DestinationRule
                    metadata: {name: issuer}
                    spec:
                      host: issuer.test
                      trafficPolicy: {tls: {mode: SIMPLE, credentialName: ca, sni: issuer.test}}
                    ---
                    """;
            try (RawUpstream issuer = RawUpstream.startTls(identity, RawUpstream.sending(ok(KEYS)));
                    TestGateway gateway = TestGateway.builder()
                            .secret("ca", authority.issued())
                            .start(ROUTES
                                    + Yaml.service("issuer.test", issuer.port()).replace("number: 80", "number: 443")
                                    + rule
                                    + rule("jwksUri: https://issuer.test/jwks"))) {
                assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(identity == right ? 200 : 401);
            }
        }
    }

    /// Without a DestinationRule the authorities of the system say who it is.
    @Test
    void keysOverTlsNeedAKnownAuthority() throws Exception {
        Issued unknown = TestCertificates.authority("unknown")
                .leaf("a")
                .dns("issuer.test")
                .issue();
        try (RawUpstream issuer = RawUpstream.startTls(unknown, RawUpstream.sending(ok(KEYS)));
                TestGateway gateway = TestGateway.serving(ROUTES
                        + Yaml.service("issuer.test", issuer.port()).replace("number: 80", "number: 443")
                        + rule("jwksUri: https://issuer.test/jwks"))) {
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(401);
            assertThat(issuer.received()).isEmpty();
        }
    }

    /// A reload does not have them fetched again.
    @Test
    void keysOutliveTheConfiguration() throws Exception {
        try (RawUpstream issuer = RawUpstream.answering(ok(KEYS));
                TestGateway gateway = serving(issuer, "jwksUri: http://issuer.test/jwks")) {
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(200);
            gateway.apply(ROUTES
                    + Yaml.service("issuer.test", issuer.port())
                    + rule("jwksUri: http://issuer.test/jwks\naudiences: [a]"));
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(403);
            assertThat(get(gateway, "a.test", "/", bearer(FORGED))).isEqualTo(403);
            gateway.apply(ROUTES
                    + Yaml.service("issuer.test", issuer.port())
                    + rule("jwksUri: http://issuer.test/jwks\ntimeout: 9s"));
            assertThat(get(gateway, "a.test", "/", bearer(GOOD))).isEqualTo(200);
            assertThat(issuer.connectionCount()).isEqualTo(1);
        }
    }
}
