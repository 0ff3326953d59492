package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.get;
import static io.sallyport.e2e.policy.AuthorizationFixture.http1;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.sallyport.testing.Http2Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Authorizers whose answers break the rules or come at odd times, and clients that do other things than wait.
class AuthorizerMisconductTest {
    private static final String GUARDED = policy(
            "guard", "action: CUSTOM\nprovider: {name: gate}\nrules: [{to: [{operation: {paths: [/guarded]}}]}]");
    private static final String NOTHING = "content-length: 0\r\n\r\n";

    private final RawUpstream upstream = RawUpstream.ok("served");
    private RawUpstream authorizer;
    private TestGateway gateway;

    private String routes() {
        return Yaml.httpGateway("*")
                + Yaml.forwardAll("a.test", "up.internal")
                + Yaml.service("up.internal", upstream.port());
    }

    private String asking(String... settings) {
        return routes()
                + GUARDED
                + Yaml.service("authz.internal", authorizer.port())
                + AuthorizationFixture.provider("envoyExtAuthzHttp", settings);
    }

    private void serve(RawUpstream.Script script, String... settings) {
        authorizer = RawUpstream.start(script);
        gateway = TestGateway.serving(asking(settings));
    }

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
        if (authorizer != null) {
            authorizer.close();
        }
        upstream.close();
    }

    private static void awaited(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    // Answers over HTTP.

    /// Each is sent as it stands, and the connection ends behind it: `|` is CRLF, `^` CR, `~` NUL.
    @ParameterizedTest
    @CsvSource({
        // Interim answers are none.
        "'HTTP/1.1 103 Early Hints|x-user: evil||HTTP/1.1 200 OK|content-length: 0||', 200",
        "'HTTP/1.1 100 Continue||HTTP/1.1 401 No|content-length: 0||', 401",
        "'HTTP/1.1 103 Early Hints||', 403",
        "'HTTP/1.1 101 Switching Protocols|upgrade: websocket|connection: upgrade||', 403",
        // Bodies that end with the connection, and trailers.
        "'HTTP/1.1 200 OK||body', 200",
        "'HTTP/1.0 200 OK||', 200",
        "'HTTP/1.1 200 OK|transfer-encoding: chunked||0|x-user: evil||', 200",
        // A blank before the colon is taken out of an answer (RFC 9112, 5.1).
        "'HTTP/1.1 200 OK|content-length : 0||', 200",
        // Framing that two readers would read in two ways.
        "'HTTP/1.1 200 OK|content-length: 4|transfer-encoding: chunked||0||', 403",
        "'HTTP/1.1 200 OK|content-length: 1|content-length: 2||xx', 403",
        "'HTTP/1.1 200 OK|content-length: -1||', 403",
        "'HTTP/1.1 200 OK|transfer-encoding: gzip||', 403",
        "'HTTP/1.1 200 OK|transfer-encoding: chunked||Z|', 403",
        "'HTTP/1.1 200 OK|transfer-encoding: chunked||1|x', 403",
        // Heads that are none.
        "'HTTP/1.1 200 OK|x-user: a^x-role: b|content-length: 0||', 403",
        "'HTTP/1.1 200 OK|x-user: a~b|content-length: 0||', 403",
        "'HTTP/1.1 200 OK|:path: /elsewhere|content-length: 0||', 403",
        "'HTTP/1.1 200 OK|x user: a|content-length: 0||', 403",
        "'HTTP/1.1 2000 OK|content-length: 0||', 403",
        "'HTTP/1.1 20 OK|content-length: 0||', 403",
        "'HTTP/1.1 -200 OK|content-length: 0||', 403",
        "'HTTP/2.0 200 OK|content-length: 0||', 403",
        "'ICY 200 OK|content-length: 0||', 403",
        "'200||', 403",
        "'|', 403",
        "'', 403",
    })
    void answersAreReadStrictly(String answer, int seen) throws Exception {
        serve(
                connection -> {
                    connection.readRequest();
                    connection.write(
                            answer.replace("|", "\r\n").replace('^', '\r').replace('~', '\0'));
                },
                "timeout: 5s",
                "headersToUpstreamOnAllow: [x-user, x-role]");

        assertThat(get(gateway, "a.test", "/guarded", "x-user", "ann")).isEqualTo(seen);
        assertThat(upstream.connectionCount() > 0).isEqualTo(seen == 200);
        assertThat(upstream.received()).doesNotContain("evil", "elsewhere");
        assertThat(gateway.firstFacts().details)
                .isEqualTo(
                        switch (seen) {
                            case 200 -> "via_upstream";
                            case 401 -> "ext_authz_denied";
                            default -> "ext_authz_error";
                        });
    }

    @Test
    void anAnswerThatBreaksOffByAResetIsNone() throws Exception {
        serve(connection -> {
            connection.readRequest();
            connection.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
            connection.reset();
        });

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(403);
        assertThat(upstream.connectionCount()).isZero();
    }

    @Test
    void anAnswerMayComeByteByByte() throws Exception {
        serve(connection -> {
            while (connection.readRequest() != null) {
                for (char each : ("HTTP/1.1 200 OK\r\n" + NOTHING).toCharArray()) {
                    connection.write(String.valueOf(each));
                }
            }
        });

        assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(200);
    }

    /// What is left over behind an answer is nobody's answer.
    @Test
    void asManyAnswersAsAreSentOneIsTaken() throws Exception {
        serve(connection -> {
            while (connection.readRequest() != null) {
                connection.write("HTTP/1.1 401 No\r\n" + NOTHING + "HTTP/1.1 200 OK\r\n" + NOTHING);
            }
        });

        for (int i = 0; i < 3; i++) {
            assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(401);
        }
        assertThat(upstream.connectionCount()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"200 OK, 200", "401 No, 401"})
    void anAnswerToHeadHasNoBody(String answer, int seen) throws Exception {
        serve(connection -> {
            while (connection.readRequest() != null) {
                connection.write("HTTP/1.1 " + answer + "\r\ncontent-length: 4\r\n\r\n");
            }
        });

        assertThat(http1(gateway, "HEAD", "a.test", "/guarded")).startsWith("HTTP/1.1 " + seen + " ");
        assertThat(authorizer.received()).startsWith("HEAD /guarded ");
    }

    /// Whatever becomes of the rest of the question, an early denial is no allowance.
    @ParameterizedTest
    @CsvSource({"true", "false"})
    void anAnswerMayComeBeforeTheQuestionHasBeenRead(boolean closes) throws Exception {
        serve(
                connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 401 No\r\n" + NOTHING);
                    while (!closes && connection.read() >= 0) {
                        // It reads the rest, too.
                    }
                },
                "timeout: 5s",
                "includeRequestBodyInCheck: {maxRequestBytes: 1000000}");
        String body = "x".repeat(500_000);
        String response = RawClient.exchange(
                gateway.port(80),
                "POST /guarded HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body);

        assertThat(AuthorizationFixture.status(response)).isIn(closes ? List.of(401, 403) : List.of(401));
        assertThat(upstream.connectionCount()).isZero();
    }

    /// Nor by an answer over HTTP what tells loops and clients' addresses.
    @Test
    void anAllowanceCannotChangeWhereARequestComesFrom() throws Exception {
        serve(
                RawUpstream.sending("HTTP/1.1 200 OK\r\nvia: 1.1 other\r\nx-envoy-external-address: 6.6.6.6\r\n"
                        + "x-user: ann\r\nconnection: x-named\r\nkeep-alive: 5\r\nte: trailers\r\n" + NOTHING),
                "headersToUpstreamOnAllow: [via, connection, keep-alive, te, \"x-*\"]",
                "headersToDownstreamOnAllow: [via, connection, keep-alive, te, \"x-*\"]");

        assertThat(http1(gateway, "GET", "a.test", "/guarded"))
                .startsWith("HTTP/1.1 200 ")
                .contains("x-user: ann\r\n")
                .doesNotContain("6.6.6.6", "1.1 other", "keep-alive", "\r\nte:");
        assertThat(upstream.received())
                .contains("x-user: ann\r\n", "x-envoy-external-address: 127.0.0.1\r\n", "via: 1.1 sallyport-")
                .doesNotContain("6.6.6.6", "1.1 other", "keep-alive", "\r\nte:");
    }

    /// Servers that put trailers among the fields would take them for the authorizer's.
    @Test
    void trailersDoNotSayWhatTheAuthorizerHasSaid() throws Exception {
        serve(
                RawUpstream.sending("HTTP/1.1 200 OK\r\nx-user: ann\r\n" + NOTHING),
                "headersToUpstreamOnAllow: [x-user, x-role]");
        String response = RawClient.exchange(
                gateway.port(80),
                "POST /guarded HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
                        + "Trailer: x-user, x-sum\r\n\r\n1\r\nx\r\n0\r\nX-User: root\r\nx-sum: 1\r\n\r\n");

        assertThat(response).startsWith("HTTP/1.1 200 ");
        assertThat(upstream.received())
                .contains("x-user: ann\r\n", "x-sum: 1\r\n")
                .doesNotContain("root");
    }

    // Answers over gRPC.

    private static HeaderValueOption header(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value))
                .build();
    }

    private static final List<String> NOT_EDITABLE = List.of(
            ":method",
            ":path",
            ":authority",
            ":scheme",
            "Host",
            "Content-Length",
            "transfer-encoding",
            "connection",
            "te",
            "upgrade",
            "expect",
            "trailer",
            "keep-alive",
            "proxy-connection",
            "http2-settings",
            "Via",
            "x-envoy-external-address",
            "x y",
            "x\r\ny",
            "x:y",
            "x-\u00fc");

    private static void addAll(OkHttpResponse.Builder allowance) {
        for (String name : NOT_EDITABLE) {
            allowance.addHeaders(header(name, "1")).addHeadersToRemove(name).addResponseHeadersToAdd(header(name, "1"));
        }
        for (String value : List.of("a\r\nx-evil: 1", "a\nx-evil: 1", "a\0b")) {
            allowance.addHeaders(header("x-edited", value)).addResponseHeadersToAdd(header("x-edited", value));
        }
    }

    /// With all of that, request and response are as without an authorizer.
    @Test
    void anAllowanceOverGrpcEditsNothingThatIsNotItsToEdit() throws Exception {
        OkHttpResponse.Builder allowance = OkHttpResponse.newBuilder();
        addAll(allowance);
        DeniedHttpResponse.Builder denial = DeniedHttpResponse.newBuilder().addAllHeaders(allowance.getHeadersList());
        try (CheckServer grpc = CheckServer.answering(
                asked -> asked.getAttributes().getRequest().getHttp().containsHeaders("x-deny")
                        ? CheckServer.denied(denial)
                        : CheckResponse.newBuilder().setOkResponse(allowance).build())) {
            gateway = TestGateway.serving(routes()
                    + policy(
                            "guard",
                            "action: CUSTOM\nprovider: {name: gate}\nrules: [{to: [{operation: {paths: [/guarded]}}]}]")
                    + Yaml.service("authz.internal", "GRPC", grpc.port())
                    + AuthorizationFixture.provider("envoyExtAuthzGrpc"));

            String asked = http1(gateway, "GET", "a.test", "/guarded", "x-request-id", "1");
            String open = http1(gateway, "GET", "a.test", "/open", "x-request-id", "1");
            assertThat(stable(asked)).isEqualTo(stable(open)).startsWith("HTTP/1.1 200 ");
            await().until(() -> upstream.received().split("GET /").length == 3);
            String[] received = upstream.received().split("GET /");
            assertThat(stable(received[1]).replace("guarded", "open")).isEqualTo(stable(received[2]));
            assertThat(http1(gateway, "GET", "a.test", "/guarded", "x-deny", "1"))
                    .startsWith("HTTP/1.1 403 ")
                    .doesNotContain("evil", "x-edited", "x y", "x:y", "trailer", "upgrade", "transfer-encoding");
        }
    }

    /// Without what differs from one exchange to the next.
    private static String stable(String message) {
        return message.replaceAll("(?m)^(date|x-envoy-upstream-service-time|x-request-id): .*\r\n", "");
    }

    // What the client does meanwhile.

    @Test
    void aStreamThatIsCancelledTakesItsQuestionBack() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        serve(connection -> {
            while (connection.read() >= 0) {
                // Nobody gets an answer.
            }
            ended.countDown();
        });
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port(80));
                RawHttp2Client client = new RawHttp2Client(socket)) {
            socket.getOutputStream()
                    .write(new Http2Frames()
                            .headers(1, Http2Frames.END_STREAM, "GET", "a.test", "/guarded")
                            .take());
            await().until(() -> authorizer.received().contains("\r\n\r\n"));
            socket.getOutputStream().write(new Http2Frames().cancel(1).take());
            ended.await();
            assertThat(gateway.firstFacts().flags()).isEqualTo("DC");
            socket.getOutputStream()
                    .write(new Http2Frames()
                            .headers(3, Http2Frames.END_STREAM, "GET", "a.test", "/open")
                            .take());
            assertThat(client.readHead(3).status()).hasToString("200");
        }
        assertThat(upstream.received()).doesNotContain("guarded");
    }

    /// Of HTTP/2 only the stream waits; of HTTP/1.1 what follows is answered behind it.
    @Test
    void otherRequestsOfTheConnectionAreServedInTheirTurn() throws Exception {
        CountDownLatch allowed = new CountDownLatch(1);
        serve(connection -> {
            while (connection.readRequest() != null) {
                awaited(allowed);
                connection.write("HTTP/1.1 401 No\r\n" + NOTHING);
            }
        });
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port(80));
                RawHttp2Client client = new RawHttp2Client(socket);
                RawClient http1 = new RawClient(gateway.port(80))) {
            socket.getOutputStream()
                    .write(new Http2Frames()
                            .headers(1, Http2Frames.END_STREAM, "GET", "a.test", "/guarded")
                            .headers(3, Http2Frames.END_STREAM, "GET", "a.test", "/open")
                            .take());
            assertThat(client.readHead(3).status()).hasToString("200");
            http1.send("GET /guarded HTTP/1.1\r\nHost: a.test\r\n\r\nGET /open HTTP/1.1\r\nHost: a.test\r\n\r\n");
            await().until(() -> authorizer.received().split("GET /guarded").length == 3);

            allowed.countDown();
            assertThat(client.readHead(1).status()).hasToString("401");
            assertThat(http1.readResponse()).startsWith("HTTP/1.1 401 ");
            assertThat(http1.readResponse()).startsWith("HTTP/1.1 200 ");
        }
    }

    /// A request has one configuration from its beginning to its end.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aChangeOfTheConfigurationChangesNothingForARequestThatWaits(boolean denying) throws Exception {
        CountDownLatch changed = new CountDownLatch(1);
        serve(connection -> {
            while (connection.readRequest() != null) {
                awaited(changed);
                connection.write("HTTP/1.1 200 OK\r\n" + NOTHING);
            }
        });
        try (RawClient client = new RawClient(gateway.port(80))) {
            client.send("GET /guarded HTTP/1.1\r\nHost: a.test\r\n\r\n");
            await().until(() -> authorizer.received().contains("\r\n\r\n"));
            gateway.apply(denying ? asking() + policy("none", "action: DENY\nrules: [{}]") : routes());
            changed.countDown();

            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 ").endsWith("served");
            assertThat(client.send("GET /guarded HTTP/1.1\r\nHost: a.test\r\n\r\n")
                            .readResponse())
                    .startsWith(denying ? "HTTP/1.1 403 " : "HTTP/1.1 200 ");
            await().until(() -> gateway.facts().size() == 2);
            assertThat(gateway.facts().getLast().policy.authorizer()).isEqualTo(denying ? "gate" : null);
        }
    }

    // A provider that has more to do than it may have.

    private static final String ONE_AT_A_TIME = """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: authz}
            spec:
              host: authz.internal
              trafficPolicy: {connectionPool: {http: {http2MaxRequests: 1}}}
            ---
            """;

    @ParameterizedTest
    @CsvSource({"false, 403", "true, 200"})
    void whatIsNotAskedSinceTheProviderIsBusyHasNoAnswer(boolean failOpen, int seen) throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        authorizer = RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                awaited(answered);
                connection.write("HTTP/1.1 401 No\r\n" + NOTHING);
            }
        });
        gateway = TestGateway.serving(asking("failOpen: " + failOpen) + ONE_AT_A_TIME);
        try (RawClient first = new RawClient(gateway.port(80))) {
            first.send("GET /guarded HTTP/1.1\r\nHost: a.test\r\n\r\n");
            await().until(() -> authorizer.received().contains("\r\n\r\n"));

            assertThat(get(gateway, "a.test", "/guarded")).isEqualTo(seen);
            assertThat(gateway.firstFacts().details).isEqualTo(failOpen ? "via_upstream" : "ext_authz_error");
            answered.countDown();
            assertThat(first.readResponse()).startsWith("HTTP/1.1 401 ");
        }
    }

    // Bodies that are held for the provider.

    /// 64 MiB an event loop: five bodies of 15 MiB are one too many, whichever it is, and its share is free again.
    @Test
    void heldBodiesHaveABoundTogether() throws Exception {
        authorizer = RawUpstream.ok("");
        gateway = TestGateway.builder()
                .eventLoops(1)
                .start(asking("includeRequestBodyInCheck: {maxRequestBytes: 16777216}"));
        byte[] most = new byte[15 << 20];
        String head = "POST /guarded HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: "
                + (most.length + 1) + "\r\n\r\n";
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                RawClient client = new RawClient(gateway.port(80));
                clients.add(client);
                Thread.startVirtualThread(() -> {
                    try {
                        client.send(head).send(most);
                    } catch (IOException _) {
                        // The one that is refused is not read to its end.
                    }
                });
            }
            await().until(() -> !gateway.facts().isEmpty());
            assertThat(gateway.firstFacts().status).isEqualTo(503);
            assertThat(gateway.firstFacts().details).isEqualTo("checked_bodies_overflow");
            assertThat(gateway.firstFacts().flags()).isEqualTo("UO");
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
        await().until(() -> gateway.facts().size() == 5);
        assertThat(RawClient.exchange(
                        gateway.port(80),
                        "POST /guarded HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(gateway.facts())
                .filteredOn(facts -> facts.details.equals("checked_bodies_overflow"))
                .hasSize(1);
    }
}
