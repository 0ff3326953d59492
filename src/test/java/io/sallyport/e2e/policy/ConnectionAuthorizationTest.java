package io.sallyport.e2e.policy;

import static io.sallyport.e2e.policy.AuthorizationFixture.entry;
import static io.sallyport.e2e.policy.AuthorizationFixture.passthrough;
import static io.sallyport.e2e.policy.AuthorizationFixture.policy;
import static io.sallyport.e2e.policy.AuthorizationFixture.tcp;
import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// AuthorizationPolicies on connections whose bytes are relayed, and on tunnels.
class ConnectionAuthorizationTest {
    /// Sends its bytes as soon as somebody connects.
    private static RawUpstream greeting() {
        return RawUpstream.start(connection -> connection.write("hello"));
    }

    private static String read(int port) throws IOException {
        try (RawClient client = new RawClient(port)) {
            client.endOutput();
            return client.readToEnd();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'action: DENY\nrules: [{}]', ''",
        "'action: DENY\nrules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]', hello",
        "'action: DENY\nrules: [{from: [{source: {ipBlocks: [127.0.0.1]}}]}]', ''",
        // Of a condition on requests a connection keeps the rest when it denies, and nothing when it allows.
        "'action: DENY\nrules: [{to: [{operation: {paths: [/admin]}}]}]', ''",
        "'rules: [{to: [{operation: {methods: [GET]}}]}]', ''",
        "'rules: [{from: [{source: {ipBlocks: [127.0.0.1]}}]}]', hello",
        "'selector: {matchLabels: {app: db}}\naction: DENY\nrules: [{}]', ''",
        "'selector: {matchLabels: {app: web}}\naction: DENY\nrules: [{}]', hello",
    })
    void connectionsOfATcpPort(String spec, String expected) throws Exception {
        try (RawUpstream upstream = greeting();
                TestGateway gateway = TestGateway.serving(tcp(upstream.port()) + policy("p", spec))) {
            assertThat(read(gateway.port(31400))).isEqualTo(expected);
            if (expected.isEmpty()) {
                assertThat(gateway.firstFacts().details).startsWith("rbac_access_denied_matched_policy[");
                assertThat(upstream.connectionCount()).isZero();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"db.test, ''", "other.test, hello"})
    void serverNamesOfAPassthroughPort(String sni, String expected) throws Exception {
        try (RawUpstream upstream = greeting();
                TestGateway gateway = TestGateway.serving(passthrough(upstream.port())
                        + policy("sni", "action: DENY\nrules: [{when: [{key: connection.sni, values: [db.test]}]}]"));
                RawClient client = new RawClient(gateway.port(443))) {
            client.send(ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName(sni)))));
            client.endOutput();
            assertThat(client.readToEnd()).isEqualTo(expected);
        }
    }

    /// The instance's policies see the CONNECT request, those of the endpoints the connection.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "action: DENY\nrules: [{to: [{operation: {methods: [CONNECT]}}]}]",
                "action: DENY\nrules: [{to: [{operation: {hosts: [db.test]}}]}]",
                "selector: {matchLabels: {app: db}}\naction: DENY\nrules: [{}]",
                "selector: {matchLabels: {app: db}}\nrules: [{from: [{source: {principals: [\"*\"]}}]}]",
                "targetRefs: [{group: networking.istio.io, kind: ServiceEntry, name: db}]\naction: DENY\nrules: [{}]",
            })
    void tunnels(String spec) throws Exception {
        try (RawUpstream upstream = greeting();
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .start(entry(5432, "TCP", upstream.port()) + policy("p", spec))) {
            assertThat(connect(gateway)).startsWith("HTTP/1.1 403 ").contains("RBAC: access denied");
            assertThat(gateway.firstFacts().details).startsWith("rbac_access_denied_matched_policy[");
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    @Test
    void aTunnelThatIsAllowed() throws Exception {
        try (RawUpstream upstream = greeting();
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .start(entry(5432, "TCP", upstream.port())
                                + policy(
                                        "p",
                                        "selector: {matchLabels: {app: db}}\nrules: [{to: [{operation: {ports: [\"%d\"]}}]}]"
                                                .formatted(upstream.port())))) {
            assertThat(connect(gateway)).startsWith("HTTP/1.1 200 ").endsWith("hello");
        }
    }

    private static final String DENY = "action: DENY\nrules: [{}]";

    /// A mesh service has the policies of its namespace by whatever name a client asks for it.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "payments.prod",
                "payments.prod.svc",
                "payments.prod.svc.cluster.local",
                "Payments.PROD.svc.cluster.local.",
                "pod-0.payments.prod.svc.cluster.local",
                "db.internal",
                "127.0.0.2",
                "127.0.0.3"
            })
    void everyNameOfAMeshService(String name) throws Exception {
        String services = """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: payments, namespace: prod}
                spec: {host: payments.prod.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: RANDOM}}}
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: db, namespace: prod}
                spec:
                  hosts: [db.internal]
                  addresses: [127.0.0.2]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}, {number: 5432, name: tcp, protocol: TCP}]
                  endpoints: [{address: 127.0.0.9, labels: {app: db}}]
                ---
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: range, namespace: prod}
                spec:
                  hosts: [range.internal]
                  addresses: [127.0.0.3/32]
                  location: MESH_INTERNAL
                  resolution: NONE
                  ports: [{number: 80, name: http, protocol: HTTP}, {number: 5432, name: tcp, protocol: TCP}]
                ---
                """;
        for (String selector : List.of("", "selector: {matchLabels: {app: db}}\n")) {
            try (TestGateway gateway = TestGateway.builder()
                    .mesh(EgressMode.REGISTRY_ONLY)
                    .start(services + policy("prod", "p", selector + DENY))) {
                for (String request : List.of(
                        "GET http://" + name + "/ HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n",
                        "CONNECT " + name + ":5432 HTTP/1.1\r\nHost: " + name + ":5432\r\n\r\n")) {
                    assertThat(RawClient.exchange(gateway.port(MESH_PORT), request))
                            .startsWith("HTTP/1.1 403 ")
                            .contains("RBAC: access denied");
                }
                await().until(() -> gateway.facts().size() == 2);
                assertThat(gateway.facts()).allSatisfy(facts -> assertThat(facts.details)
                        .isEqualTo("rbac_access_denied_matched_policy[ns[prod]-policy[p]-rule[0]]"));
            }
        }
    }

    @Test
    void aPolicyOfAServiceThatOnlyDnsKnowsIsForThatService() throws Exception {
        String target = "targetRefs: [{kind: Service, name: payments}]\n";
        try (TestGateway gateway =
                TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(policy("prod", "p", target + DENY))) {
            for (String host : List.of("payments.prod.svc.cluster.local", "pod-0.payments.prod.svc.cluster.local")) {
                assertThat(RawClient.exchange(
                                gateway.port(MESH_PORT),
                                "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 403 ");
            }
            assertThat(RawClient.exchange(
                            gateway.port(MESH_PORT),
                            "GET / HTTP/1.1\r\nHost: reviews.prod.svc.cluster.local\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 503 ");
        }
    }

    private static String mesh(String policies, String request) throws Exception {
        try (TestGateway gateway =
                TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start("""
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: all, namespace: istio-system}
                        spec: {host: "*.local", trafficPolicy: {loadBalancer: {simple: RANDOM}}}
                        ---
                        """ + policies)) {
            return RawClient.exchange(gateway.port(MESH_PORT), request);
        }
    }

    private static String get(String authority, String fields) {
        return "GET / HTTP/1.1\r\nHost: " + authority + "\r\n" + fields + "Connection: close\r\n\r\n";
    }

    /// A rule for all services does not turn the policies of their namespaces off, and the port is the one asked for.
    @ParameterizedTest
    @CsvSource({
        "'action: DENY\nrules: [{}]', 80, 403",
        "'action: DENY\nrules: [{to: [{operation: {ports: [\"9090\"]}}]}]', 9090, 403",
        "'action: DENY\nrules: [{to: [{operation: {ports: [\"9090\"]}}]}]', 8080, 503",
        "'rules: [{to: [{operation: {notPorts: [\"9090\"]}}]}]', 9090, 403",
        "'rules: [{to: [{operation: {notPorts: [\"9090\"]}}]}]', 8080, 503",
    })
    void servicesThatOnlyDnsKnows(String spec, int port, int status) throws Exception {
        assertThat(mesh(policy("prod", "p", spec), get("payments.prod.svc.cluster.local:" + port, "")))
                .startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void aMeshClientsClaimOfItsAddressIsNotBelieved() throws Exception {
        String spec = "rules: [{from: [{source: {remoteIpBlocks: [10.0.5.0/24]}}]}]";
        assertThat(mesh(
                        policy("p", spec),
                        get("payments.prod.svc.cluster.local", "x-envoy-external-address: 10.0.5.1\r\n")))
                .startsWith("HTTP/1.1 403 ");
    }

    /// Nobody sees the requests within a tunnel whose bytes are relayed.
    @ParameterizedTest
    @CsvSource({
        "'action: DENY\nrules: [{to: [{operation: {paths: [/admin]}}]}]', 403",
        "'action: DENY\nrules: [{to: [{operation: {methods: [DELETE]}}]}]', 403",
        "'action: DENY\nrules: [{when: [{key: \"request.headers[x-a]\", values: [b]}]}]', 403",
        "'rules: [{to: [{operation: {notPaths: [/admin]}}]}]', 403",
        "'rules: [{to: [{operation: {methods: [CONNECT], hosts: [\"payments.prod*\"]}}]}]', 503",
        "'action: DENY\nrules: [{when: [{key: \"request.headers[:method]\", values: [CONNECT]}]}]', 403",
        "'action: DENY\nrules: [{when: [{key: \"request.headers[:authority]\", values: [\"*:5432\"]}]}]', 403",
        "'action: DENY\nrules: [{to: [{operation: {hosts: [other.test]}}]}]', 503",
    })
    void whatNobodySeesWithinATunnel(String spec, int status) throws Exception {
        String name = "payments.prod.svc.cluster.local:5432";
        assertThat(mesh(policy("p", spec), "CONNECT " + name + " HTTP/1.1\r\nHost: " + name + "\r\n\r\n"))
                .startsWith("HTTP/1.1 " + status + " ");
    }

    private static String connect(TestGateway gateway) throws IOException {
        try (RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send("CONNECT db.test:5432 HTTP/1.1\r\nHost: db.test:5432\r\n\r\n");
            client.endOutput();
            return client.readToEnd();
        }
    }
}
