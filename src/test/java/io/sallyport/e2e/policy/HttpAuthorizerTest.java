package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.ask;
import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.http1;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.Http2Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// External authorization over HTTP (`envoyExtAuthzHttp`), over both versions of HTTP where the client's makes a
/// difference.
class HttpAuthorizerTest {
    private static final String GUARDED = "action: CUSTOM\nprovider: {name: gate}\n"
            + "rules: [{to: [{operation: {paths: [/guarded, \"/guarded/*\"]}}]}]";

    private final RawUpstream upstream = RawUpstream.ok("served");
    private RawUpstream authorizer = RawUpstream.ok("");
    private TestGateway gateway;

    /// What the authorizer answers to each request.
    private void answering(UnaryOperator<String> answers) {
        answering((RawUpstream.Script) connection -> {
            for (String asked = connection.readRequest(); asked != null; asked = connection.readRequest()) {
                connection.write(answers.apply(asked));
            }
        });
    }

    private void answering(RawUpstream.Script script) {
        authorizer.close();
        authorizer = RawUpstream.start(script);
    }

    private static String response(String status, String... fields) {
        return "HTTP/1.1 " + status + "\r\n" + String.join("\r\n", fields) + (fields.length == 0 ? "" : "\r\n")
                + "content-length: 4\r\n\r\nbody";
    }

    private void serve(String... settings) {
        serveWith(policy("guard", GUARDED), settings);
    }

    private void serveWith(String policies, String... settings) {
        gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.forwardAll("a.test", "up.internal")
                + Yaml.service("up.internal", upstream.port())
                + Yaml.service("authz.internal", authorizer.port())
                + policies
                + AuthorizationFixture.provider("envoyExtAuthzHttp", settings));
    }

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
        authorizer.close();
        upstream.close();
    }

    @Test
    void whatTheAuthorizerAllowsIsServedAndWhatNoPolicyMeansIsNotAskedAbout() throws Exception {
        serve();

        assertThat(get(gateway, "a.test", "/open")).isEqualTo(200);
        assertThat(authorizer.received()).isEmpty();
        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(200);
        // Once for each version of HTTP, though the policy is for the gateway and for its endpoints.
        assertThat(authorizer.received().split("GET /guarded HTTP/1.1\r\n")).hasSize(3);
    }

    @ParameterizedTest
    @CsvSource({
        "200 OK, 200",
        "201 Created, 201",
        "204 No Content, 204",
        "302 Found, 302",
        "401 Unauthorized, 401",
        "403 Forbidden, 403",
        "404 Not Found, 404",
        "429 Slow Down, 429",
        "500 Internal, 403",
        "503 Unavailable, 403",
        "599 Odd, 403",
        "999 Odder, 403"
    })
    void only200Allows(String answer, int seen) throws Exception {
        answering((UnaryOperator<String>)
                _ -> answer.startsWith("204") ? "HTTP/1.1 204 No Content\r\n\r\n" : response(answer));
        serve();

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(seen);
        assertThat(upstream.connectionCount() > 0).isEqualTo(answer.startsWith("200"));
    }

    @Test
    void aDenialIsTheAuthorizersAnswer() throws Exception {
        answering((UnaryOperator<String>) _ -> response("401 No", "x-why: token", "www-authenticate: Bearer"));
        serve();

        assertThat(http1(gateway, "GET", "a.test", "/guarded"))
                .startsWith("HTTP/1.1 401 ")
                .contains("x-why: token\r\n", "www-authenticate: Bearer\r\n")
                .endsWith("\r\n\r\nbody");
        RequestFacts facts = gateway.firstFacts();
        assertThat(facts.flags()).isEqualTo("UAEX");
        assertThat(facts.details).isEqualTo("ext_authz_denied");
        assertThat(facts.policy.authorizer()).isEqualTo("gate");
    }

    @Test
    void ofADenialTheClientGetsTheFieldsThatAreListed() throws Exception {
        answering((UnaryOperator<String>) _ -> response(
                "302 Away",
                "location: /login",
                "x-why: token",
                "x-internal: secret",
                "set-cookie: a=1",
                "connection: x-why, keep-alive"));
        serve("headersToDownstreamOnDeny: [\"set-*\", X-Why]");

        assertThat(http1(gateway, "GET", "a.test", "/guarded"))
                .startsWith("HTTP/1.1 302 ")
                .contains("location: /login\r\n", "set-cookie: a=1\r\n")
                .doesNotContain("x-internal", "x-why");
    }

    @Test
    void theAuthorizerIsAskedWithWhatIsListed() throws Exception {
        serve(
                "pathPrefix: /check",
                "includeRequestHeadersInCheck: [X-User, \"x-a-*\", \"*-z\"]",
                "includeAdditionalHeadersInCheck: {X-User: fixed, x-gate: edge}");

        assertThat(http1(
                        gateway,
                        "DELETE",
                        "a.test:8080",
                        "/guarded/./x/../%41?q=%20",
                        "x-user",
                        "claimed",
                        "x-a-1",
                        "one",
                        "y-z",
                        "two",
                        "x-secret",
                        "no",
                        "cookie",
                        "c=1",
                        "authorization",
                        "Basic YQ=="))
                .startsWith("HTTP/1.1 200 ");
        assertThat(authorizer.received())
                .startsWith("DELETE /check/guarded/A?q=%20 HTTP/1.1\r\n")
                .contains(
                        "x-user: fixed\r\n",
                        "x-gate: edge\r\n",
                        "x-a-1: one\r\n",
                        "y-z: two\r\n",
                        "authorization: Basic YQ==\r\n",
                        "via: 1.1 sallyport-")
                .containsIgnoringCase("host: a.test:8080\r\n")
                .doesNotContain("claimed", "x-secret", "cookie");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatIsAddedIsMadeOfTheRequestByOperators(int version) throws Exception {
        serve(
                "includeAdditionalHeadersInCheck: {x-redirect: \"https://%REQ(:AUTHORITY)%%REQ(:PATH)%\","
                        + " x-ip: \"%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%\", x-share: \"100%%\","
                        + " x-role: \"%REQ(X-ROLE?X-USER):3% of %REQ(:METHOD)%\", X-Claimed: \"%REQ(X-NOBODY)%\","
                        + " x-status: \"%RESPONSE_CODE_DETAILS%\"}",
                "includeRequestHeadersInCheck: [x-claimed]");

        String[] fields = {"x-user", "annabel", "x-claimed", "root"};
        String path = "/guarded/./p?q=1&r=%20";
        if (version == 1) {
            assertThat(http1(gateway, "GET", "a.test", path, fields)).startsWith("HTTP/1.1 200 ");
        } else {
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
                assertThat(client.get("http", "a.test", path, fields).status()).hasToString("200");
            }
        }
        assertThat(authorizer.received())
                .contains(
                        "x-redirect: https://a.test/guarded/./p?q=1&r=%20\r\n",
                        "x-ip: 127.0.0.1\r\n", "x-share: 100%\r\n", "x-role: ann of GET\r\n")
                .doesNotContain("x-claimed", "x-status", "x-user");
        assertThat(upstream.received()).contains("x-claimed: root\r\n").doesNotContain("x-redirect", "x-share");
    }

    @Test
    void fieldsOfAnAllowanceReachTheEndpointInPlaceOfTheClients() throws Exception {
        answering((UnaryOperator<String>) _ -> response(
                "200 OK", "x-user: ann", "x-role: reader", "x-role: writer", "x-other: no", "host: evil.test"));
        serve("headersToUpstreamOnAllow: [x-user, \"x-r*\", host, content-length]");

        assertThat(http1(gateway, "GET", "a.test", "/guarded", "x-user", "root", "x-role", "admin", "x-other", "mine"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(upstream.received())
                .contains("x-user: ann\r\n", "x-role: reader\r\n", "x-role: writer\r\n", "x-other: mine\r\n")
                .containsIgnoringCase("host: a.test\r\n")
                .doesNotContain("root", "admin", "evil", "content-length: 4");
    }

    @Test
    void fieldsOfAnAllowanceReachTheClientBesideTheEndpoints() throws Exception {
        answering((UnaryOperator<String>) _ -> response("200 OK", "set-cookie: a=1", "set-cookie: b=2", "x-other: no"));
        serve("headersToDownstreamOnAllow: [set-cookie]");

        assertThat(http1(gateway, "GET", "a.test", "/guarded"))
                .startsWith("HTTP/1.1 200 ")
                .contains("set-cookie: a=1\r\n", "set-cookie: b=2\r\n")
                .doesNotContain("x-other")
                .endsWith("served");
    }

    /// A 404 and what the policies deny come behind the question.
    @Test
    void theAuthorizerIsAskedBeforeAnythingElseIsDecided() throws Exception {
        answering((UnaryOperator<String>) _ -> response("401 No"));
        serveWith(policy("guard", GUARDED) + policy("none", "action: DENY\nrules: [{}]"));

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(401);
        assertThat(get(gateway, "unknown.test", "/guarded")).isEqualTo(401);
        assertThat(get(gateway, "a.test", "/open")).isEqualTo(403);
    }

    @Test
    void whatIsAllowedIsStillDeniedByOtherPolicies() throws Exception {
        serveWith(policy("guard", GUARDED) + policy("some", "rules: [{to: [{operation: {methods: [GET]}}]}]"));

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(200);
        assertThat(ask(gateway, "POST", "a.test", "/guarded")).isEqualTo(403);
        assertThat(authorizer.received()).contains("POST /guarded");
    }

    /// Whatever an authorizer does that is no answer.
    enum Broken {
        GONE(RawUpstream.Connection::close),
        CLOSES(RawUpstream.Connection::readRequest),
        GARBLES(connection -> {
            connection.readRequest();
            connection.write("no HTTP at all\r\n\r\n");
        }),
        BREAKS_OFF(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        }),
        NEVER_ANSWERS(connection -> {
            while (connection.read() >= 0) {
                // It reads on.
            }
        }),
        NEVER_ENDS(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n");
            while (connection.read() >= 0) {
                // It sends no more.
            }
        }),
        FLOODS(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 4000000\r\n\r\n");
            connection.write("x".repeat(2_000_000));
        }),
        HAS_A_HUGE_HEAD(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\nx-a: " + "x".repeat(200_000) + "\r\n\r\n");
        }),
        FAILS(RawUpstream.sending("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"));

        private final RawUpstream.Script script;

        Broken(RawUpstream.Script script) {
            this.script = script;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeAskedAboutIsDenied(Broken how) throws Exception {
        answering(how.script);
        serve("timeout: 1s");

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(403);
        assertThat(gateway.firstFacts().details).isEqualTo("ext_authz_error");
        assertThat(gateway.firstFacts().flags()).isEqualTo("UAEX");
        assertThat(upstream.connectionCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource(names = {"GONE", "NEVER_ANSWERS", "FLOODS", "FAILS"})
    void whatCannotBeAskedAboutIsAllowedWhereFailOpenSaysSo(Broken how) throws Exception {
        answering(how.script);
        serve("timeout: 1s", "failOpen: true");

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(200);
    }

    @Test
    void theStatusOfWhatCannotBeAskedAboutIsASetting() throws Exception {
        answering(Broken.FAILS.script);
        serve("statusOnError: \"503\"");

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(503);
    }

    // Bodies.

    private String post(String path, String body) throws IOException {
        return RawClient.exchange(
                gateway.port(80), "POST " + path + " HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n" + body);
    }

    @Test
    void theBodyIsSentAlongAndOn() throws Exception {
        serve("includeRequestBodyInCheck: {maxRequestBytes: 8}");

        assertThat(post("/guarded", "Content-Length: 8\r\n\r\n12345678")).startsWith("HTTP/1.1 200 ");
        assertThat(post("/guarded", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(authorizer.received())
                .contains("x-envoy-auth-partial-body: false\r\n", "content-length: 8\r\n", "\r\n\r\n12345678")
                .endsWith("\r\n\r\nabc");
        assertThat(upstream.received()).contains("12345678", "\r\nabc\r\n0\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 9\r\n\r\n123456789",
                "Content-Length: 900\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n"
            })
    void aBodyThatIsTooLongIsRefusedEvenWhereFailOpenIsSet(String body) throws Exception {
        serve("failOpen: true", "includeRequestBodyInCheck: {maxRequestBytes: 8}");

        assertThat(post("/guarded", body)).startsWith("HTTP/1.1 413 ");
        assertThat(authorizer.connectionCount()).isZero();
        assertThat(upstream.connectionCount()).isZero();
        assertThat(gateway.firstFacts().details).isEqualTo("request_payload_too_large");
    }

    @Test
    void ofALongBodyTheBeginningIsSentWhereThatIsAllowed() throws Exception {
        serve("includeRequestBodyInCheck: {maxRequestBytes: 8, allowPartialMessage: true}");

        assertThat(post("/guarded", "Content-Length: 12\r\n\r\n123456789abc")).startsWith("HTTP/1.1 200 ");
        assertThat(authorizer.received())
                .contains("x-envoy-auth-partial-body: true\r\n")
                .endsWith("\r\n\r\n12345678");
        assertThat(upstream.received()).endsWith("\r\n\r\n123456789abc");
    }

    @Test
    void aBodyThatArrivesMeanwhileIsHeld() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        answering(connection -> {
            connection.readRequest();
            awaited(sent);
            connection.write(response("200 OK"));
        });
        serve();

        try (RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST /guarded HTTP/1.1\r\nHost: a.test\r\nContent-Length: 8\r\n\r\n1234");
            await().until(() -> authorizer.received().contains("\r\n\r\n"));
            client.send("5678");
            assertThat(upstream.connectionCount()).isZero();
            sent.countDown();
            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(upstream.received()).endsWith("12345678");
    }

    @Test
    void overHttp2TooABodyIsHeld() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        answering(connection -> {
            connection.readRequest();
            awaited(sent);
            connection.write(response("200 OK"));
        });
        serve();

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port(80));
                RawHttp2Client client = new RawHttp2Client(socket)) {
            socket.getOutputStream()
                    .write(new Http2Frames()
                            .headers(1, 0, "POST", "a.test", "/guarded")
                            .data(1, 0, "1234")
                            .take());
            await().until(() -> authorizer.received().contains("\r\n\r\n"));
            socket.getOutputStream()
                    .write(new Http2Frames()
                            .data(1, Http2Frames.END_STREAM, "5678")
                            .take());
            assertThat(upstream.connectionCount()).isZero();
            sent.countDown();
            assertThat(client.readHead(1).status()).hasToString("200");
        }
        assertThat(upstream.received()).contains("1234").contains("5678");
    }

    private static void awaited(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aRequestToSwitchProtocolsIsAskedAboutWithoutABody() throws Exception {
        serve("includeRequestBodyInCheck: {maxRequestBytes: 8}");
        try (RawClient client = new RawClient(gateway.port(80))) {
            client.send("""
                    GET /guarded HTTP/1.1\r
                    Host: a.test\r
                    Connection: upgrade\r
                    Upgrade: websocket\r
                    Sec-WebSocket-Version: 13\r
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                    \r
                    """);
            // The endpoint does not switch.
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
        }
        assertThat(authorizer.received())
                .startsWith("GET /guarded HTTP/1.1\r\n")
                .doesNotContainIgnoringCase("upgrade", "x-envoy-auth-partial-body");
        assertThat(upstream.received()).contains("upgrade: websocket");
    }

    // The way to the authorizer.

    @ParameterizedTest
    @CsvSource({"authz.internal, 200", "other.internal, 403"})
    void theAuthorizerIsReachedAsItsDestinationRuleSays(String expected, int seen, @TempDir Path directory)
            throws Exception {
        TestCertificates authority = TestCertificates.authority("test root");
        authorizer.close();
        authorizer = RawUpstream.startTls(
                authority.leaf("authz").dns("authz.internal").issue(),
                RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
        Path ca = Files.writeString(directory.resolve("ca.pem"), authority.pem());
        serveWith(policy("guard", GUARDED) + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: authz}
                spec:
                  host: authz.internal
                  trafficPolicy: {tls: {mode: SIMPLE, sni: authz.internal, subjectAltNames: [%s], caCertificates: %s}}
                ---
                """.formatted(expected, ca));

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(seen);
        assertThat(authorizer.received().isEmpty()).isEqualTo(seen == 403);
    }

    /// As where the provider's service is the gateway's own.
    @Test
    void aQuestionThatComesBackIsNotAskedAboutAgain() throws Exception {
        answering((UnaryOperator<String>) asked -> {
            try {
                return RawClient.exchange(
                        gateway.port(80), asked.replaceFirst("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        serve();

        assertThat(http1(gateway, "GET", "a.test", "/guarded")).startsWith("HTTP/1.1 403 ");
        assertThat(authorizer.received().split("GET /guarded")).hasSize(2);
    }

    // The ends of things.

    @Test
    void aClientThatLeavesTakesItsQuestionBack() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        answering(connection -> {
            while (connection.read() >= 0) {
                // Nobody gets an answer.
            }
            ended.countDown();
        });
        serve();
        try (RawClient client = new RawClient(gateway.port(80))) {
            client.send("GET /guarded HTTP/1.1\r\nHost: a.test\r\n\r\n");
            await().until(() -> authorizer.received().contains("\r\n\r\n"));
            client.socket().setSoLinger(true, 0);
        }

        ended.await();
        assertThat(gateway.firstFacts().flags()).isEqualTo("DC");
        assertThat(upstream.connectionCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "tracer"})
    void whatAsksAnUnknownProviderIsDenied(String provider) throws Exception {
        serveWith(policy("guard", GUARDED.replace("gate", provider)));

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(403);
        assertThat(get(gateway, "a.test", "/open")).isEqualTo(200);
        assertThat(gateway.firstFacts().details)
                .isEqualTo("rbac_access_denied_matched_policy[ns[default]-policy[guard]-rule[0]]");
    }

    @Test
    void whatAsksSeveralProvidersIsDenied() throws Exception {
        serveWith(policy("guard", GUARDED)
                + policy(
                        "other",
                        "action: CUSTOM\nprovider: {name: nobody}\nrules: [{to: [{operation: {paths: [/b]}}]}]"));

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(403);
        assertThat(get(gateway, "a.test", "/b")).isEqualTo(403);
        assertThat(get(gateway, "a.test", "/open")).isEqualTo(200);
        assertThat(authorizer.connectionCount()).isZero();
    }

    /// The gateway guards services as a waypoint would.
    @Test
    void aPolicyOfAServiceIsAskedBehindTheRoute() throws Exception {
        answering((UnaryOperator<String>) asked -> response(asked.contains("x-in: ok") ? "200 OK" : "401 No"));
        serveWith(policy("service", """
                        targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: up-internal}]
                        action: CUSTOM
                        provider: {name: gate}
                        rules: [{to: [{operation: {ports: ["%d"]}}]}]
                        """.formatted(upstream.port())), "includeRequestHeadersInCheck: [x-in]");

        assertThat(get(gateway, "a.test", "/", "x-in", "ok")).isEqualTo(200);
        assertThat(get(gateway, "a.test", "/")).isEqualTo(401);
        assertThat(get(gateway, "unknown.test", "/")).isEqualTo(404);
        assertThat(post("/", "X-In: ok\r\nContent-Length: 4\r\n\r\nbody")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aMirrorBehindAnAuthorizerGetsNothing() throws Exception {
        try (RawUpstream mirror = RawUpstream.ok("copy")) {
            gateway = TestGateway.serving(Yaml.httpGateway("*")
                    + Yaml.virtualService("a.test", """
                            - route: [{destination: {host: up.internal, port: {number: 80}}}]
                              mirror: {host: mirror.internal, port: {number: 80}}
                            """)
                    + Yaml.service("up.internal", upstream.port())
                    + Yaml.service("mirror.internal", mirror.port())
                    + Yaml.service("authz.internal", authorizer.port())
                    + policy("mirror", """
                            targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: mirror-internal}]
                            action: CUSTOM
                            provider: {name: gate}
                            rules: [{}]
                            """)
                    + AuthorizationFixture.provider("envoyExtAuthzHttp"));

            assertThat(get(gateway, "a.test", "/")).isEqualTo(200);
            assertThat(mirror.connectionCount()).isZero();
            assertThat(authorizer.connectionCount()).isZero();
        }
    }

    @Test
    void connectionsWhoseBytesAreRelayedAreDeniedWhereNobodyCanBeAsked() throws Exception {
        gateway = TestGateway.serving(Yaml.forwardBytes("up.internal")
                + Yaml.service("up.internal", "TCP", upstream.port())
                + Yaml.service("authz.internal", authorizer.port())
                + policy("guard", GUARDED)
                + AuthorizationFixture.provider("envoyExtAuthzHttp"));

        try (RawClient client = new RawClient(gateway.port(9000))) {
            client.send("GET /open HTTP/1.1\r\nHost: a.test\r\n\r\n");
            assertThat(client.readToEnd()).isEmpty();
        }
        assertThat(upstream.connectionCount()).isZero();
    }
}
