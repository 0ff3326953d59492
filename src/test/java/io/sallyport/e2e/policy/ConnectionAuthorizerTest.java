package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.entry;
import static io.sallyport.e2e.policy.AuthorizationFixture.passthrough;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.AuthorizationFixture.tcp;
import static io.sallyport.e2e.policy.CheckServer.ALLOWED;
import static io.sallyport.e2e.policy.CheckServer.denied;
import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.grpc.Status;
import io.netty.buffer.ByteBufUtil;
import io.sallyport.egress.EgressMode;
import io.sallyport.outcome.AuthorizationOutcome;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// External authorization of connections whose bytes are relayed, and of CONNECT, over gRPC.
class ConnectionAuthorizerTest {
    private static final String ALL = policy("ask", "action: CUSTOM\nprovider: {name: gate}\nrules: [{}]");
    private static final String CONNECT = "CONNECT db.test:5432 HTTP/1.1\r\nHost: db.test:5432\r\n";

    /// Sends back what it gets.
    private static RawUpstream echo() {
        return RawUpstream.start(connection -> {
            for (int b = connection.read(); b >= 0; b = connection.read()) {
                connection.write(new byte[] {(byte) b});
            }
        });
    }

    private static byte[] hello(String sni) {
        return ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName(sni))));
    }

    private static String authorizer(CheckServer server, String... settings) {
        return Yaml.service("authz.internal", "GRPC", server.port())
                + AuthorizationFixture.provider("envoyExtAuthzGrpc", settings);
    }

    private static TestGateway serving(String yaml) {
        return TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(yaml);
    }

    /// Each kind of connection, with what its client says first.
    private enum Way {
        TCP(31400, "", port -> tcp(port)),
        PASSTHROUGH(443, new String(hello("db.test"), StandardCharsets.ISO_8859_1), port -> passthrough(port)),
        TUNNEL(MESH_PORT, CONNECT + "\r\n", port -> entry(5432, "TCP", port));

        private final int port;
        private final String opening;
        private final IntFunction<String> yaml;

        Way(int port, String opening, IntFunction<String> yaml) {
            this.port = port;
            this.opening = opening;
            this.yaml = yaml;
        }

        private RawClient open(TestGateway gateway) throws Exception {
            RawClient client = new RawClient(gateway.port(port));
            client.send(opening);
            return client;
        }

        /// Reads what an allowed client gets before the echo of its own bytes.
        private void opened(RawClient client) throws Exception {
            if (this == TUNNEL) {
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            } else {
                assertThat(client.readBytes(opening.length())).hasSize(opening.length());
            }
        }
    }

    /// What the client sends before the answer waits, and reaches the endpoint whole and once.
    @ParameterizedTest
    @EnumSource
    void whatIsAllowedIsRelayedFromTheFirstByteOn(Way way) throws Exception {
        CountDownLatch allowed = new CountDownLatch(1);
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.allowingAfter(allowed);
                TestGateway gateway = serving(way.yaml.apply(upstream.port()) + ALL + authorizer(authorizer));
                RawClient client = way.open(gateway)) {
            client.send("early");
            await().until(() -> authorizer.asked.size() == 1);
            assertThat(upstream.connectionCount()).isZero();

            allowed.countDown();
            way.opened(client);
            assertThat(client.readBytes(5)).isEqualTo("early");
            assertThat(client.send("late").readBytes(4)).isEqualTo("late");
            client.endOutput();
            assertThat(client.readToEnd()).isEmpty();
            assertThat(gateway.firstFacts().policy.authorizer()).isEqualTo("gate");
            // Once, though the policy is for this instance and for the endpoints, which are of its namespace.
            assertThat(authorizer.asked).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsDeniedReachesNobody(Way way) throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> denied(401));
                TestGateway gateway = serving(way.yaml.apply(upstream.port()) + ALL + authorizer(authorizer));
                RawClient client = way.open(gateway)) {
            assertThat(client.readToEnd()).startsWith(way == Way.TUNNEL ? "HTTP/1.1 401 " : "");
            assertThat(gateway.firstFacts().details).isEqualTo("ext_authz_denied");
            assertThat(gateway.firstFacts().flags()).isEqualTo("UAEX");
            assertThat(gateway.firstFacts().policy.authorizer()).isEqualTo("gate");
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    /// A rule that asks for what only requests have asks without it.
    @ParameterizedTest
    @CsvSource({
        "'rules: [{to: [{operation: {paths: [/admin]}}]}]', 1",
        "'rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]', 0",
        "'rules: [{to: [{operation: {notPorts: [%ports]}}]}]', 0",
        "'selector: {matchLabels: {app: db}}\nrules: [{}]', 1",
        "'selector: {matchLabels: {app: web}}\nrules: [{}]', 0",
        "'rules: [{when: [{key: connection.sni, values: [db.test]}]}]', 0",
    })
    void whatNoPolicyMeansIsNotAskedAbout(String spec, int questions) throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> ALLOWED);
                TestGateway gateway = serving(tcp(upstream.port()))) {
            // The one that is bound, and the endpoint's, which has the policies of its namespace.
            String rules = spec.replace("%ports", "\"%d\", \"%d\"".formatted(gateway.port(31400), upstream.port()));
            gateway.apply(tcp(upstream.port())
                    + policy("ask", "action: CUSTOM\nprovider: {name: gate}\n" + rules)
                    + authorizer(authorizer));
            try (RawClient client = Way.TCP.open(gateway)) {
                assertThat(client.send("ping").readBytes(4)).isEqualTo("ping");
            }
            assertThat(authorizer.asked).hasSize(questions);
        }
    }

    @ParameterizedTest
    @CsvSource({"db.test, 1", "other.test, 0"})
    void passedThroughTlsIsAskedAboutByItsServerName(String sni, int questions) throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> ALLOWED);
                TestGateway gateway = serving(passthrough(upstream.port())
                        + policy(
                                "ask",
                                "action: CUSTOM\nprovider: {name: gate}\nrules: [{when: [{key: connection.sni, values: [db.test]}]}]")
                        + authorizer(authorizer));
                RawClient client = new RawClient(gateway.port(443))) {
            byte[] hello = hello(sni);
            assertThat(client.send(hello).readBytes(hello.length)).hasSize(hello.length);
            assertThat(authorizer.asked).hasSize(questions).allSatisfy(asked -> assertThat(
                            asked.getAttributes().getTlsSession().getSni())
                    .isEqualTo(sni));
        }
    }

    // What is asked.

    @Test
    void theAuthorizerSeesTheConnectionAsEnvoyDescribesIt() throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> ALLOWED);
                TestGateway gateway = serving(tcp(upstream.port()) + ALL + authorizer(authorizer));
                RawClient client = Way.TCP.open(gateway)) {
            assertThat(client.send("ping").readBytes(4)).isEqualTo("ping");

            AttributeContext seen = authorizer.asked.getFirst().getAttributes();
            assertThat(seen.getSource().getAddress().getSocketAddress().getAddress())
                    .isEqualTo("127.0.0.1");
            assertThat(seen.getSource().getAddress().getSocketAddress().getPortValue())
                    .isEqualTo(client.socket().getLocalPort());
            assertThat(seen.getSource().getPrincipal()).isEmpty();
            assertThat(seen.getDestination().getAddress().getSocketAddress().getAddress())
                    .isEqualTo("127.0.0.1");
            assertThat(seen.getDestination().getAddress().getSocketAddress().getPortValue())
                    .isEqualTo(gateway.port(31400));
            assertThat(seen.hasRequest()).isFalse();
            assertThat(seen.hasTlsSession()).isFalse();
        }
    }

    @Test
    void behindTlsTheAuthorizerSeesTheClientsIdentity() throws Exception {
        TestCertificates authority = TestCertificates.authority("root");
        Issued server = authority.leaf("db").dns("db.test").issue();
        Issued person = authority.leaf("ann").uri("spiffe://td/ns/a/sa/ann").issue();
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> ALLOWED);
                TestGateway gateway = TestGateway.builder()
                        .secret("edge", server)
                        .start(tcp(upstream.port())
                                        .replace(
                                                "name: tcp, protocol: TCP}",
                                                "name: tls, protocol: TLS}, tls: {mode: MUTUAL, credentialName: edge}")
                                + ALL
                                + authorizer(authorizer));
                RawClient client = new RawClient(TlsClients.of(person, authority)
                        .getSocketFactory()
                        .createSocket(
                                new Socket(InetAddress.getLoopbackAddress(), gateway.port(31400)),
                                "db.test",
                                gateway.port(31400),
                                true))) {
            assertThat(client.send("ping").readBytes(4)).isEqualTo("ping");

            AttributeContext seen = authorizer.asked.getFirst().getAttributes();
            assertThat(seen.getSource().getPrincipal()).isEqualTo("spiffe://td/ns/a/sa/ann");
            assertThat(seen.getTlsSession().getSni()).isEqualTo("db.test");
        }
    }

    @Test
    void aTunnelIsAskedAboutByItsRequest() throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> ALLOWED);
                TestGateway gateway = serving(entry(5432, "TCP", upstream.port()) + ALL + authorizer(authorizer))) {
            try (RawClient client = new RawClient(gateway.port(MESH_PORT))) {
                client.send(CONNECT + "x-user: ann\r\n\r\n");
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            }
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(MESH_PORT))) {
                assertThat(client.request(":method", "CONNECT", ":authority", "db.test:5432", "x-user", "ann")
                                .status())
                        .hasToString("200");
            }
            assertThat(authorizer.asked).hasSize(2).allSatisfy(asked -> {
                AttributeContext.HttpRequest http =
                        asked.getAttributes().getRequest().getHttp();
                assertThat(http.getMethod()).isEqualTo("CONNECT");
                assertThat(http.getHost()).isEqualTo("db.test:5432");
                assertThat(http.getPath()).isEmpty();
                assertThat(http.getHeadersMap())
                        .containsEntry(":authority", "db.test:5432")
                        .containsEntry("x-user", "ann")
                        .doesNotContainKeys(":path", ":scheme");
            });
        }
    }

    // What is answered.

    /// A client must not take a denial for an open tunnel.
    @ParameterizedTest
    @CsvSource({"401, 401", "407, 407", "503, 503", "302, 302", "200, 403", "100, 403", "0, 403", "700, 403"})
    void aTunnelIsDeniedWithTheAuthorizersStatus(int status, int seen) throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> denied(status));
                TestGateway gateway = serving(entry(5432, "TCP", upstream.port()) + ALL + authorizer(authorizer))) {
            assertThat(RawClient.exchange(gateway.port(MESH_PORT), CONNECT + "\r\n"))
                    .startsWith("HTTP/1.1 " + seen + " ");
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(MESH_PORT))) {
                assertThat(client.request(":method", "CONNECT", ":authority", "db.test:5432")
                                .status())
                        .hasToString(Integer.toString(seen));
            }
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    private enum Failure {
        FAILS,
        NEVER_ANSWERS,
        IS_GONE
    }

    private static CheckServer failing(Failure how) throws Exception {
        CheckServer server = CheckServer.answering(_ -> {
            if (how == Failure.FAILS) {
                throw Status.INTERNAL.asRuntimeException();
            }
            return null;
        });
        if (how == Failure.IS_GONE) {
            server.close();
        }
        return server;
    }

    @ParameterizedTest
    @EnumSource
    void withoutAnAnswerAConnectionIsDenied(Failure how) throws Exception {
        for (Way way : Way.values()) {
            try (RawUpstream upstream = echo();
                    CheckServer authorizer = failing(how);
                    TestGateway gateway = serving(way.yaml.apply(upstream.port())
                            + ALL
                            + authorizer(authorizer, "timeout: 200ms", "statusOnError: \"503\""));
                    RawClient client = way.open(gateway)) {
                assertThat(client.readToEnd()).startsWith(way == Way.TUNNEL ? "HTTP/1.1 503 " : "");
                assertThat(gateway.firstFacts().details).isEqualTo("ext_authz_error");
                assertThat(gateway.firstFacts().flags()).isEqualTo("UAEX");
                assertThat(upstream.connectionCount()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutAnAnswerAConnectionIsAllowedWhereFailOpenSaysSo(Failure how) throws Exception {
        for (Way way : Way.values()) {
            try (RawUpstream upstream = echo();
                    CheckServer authorizer = failing(how);
                    TestGateway gateway = serving(way.yaml.apply(upstream.port())
                            + ALL
                            + authorizer(authorizer, "timeout: 200ms", "failOpen: true"));
                    RawClient client = way.open(gateway)) {
                way.opened(client);
                assertThat(client.send("ping").readBytes(4)).isEqualTo("ping");
            }
        }
    }

    /// What the other policies say comes behind the answer.
    @Test
    void whatIsAllowedIsStillDeniedByOtherPolicies() throws Exception {
        for (Way way : Way.values()) {
            try (RawUpstream upstream = echo();
                    CheckServer authorizer = CheckServer.answering(_ -> ALLOWED);
                    TestGateway gateway = serving(way.yaml.apply(upstream.port())
                            + ALL
                            + policy("none", "selector: {matchLabels: {app: db}}\naction: DENY\nrules: [{}]")
                            + authorizer(authorizer));
                    RawClient client = way.open(gateway)) {
                assertThat(client.readToEnd()).startsWith(way == Way.TUNNEL ? "HTTP/1.1 403 " : "");
                assertThat(gateway.firstFacts().details).startsWith("rbac_access_denied_matched_policy[");
                assertThat(authorizer.asked).hasSize(1);
                assertThat(upstream.connectionCount()).isZero();
            }
        }
    }

    private static String listed(String port) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: listed}
                spec:
                  hosts: [db.test]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [%s]
                  endpoints: [{address: 127.0.0.1}]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: routed}
                spec:
                  hosts: [db.test]
                  http: [{directResponse: {status: 200, body: {string: routed}}}]
                ---
                """.formatted(port);
    }

    /// Only the first bytes show that they are relayed, so that a rule about paths comes to mean the tunnel: the
    /// client has been answered, and the stream is cut.
    @Test
    void aTunnelThatIsOpenAlreadyIsCut() throws Exception {
        try (CheckServer authorizer = CheckServer.answering(_ -> denied(401));
                TestGateway gateway = serving(listed("{number: 5432, name: any}")
                        + policy(
                                "ask",
                                "action: CUSTOM\nprovider: {name: gate}\nrules: [{to: [{operation: {paths: [/admin]}}]}]")
                        + authorizer(authorizer));
                RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send(CONNECT + "\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send("bytes of no known protocol\n");

            assertThat(client.readToEnd()).isEmpty();
            assertThat(gateway.firstFacts().details).isEqualTo("ext_authz_denied");
        }
    }

    /// The tunnel is asked about, and then each request in it.
    @Test
    void aTunnelWhoseRequestsTheGatewayReads() throws Exception {
        try (CheckServer authorizer = CheckServer.answering(_ -> ALLOWED);
                TestGateway gateway =
                        serving(listed("{number: 5432, name: http, protocol: HTTP}") + ALL + authorizer(authorizer));
                RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send(CONNECT + "\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send("GET /a HTTP/1.1\r\nHost: db.test:5432\r\n\r\n");
            assertThat(client.readResponse()).endsWith("routed");

            assertThat(authorizer.asked)
                    .extracting(asked ->
                            asked.getAttributes().getRequest().getHttp().getMethod())
                    .containsExactly("CONNECT", "GET");
        }
    }

    /// A provider of HTTP is asked about the requests alone.
    @Test
    void aTunnelWhoseRequestsAreAskedAboutOverHttp() throws Exception {
        try (RawUpstream authorizer = RawUpstream.ok("");
                TestGateway gateway = serving(listed("{number: 5432, name: http, protocol: HTTP}")
                        + ALL
                        + Yaml.service("authz.internal", authorizer.port())
                        + AuthorizationFixture.provider("envoyExtAuthzHttp"));
                RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send(CONNECT + "\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send("GET /a HTTP/1.1\r\nHost: db.test:5432\r\n\r\n");
            assertThat(client.readResponse()).endsWith("routed");
            assertThat(authorizer.received()).startsWith("GET /a HTTP/1.1\r\n");
        }
    }

    // What happens meanwhile.

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesTakesItsQuestionBack(Way way) throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> null);
                TestGateway gateway = serving(way.yaml.apply(upstream.port()) + ALL + authorizer(authorizer))) {
            try (RawClient client = way.open(gateway)) {
                await().until(() -> authorizer.asked.size() == 1);
                client.socket().setSoLinger(true, 0);
            }
            authorizer.takenBack.await();
            assertThat(gateway.firstFacts().flags()).isEqualTo("DC");
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aChangeOfPoliciesEndsTheWait(Way way) throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> null);
                TestGateway gateway = serving(way.yaml.apply(upstream.port()) + ALL + authorizer(authorizer));
                RawClient client = way.open(gateway)) {
            await().until(() -> authorizer.asked.size() == 1);
            gateway.apply(way.yaml.apply(upstream.port())
                    + ALL
                    + policy("none", "action: DENY\nrules: [{}]")
                    + authorizer(authorizer));

            assertThat(client.readToEnd()).startsWith(way == Way.TUNNEL ? "HTTP/1.1 403 " : "");
            authorizer.takenBack.await();
            assertThat(gateway.firstFacts().details).startsWith("rbac_access_denied_matched_policy[");
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    /// Settings of the same provider change nothing; another one has not been asked.
    @ParameterizedTest
    @EnumSource
    void whatIsOpenEndsWhereSomebodyElseWouldHaveToBeAsked(Way way) throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> ALLOWED)) {
            String asking = way.yaml.apply(upstream.port()) + ALL + authorizer(authorizer, "timeout: 5s");
            try (TestGateway gateway = serving(asking);
                    RawClient client = way.open(gateway)) {
                way.opened(client);
                gateway.apply(asking.replace("timeout: 5s", "timeout: 6s"));
                assertThat(client.send("ping").readBytes(4)).isEqualTo("ping");
                assertThat(authorizer.asked).hasSize(1);

                gateway.apply(asking.replace("name: gate", "name: other"));
                assertThat(client.readToEnd()).isEmpty();
                assertThat(gateway.firstFacts().flags()).isEqualTo("RBAC");
                assertThat(authorizer.asked).hasSize(1);
            }
        }
    }

    /// Neither is the endpoint greeted by the gateway, nor does its greeting reach the client.
    @Test
    void anEndpointThatSpeaksFirstIsNotHeardBeforeTheAnswer() throws Exception {
        CountDownLatch allowed = new CountDownLatch(1);
        try (RawUpstream upstream = RawUpstream.start(connection -> connection.write("greeting"));
                CheckServer authorizer = CheckServer.allowingAfter(allowed);
                TestGateway gateway = serving(tcp(upstream.port()) + ALL + authorizer(authorizer));
                RawClient client = Way.TCP.open(gateway)) {
            await().until(() -> authorizer.asked.size() == 1);
            assertThat(upstream.connectionCount()).isZero();
            allowed.countDown();
            assertThat(client.readBytes(8)).isEqualTo("greeting");
        }
    }

    @ParameterizedTest
    @EnumSource
    void questionsAreCountedByTheirAnswers(AuthorizationOutcome outcome) throws Exception {
        try (RawUpstream upstream = echo();
                CheckServer authorizer = CheckServer.answering(_ -> switch (outcome) {
                    case DENIED -> denied(403);
                    case ALLOWED -> ALLOWED;
                    case FAILED, FAILED_OPEN -> throw Status.INTERNAL.asRuntimeException();
                });
                TestGateway gateway = serving(tcp(upstream.port())
                        + ALL
                        + authorizer(authorizer, "failOpen: " + (outcome == AuthorizationOutcome.FAILED_OPEN)))) {
            try (RawClient client = Way.TCP.open(gateway)) {
                client.endOutput();
                client.readToEnd();
            }
            gateway.firstFacts();
            assertThat(gateway.authorizations()).containsExactly(outcome + " gate");
        }
    }

    /// More than the kernel's buffers hold.
    private static final int OFFERED = 64 << 20;

    @Test
    void aClientThatSendsAtLengthIsHeldBackAndNothingIsLost() throws Exception {
        CountDownLatch allowed = new CountDownLatch(1);
        AtomicLong written = new AtomicLong();
        AtomicLong before = new AtomicLong(-1);
        byte[] piece = new byte[1 << 16];
        try (ServerSocket endpoint = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                CheckServer authorizer = CheckServer.allowingAfter(allowed);
                TestGateway gateway = serving(tcp(endpoint.getLocalPort()) + ALL + authorizer(authorizer));
                RawClient client = Way.TCP.open(gateway)) {
            Thread.startVirtualThread(() -> {
                try {
                    for (int i = 0; i < OFFERED / piece.length; i++) {
                        client.send(piece);
                        written.addAndGet(piece.length);
                    }
                    client.endOutput();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            await().pollInterval(Duration.ofMillis(200))
                    .until(() -> written.get() > 0 && before.getAndSet(written.get()) == written.get());
            assertThat(written.get()).isLessThan(48 << 20);
            allowed.countDown();
            try (Socket server = endpoint.accept()) {
                assertThat(server.getInputStream().transferTo(OutputStream.nullOutputStream()))
                        .isEqualTo(OFFERED);
            }
        }
    }
}
