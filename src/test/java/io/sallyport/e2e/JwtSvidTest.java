package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.handler.codec.http2.Http2Headers;
import io.sallyport.runtime.GatewayProcess;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestProcess;
import io.sallyport.testing.TestTokens;
import io.sallyport.testing.TestWorkloadApi;
import io.sallyport.testing.Yaml;
import io.vertx.core.MultiMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A whole process with a Workload API: its own JWT-SVIDs in headers of requests that leave the mesh, and those of its
/// clients, verified by the keys of their trust domains.
@Timeout(120)
class JwtSvidTest {
    private static final String ID = "spiffe://cluster.local/ns/edge/sa/gateway";
    private static final String CLIENT = "spiffe://cluster.local/ns/shop/sa/web";
    private static final TestCertificates MESH = TestCertificates.authority("cluster.local");
    private static final String KEYS = TestTokens.jwks(
            TestTokens.jwk("ES256", "1"), TestTokens.jwk("EdDSA", "ed"), TestTokens.jwk("RS256", "rsa"));

    @TempDir
    private Path directory;

    private final int port = BuiltProgram.freePort();
    private final int mesh = BuiltProgram.freePort();
    private TestWorkloadApi agent;
    private GatewayProcess gateway;

    @BeforeEach
    void startAgent() {
        agent = TestWorkloadApi.start(directory.resolve("agent.sock"));
        agent.serve(TestWorkloadApi.svid(ID, MESH.leaf("gateway").svid(ID).issue(), ""));
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        agent.close();
    }

    private void start(String yaml) throws Exception {
        write(yaml);
        gateway = TestProcess.create(
                new SimpleMeterRegistry(),
                new HashMap<>(Map.of(
                        "sallyport.config.dir", directory.resolve("config").toString(),
                        "sallyport.secrets.dir", directory.resolve("secrets").toString(),
                        "sallyport.identity.endpoint-socket", "unix://" + directory.resolve("agent.sock"),
                        "sallyport.mesh.enabled", "true",
                        "sallyport.mesh.port", Integer.toString(mesh),
                        "sallyport.port-map.80", Integer.toString(port))));
        gateway.start();
    }

    private void write(String yaml) throws IOException {
        Files.writeString(
                Files.createDirectories(directory.resolve("config")).resolve("all.yaml"), Yaml.httpGateway("*") + yaml);
    }

    // Towards services outside.

    private static String external(String host, int endpoint) {
        return Yaml.service(host, endpoint).replace("MESH_INTERNAL", "MESH_EXTERNAL");
    }

    private static String sending(String audience, String more) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: api}
                spec:
                  hosts: [api.test]
                  gateways: [mesh]
                  http:
                  - headers: {request: {set: {Authorization: "Bearer %%SALLYPORT_JWT_SVID(%s)%%"}}}
                    route: [{destination: {host: api.test, port: {number: 80}}}]
                %s
                ---
                """.formatted(audience, more.indent(4).stripTrailing());
    }

    private String getByMesh() throws IOException {
        return RawClient.exchange(
                mesh,
                "GET http://api.test/ HTTP/1.1\r\nHost: api.test\r\nAuthorization: Bearer of-the-client\r\n"
                        + "Connection: close\r\n\r\n");
    }

    @Test
    void aRequestThatLeavesTheMeshCarriesTheGatewaysJwtSvid() throws Exception {
        agent.issue(ID, audience -> TestTokens.svid(ID, audience));
        try (RawUpstream api = RawUpstream.ok("api");
                RawUpstream mirror = RawUpstream.ok("mirror")) {
            start(external("api.test", api.port())
                    + external("mirror.test", mirror.port())
                    + sending("https://api.test", "mirrors: [{destination: {host: mirror.test, port: {number: 80}}}]"));
            String token = TestTokens.svid(ID, "https://api.test");
            assertThat(agent.audiences()).as("before a request").containsExactly("https://api.test");

            assertThat(getByMesh()).startsWith("HTTP/1.1 200 ").endsWith("api");
            String received = api.received();
            assertThat(received).containsOnlyOnce("authorization: Bearer ").doesNotContain("of-the-client");
            assertThat(bearer(received)).matches(each -> isSameTokenAs(each, token));
            try (RawHttp2Client http2 = new RawHttp2Client(mesh)) {
                Http2Headers head = http2.get("http", "api.test", "/", "authorization", "Bearer of-the-client");
                assertThat(head.status()).hasToString("200");
            }
            assertThat(api.received()).doesNotContain("of-the-client");
            // It is for the service, and for nobody else.
            await().until(() ->
                    mirror.connectionCount() > 0 && !mirror.received().isEmpty());
            assertThat(mirror.received()).doesNotContain("uthorization").doesNotContain("eyJ");

            // Nobody is shown it.
            MultiMap question = MultiMap.caseInsensitiveMultiMap().add("url", "http://api.test/");
            assertThat(gateway.adminView().explain(question.add("via", "mesh")).encode())
                    .contains("Bearer <JWT-SVID for https://api.test>")
                    .doesNotContain(token);
            assertThat(gateway.adminView().identity().encode())
                    .contains("\"https://api.test\":\"" + Instant.ofEpochSecond(TestTokens.LATE) + '"')
                    .doesNotContain(token);
        }
    }

    /// Neither another field of the request, nor one of the response.
    @Test
    void noOtherFieldRepeatsTheToken() throws Exception {
        agent.issue(ID, audience -> TestTokens.svid(ID, audience));
        try (RawUpstream api = RawUpstream.ok("api")) {
            start(external("api.test", api.port())
                    + sending("https://api.test", "")
                            .replace(
                                    "port: {number: 80}}}]",
                                    "port: {number: 80}}, headers: {request: {set: {x-copy: \"<%REQ(Authorization)%>\"}},"
                                            + " response: {set: {x-copy: \"<%REQ(authorization)%>\"}}}}]"));

            assertThat(getByMesh())
                    .startsWith("HTTP/1.1 200 ")
                    .contains("x-copy: <>")
                    .doesNotContain("eyJ");
            String received = api.received();
            assertThat(received)
                    .contains("x-copy: <>")
                    .containsOnlyOnce("eyJ" + bearer(received).substring(3, 30));
        }
    }

    private static String bearer(String head) {
        int from = head.indexOf("Bearer ") + 7;
        return head.substring(from, head.indexOf('\r', from));
    }

    /// ECDSA signs otherwise each time.
    private static boolean isSameTokenAs(String one, String other) {
        return one.substring(0, one.lastIndexOf('.')).equals(other.substring(0, other.lastIndexOf('.')));
    }

    @Test
    void withoutAJwtSvidTheRequestIsNotSent() throws Exception {
        try (RawUpstream api = RawUpstream.ok("api")) {
            start(external("api.test", api.port()) + sending("https://api.test", ""));

            assertThat(getByMesh()).startsWith("HTTP/1.1 503 ").contains("jwt_svid_unavailable");
            try (RawHttp2Client http2 = new RawHttp2Client(mesh)) {
                assertThat(http2.get("http", "api.test", "/").status()).hasToString("503");
            }
            assertThat(api.connectionCount()).isZero();
            agent.issue(ID, audience -> TestTokens.svid(ID, audience));
            await().until(() -> getByMesh().startsWith("HTTP/1.1 200 "));
        }
    }

    @Test
    void anotherAudienceOfTheNextConfigurationIsFetchedBeforeItIsServed() throws Exception {
        agent.issue(ID, audience -> TestTokens.svid(ID, audience));
        try (RawUpstream api = RawUpstream.ok("api")) {
            start(external("api.test", api.port()) + sending("a", ""));
            assertThat(getByMesh()).startsWith("HTTP/1.1 200 ");
            write(external("api.test", api.port()) + sending("b", ""));

            await().until(() -> {
                String answer = getByMesh();
                assertThat(answer).startsWith("HTTP/1.1 200 ");
                String received = api.received();
                return isSameTokenAs(
                        bearer(received.substring(received.lastIndexOf("Bearer "))), TestTokens.svid(ID, "b"));
            });
        }
    }

    // Of clients.

    private static String verifying() {
        return Yaml.virtualService("a.test", "- directResponse: {status: 200, body: {string: hello}}") + """
                apiVersion: security.istio.io/v1
                kind: RequestAuthentication
                metadata: {name: svids}
                spec:
                  jwtRules: [{jwksUri: "spiffe://cluster.local", audiences: [gateway]}]
                ---
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: web}
                spec:
                  rules: [{when: [{key: "request.auth.claims[sub]", values: ["spiffe://cluster.local/ns/shop/*"]}]}]
                ---
                """;
    }

    private record Case(String name, String token, int status) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case claims(String name, String claims, int status) {
        return new Case(name, TestTokens.signed("ES256", "1", claims), status);
    }

    private static Stream<Case> tokens() {
        String good = TestTokens.svidClaims(CLIENT, "gateway", TestTokens.LATE);
        String late = ", \"exp\": " + TestTokens.LATE + "}";
        return Stream.of(
                claims("good", good, 200),
                new Case("by another key of the bundle", TestTokens.signed("RS256", "rsa", good), 200),
                claims("of several audiences", TestTokens.svidClaims(CLIENT, "x\", \"gateway", TestTokens.LATE), 200),
                claims("of a workload that policies do not know", svid("spiffe://cluster.local/ns/other/sa/x"), 403),
                claims("for another audience", TestTokens.svidClaims(CLIENT, "other", TestTokens.LATE), 403),
                claims("for no audience", "{\"sub\": \"" + CLIENT + "\"" + late, 403),
                claims("expired", TestTokens.svidClaims(CLIENT, "gateway", 1_000_000_000), 401),
                claims("without an end", "{\"sub\": \"" + CLIENT + "\", \"aud\": \"gateway\"}", 401),
                claims("of another trust domain", svid("spiffe://partner.example/ns/shop/sa/web"), 401),
                claims("of one that begins alike", svid("spiffe://cluster.local.evil/ns/shop/sa/web"), 401),
                claims("of one in upper case", svid("spiffe://Cluster.local/ns/shop/sa/web"), 401),
                claims("of the trust domain itself", svid("spiffe://cluster.local"), 401),
                claims("of a path that is empty", svid("spiffe://cluster.local/"), 401),
                claims("of nobody", "{\"aud\": \"gateway\"" + late, 401),
                claims("of no SPIFFE ID", svid("alice"), 401),
                new Case("signed by nobody", none(good), 401),
                new Case("signed by another", TestTokens.signed("ES256", "2", good), 401),
                new Case("by an algorithm that JWT-SVIDs do not have", TestTokens.signed("EdDSA", "ed", good), 401),
                new Case("by the public key as a secret", secret(good), 401),
                typed("of type JWT", "\"JWT\"", 200),
                typed("of type JOSE", "\"JOSE\"", 200),
                typed("of the type of access tokens", "\"at+jwt\"", 401),
                typed("of a type in lower case", "\"jwt\"", 401),
                typed("of a type that is no text", "null", 401),
                new Case("no token at all", "x", 401));
    }

    private static Case typed(String name, String typ, int status) {
        String header = "{\"alg\": \"ES256\", \"kid\": \"1\", \"typ\": " + typ + "}";
        String token = TestTokens.signed("ES256", TestTokens.key("ES256", "1").getPrivate(), header, svid(CLIENT));
        return new Case(name, token, status);
    }

    private static String svid(String id) {
        return TestTokens.svidClaims(id, "gateway", TestTokens.LATE);
    }

    private static String none(String claims) {
        return TestTokens.base64("{\"alg\": \"none\"}") + "." + TestTokens.base64(claims) + ".";
    }

    private static String secret(String claims) {
        byte[] key = TestTokens.key("RS256", "rsa").getPublic().getEncoded();
        return TestTokens.signed("HS256", key, "{\"alg\": \"HS256\", \"kid\": \"rsa\"}", claims);
    }

    private String status(String token) throws IOException {
        return RawClient.exchange(
                        port,
                        "GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer " + token
                                + "\r\nConnection: close\r\n\r\n")
                .split(" ", 3)[1];
    }

    @Test
    void clientsAreVerifiedByTheKeysOfTheirTrustDomain() throws Exception {
        agent.serveKeys(Map.of("spiffe://cluster.local", KEYS));
        start(verifying());
        for (Case each : tokens().toList()) {
            assertThat(status(each.token)).as(each.name).isEqualTo(Integer.toString(each.status));
            try (RawHttp2Client http2 = new RawHttp2Client(port)) {
                assertThat(http2.get("http", "a.test", "/", "authorization", "Bearer " + each.token)
                                .status())
                        .as(each.name)
                        .hasToString(Integer.toString(each.status));
            }
        }
    }

    @Test
    void keysThatAreGoneVerifyNothing() throws Exception {
        String token = TestTokens.signed("ES256", "1", svid(CLIENT));
        start(verifying());
        assertThat(status(token)).as("no keys yet").isEqualTo("401");
        agent.serveKeys(Map.of("spiffe://cluster.local", KEYS));
        await().until(() -> status(token).equals("200"));

        agent.serveKeys(Map.of("spiffe://cluster.local", TestTokens.jwks(TestTokens.jwk("ES256", "2"))));
        await().until(() -> status(token).equals("401"));
        agent.serveKeys(Map.of("spiffe://partner.example", KEYS));
        assertThat(status(token)).isEqualTo("401");
    }
}
