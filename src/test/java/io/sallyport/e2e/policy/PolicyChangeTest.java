package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.entry;
import static io.sallyport.e2e.policy.AuthorizationFixture.passthrough;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.AuthorizationFixture.tcp;
import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.discovery.EndpointSlice;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.ServiceName;
import io.sallyport.discovery.ServiceRegistry;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.Http2WebSocketClient;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.WebSocketUpstream;
import io.sallyport.testing.Yaml;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Policies, or the endpoints that they select, change while something is under way: what goes on by itself is ended,
/// and a request is judged anew before it goes to other endpoints than it was judged for.
class PolicyChangeTest {
    private static final String OF_OTHERS = policy("others", """
            action: DENY
            rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]""");
    private static final List<String> DENIALS = List.of(
            policy("p", "action: DENY\nrules: [{from: [{source: {ipBlocks: [127.0.0.1]}}]}]"),
            policy("p", "selector: {matchLabels: {app: db}}\naction: DENY\nrules: [{}]"),
            policy("p", "{}"));

    /// Bytes of a client that are relayed for as long as both sides want.
    private enum Relayed {
        TCP(31400, "", port -> tcp(port)),
        PASSTHROUGH(
                443,
                new String(
                        ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName("db.test")))),
                        StandardCharsets.ISO_8859_1),
                port -> passthrough(port)),
        CONNECT(
                MESH_PORT,
                "CONNECT db.test:5432 HTTP/1.1\r\nHost: db.test:5432\r\n\r\n",
                port -> entry(5432, "TCP", port));

        private final int port;
        private final String opening;
        private final IntFunction<String> yaml;

        Relayed(int port, String opening, IntFunction<String> yaml) {
            this.port = port;
            this.opening = opening;
            this.yaml = yaml;
        }

        RawClient open(TestGateway gateway) throws IOException {
            RawClient client = new RawClient(gateway.port(port));
            client.send(opening.getBytes(StandardCharsets.ISO_8859_1));
            if (this == CONNECT) {
                assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            } else {
                assertThat(client.readBytes(opening.length())).hasSize(opening.length());
            }
            return client;
        }
    }

    private static RawUpstream echo() {
        return RawUpstream.start(connection -> {
            for (int b = connection.read(); b >= 0; b = connection.read()) {
                connection.write(new byte[] {(byte) b});
            }
        });
    }

    private static void echoes(RawClient client) throws IOException {
        assertThat(client.send("ping").readBytes(4)).isEqualTo("ping");
    }

    private static void isDenied(TestGateway gateway) {
        await().until(() -> !gateway.facts().isEmpty());
        assertThat(gateway.firstFacts().details).startsWith("rbac_access_denied_matched_policy[");
        assertThat(gateway.firstFacts().flag).hasToString("RBAC");
    }

    @ParameterizedTest
    @EnumSource
    void relayedBytesEnd(Relayed way) throws Exception {
        for (String denial : DENIALS) {
            try (RawUpstream upstream = echo();
                    TestGateway gateway = TestGateway.builder()
                            .mesh(EgressMode.REGISTRY_ONLY)
                            .start(way.yaml.apply(upstream.port()));
                    RawClient client = way.open(gateway)) {
                gateway.apply(way.yaml.apply(upstream.port()) + OF_OTHERS);
                echoes(client);
                assertThat(gateway.facts()).isEmpty();

                gateway.apply(way.yaml.apply(upstream.port()) + OF_OTHERS + denial);
                assertThat(client.readToEnd()).isEmpty();
                isDenied(gateway);
                await().until(() -> upstream.openConnections() == 0);
            }
        }
    }

    /// The route changes what the policies are about, and they judge by what the client sent.
    private static String sockets(int endpoint) {
        return Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                        - route: [{destination: {host: up.internal, port: {number: 80}}}]
                          rewrite: {uri: /elsewhere, authority: elsewhere.test}
                          headers: {request: {remove: [x-tier], set: {x-other: b}}}
                        """) + Yaml.service("up.internal", endpoint);
    }

    private static final String ALLOWED = policy("allowed", """
            rules: [{to: [{operation: {paths: [/socket], hosts: [a.test]}}],
                     when: [{key: "request.headers[x-tier]", values: [gold]},
                            {key: "request.headers[x-other]", values: [a]}]}]""");
    private static final String DENIED = policy("denied", """
            action: DENY
            rules: [{when: [{key: "request.headers[x-tier]", values: [gold]}]}]""");

    @Test
    void webSocketsOfHttp1End() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
                    for (int b = connection.read(); b >= 0; b = connection.read()) {
                        connection.write(new byte[] {(byte) b});
                    }
                });
                TestGateway gateway = TestGateway.serving(sockets(upstream.port()));
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("GET /socket HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nx-tier: gold\r\nx-other: a\r\n"
                    + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
            gateway.apply(sockets(upstream.port()) + ALLOWED);
            echoes(client);

            gateway.apply(sockets(upstream.port()) + DENIED);
            assertThat(client.readToEnd()).isEmpty();
            isDenied(gateway);
            await().until(() -> upstream.openConnections() == 0);
        }
    }

    /// Nobody is asked about what is open already.
    @Test
    void webSocketsEndWhereSomebodyElseWouldHaveToBeAsked() throws Exception {
        try (RawUpstream authorizer = RawUpstream.ok("");
                WebSocketUpstream upstream = WebSocketUpstream.echo()) {
            String asking = sockets(upstream.port())
                    + Yaml.service("authz.internal", authorizer.port())
                    + policy("p", "action: CUSTOM\nprovider: {name: gate}\nrules: [{}]")
                    + AuthorizationFixture.provider("envoyExtAuthzHttp", "timeout: 5s");
            try (TestGateway gateway = TestGateway.serving(asking);
                    Http2WebSocketClient client = Http2WebSocketClient.plain(gateway.port(80))) {
                Http2WebSocketClient.WebSocketStream socket = client.open("a.test", "/socket");
                assertThat(socket.status()).isEqualTo("200");
                gateway.apply(asking.replace("timeout: 5s", "timeout: 6s"));
                socket.text("ping");
                assertThat(socket.message()).isNotNull();

                gateway.apply(asking.replace("name: gate", "name: other"));
                assertThat(socket.end()).startsWith("reset ");
                isDenied(gateway);
            }
            assertThat(authorizer.received().split("GET /socket")).hasSize(2);
        }
    }

    @Test
    void webSocketsOfHttp2End() throws Exception {
        try (WebSocketUpstream upstream = WebSocketUpstream.echo();
                TestGateway gateway = TestGateway.serving(sockets(upstream.port()));
                Http2WebSocketClient client = Http2WebSocketClient.plain(gateway.port(80))) {
            Http2WebSocketClient.WebSocketStream socket =
                    client.open("a.test", "/socket", "x-tier", "gold", "x-other", "a");
            assertThat(socket.status()).isEqualTo("200");
            gateway.apply(sockets(upstream.port()) + ALLOWED);
            socket.text("ping");
            assertThat(socket.message()).isNotNull();

            gateway.apply(sockets(upstream.port()) + DENIED);
            assertThat(socket.end()).startsWith("reset ");
            isDenied(gateway);
            assertThat(client.isOpen()).isTrue();
        }
    }

    private final ServiceRegistry services = new ServiceRegistry();

    private void payments(int port, String app) {
        ServiceName payments = new ServiceName("default", "payments");
        services.put(new MeshService(
                payments,
                List.of(new MeshService.Port(8080, "http", null)),
                List.of("10.96.0.7"),
                null,
                "IPv4",
                false,
                List.of()));
        services.put(new MeshPod("default", "payments-1", Map.of("app", app), "payments", List.of("10.0.0.1")));
        services.put(new EndpointSlice(
                "default/payments-x",
                payments,
                "IPv4",
                Map.of("http", port),
                List.of(new EndpointSlice.Member("127.0.0.1", true, false, "payments-1", null, null))));
        services.publish();
    }

    /// Between its first attempt and the next, the endpoints become those of a policy.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "rules: [{when: [{key: \"request.headers[x-tier]\", values: [silver]}]}]",
                "action: DENY\nrules: [{when: [{key: \"request.headers[x-tier]\", values: [gold]}]}]",
                "action: CUSTOM\nprovider: {name: gate}\nrules: [{}]"
            })
    void aRetryIsJudgedByTheEndpointsThatItGoesTo(String spec) throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch changed = new CountDownLatch(1);
        String routes = Yaml.httpGateway("*") + Yaml.virtualService("a.test", """
                        - route: [{destination: {host: payments, port: {number: 8080}}}]
                          headers: {request: {remove: [x-tier]}}
                          retries: {attempts: 3, retryOn: 5xx, backoff: 1ms}
                        """);
        try (RawUpstream upstream = RawUpstream.start(connection -> {
            connection.readRequest();
            arrived.countDown();
            try {
                changed.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            connection.write("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
        })) {
            payments(upstream.port(), "web");
            try (TestGateway gateway = TestGateway.builder()
                            .catalog(services)
                            .start(routes
                                    + policy("p", "selector: {matchLabels: {app: db}}\n" + spec)
                                    + AuthorizationFixture.provider("envoyExtAuthzHttp")
                                    + Yaml.service("authz.internal", 1));
                    RawClient client = new RawClient(gateway.port(80))) {
                client.send("GET / HTTP/1.1\r\nHost: a.test\r\nx-tier: gold\r\n\r\n");
                arrived.await();
                payments(upstream.port(), "db");
                changed.countDown();

                assertThat(client.readResponse()).startsWith("HTTP/1.1 403 ").endsWith("RBAC: access denied");
                isDenied(gateway);
                assertThat(gateway.firstFacts().attempts).isEqualTo(1);
            }
        }
    }

    /// While an authorizer is asked for the endpoints that there were, they become those of other checks: of a second
    /// authorizer, or of tokens. Nobody has made these.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoeverComesWhileACheckWaitsIsNotReachedUnchecked(boolean tokens) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch changed = new CountDownLatch(1);
        String ofOthers = tokens
                ? TokenFixture.authentication(
                        "db",
                        "selector: {matchLabels: {app: db}}\njwtRules:\n"
                                + TokenFixture.rule(
                                        "https://issuer.test", "outputClaimToHeaders: [{header: x-sub, claim: sub}]"))
                : policy(
                        "db",
                        "selector: {matchLabels: {app: db}}\naction: CUSTOM\nprovider: {name: other}\nrules: [{}]");
        try (RawUpstream upstream = RawUpstream.ok("fine");
                RawUpstream authorizer = RawUpstream.start(connection -> {
                    connection.readRequest();
                    asked.countDown();
                    try {
                        changed.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    connection.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
                })) {
            payments(upstream.port(), "web");
            String providers = AuthorizationFixture.provider("envoyExtAuthzHttp")
                    .replace(
                            "    - name: gate",
                            "    - name: other\n      envoyExtAuthzHttp: {service: other.internal, port: 80}\n    - name: gate");
            try (TestGateway gateway = TestGateway.builder()
                            .catalog(services)
                            .start(Yaml.httpGateway("*")
                                    + Yaml.virtualService(
                                            "a.test",
                                            "- route: [{destination: {host: payments, port: {number: 8080}}}]")
                                    + policy(
                                            "web",
                                            "selector: {matchLabels: {app: web}}\naction: CUSTOM\nprovider: {name: gate}\nrules: [{}]")
                                    + ofOthers
                                    + providers
                                    + Yaml.service("authz.internal", authorizer.port())
                                    + Yaml.service("other.internal", 1));
                    RawClient client = new RawClient(gateway.port(80))) {
                client.send("GET / HTTP/1.1\r\nHost: a.test\r\nx-sub: root\r\n\r\n");
                asked.await();
                payments(upstream.port(), "db");
                changed.countDown();

                assertThat(client.readResponse()).startsWith("HTTP/1.1 403 ");
                assertThat(upstream.connectionCount()).isZero();
            }
        }
    }
}
