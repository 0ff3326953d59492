package io.sallyport.e2e.hostile.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufUtil;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.discovery.EndpointSlice;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.ServiceName;
import io.sallyport.discovery.ServiceRegistry;
import io.sallyport.egress.EgressMode;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsUpstream;
import io.sallyport.tls.Hello;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What DestinationRules and VirtualServices order for a service holds by whatever name, address, port and way a client
/// asks for it.
class EveryNameTest {
    /// How the gateway knows a service.
    enum Kind {
        MESH_BY_DNS("cart.default.svc.cluster.local", null),
        MESH_DISCOVERED("payments.default.svc.cluster.local", "10.96.0.7"),
        ENTRY_STATIC("static.test", "192.0.2.1"),
        ENTRY_DNS("dns.test", "192.0.2.2"),
        ENTRY_NONE("none.test", "127.0.0.3"),
        ENTRY_DYNAMIC_DNS("api.wild.test", null);

        final String host;
        final String address;

        Kind(String host, String address) {
            this.host = host;
            this.address = address;
        }

        boolean isMesh() {
            return host.endsWith(".svc.cluster.local");
        }

        /// The names and addresses by which clients may ask for it.
        List<String> spellings() {
            List<String> all = new ArrayList<>();
            all.add(host);
            all.add(host.toUpperCase(Locale.ROOT) + ".");
            if (isMesh()) {
                String name = host.substring(0, host.indexOf('.'));
                all.add(name);
                all.add(name + ".default");
                all.add(name + ".default.svc");
            }
            if (address != null) {
                all.add(address);
                all.add("[::ffff:" + address + "]");
            }
            if (this == ENTRY_STATIC) {
                all.add("127.0.0.3");
            }
            return all;
        }

        /// @param upstream port of the endpoint, which is at 127.0.0.3
        String resources(int upstream) {
            String entry = """
                    apiVersion: networking.istio.io/v1
                    kind: ServiceEntry
                    metadata: {name: entry}
                    spec:
                      hosts: ["%s"]
                      location: MESH_EXTERNAL
                      resolution: %s
                      %s
                      ports:
                      - {number: %d, name: http, protocol: HTTP, targetPort: %d}
                      - {number: 443, name: tls, protocol: TLS, targetPort: %d}
                      %s
                    ---
                    """;
            String addresses = "addresses: [" + address + "]";
            int port = askedPort(upstream);
            return switch (this) {
                case MESH_BY_DNS, MESH_DISCOVERED -> "";
                case ENTRY_STATIC ->
                    entry.formatted(
                            host,
                            "STATIC",
                            addresses,
                            port,
                            upstream,
                            upstream,
                            "endpoints: [{address: 127.0.0.3, labels: {version: v1}}]");
                case ENTRY_DNS ->
                    entry.formatted(
                            host,
                            "DNS",
                            addresses,
                            port,
                            upstream,
                            upstream,
                            "endpoints: [{address: dns.test, labels: {version: v1}}]");
                case ENTRY_NONE -> entry.formatted(host, "NONE", addresses, port, upstream, upstream, "");
                case ENTRY_DYNAMIC_DNS ->
                    entry.formatted("*.wild.test", "DYNAMIC_DNS", "", port, upstream, upstream, "");
            };
        }

        int askedPort(int upstream) {
            return switch (this) {
                case MESH_BY_DNS, ENTRY_STATIC -> upstream;
                default -> 8081;
            };
        }
    }

    private static final List<Way> HTTP =
            List.of(Way.ABSOLUTE_FORM, Way.ORIGIN_FORM, Way.HTTP2, Way.CONNECT, Way.HTTP2_CONNECT);

    private final TestDns dns = new TestDns();
    private final ServiceRegistry usage = new ServiceRegistry();

    @AfterEach
    void stop() {
        dns.close();
    }

    private TestGateway gateway(Kind kind, EgressMode mode, int upstream, String yaml) {
        if (!kind.host.equals(Kind.MESH_DISCOVERED.host)) {
            dns.addresses(kind.host, 600, "127.0.0.3");
        }
        return start(kind, mode, upstream, yaml);
    }

    private TestGateway start(Kind kind, EgressMode mode, int upstream, String yaml) {
        if (kind == Kind.MESH_DISCOVERED) {
            discover(upstream);
        }
        return TestGateway.builder().mesh(mode).dns(dns).catalog(usage).start(kind.resources(upstream) + yaml);
    }

    private void discover(int upstream) {
        ServiceName name = new ServiceName("default", "payments");
        usage.put(new MeshService(
                name,
                List.of(new MeshService.Port(8081, "http", null), new MeshService.Port(443, "tls", null)),
                List.of("10.96.0.7"),
                null,
                "IPv4",
                false,
                List.of()));
        usage.put(new EndpointSlice(
                "default/payments-x",
                name,
                "IPv4",
                Map.of("http", upstream, "tls", upstream),
                List.of(new EndpointSlice.Member("127.0.0.3", true, false, "payments-1", null, null))));
        usage.publish();
    }

    private static String rule(String host, String rest) {
        return """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: rule}
                spec:
                  host: "%s"
                %s
                ---
                """.formatted(host, rest.indent(2).stripTrailing());
    }

    private static String routes(String host, String rest) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: routes}
                spec:
                  hosts: ["%s"]
                %s
                ---
                """.formatted(host, rest.indent(2).stripTrailing());
    }

    /// There are hundreds of requests, and each is recorded within a millisecond of its end.
    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
    }

    private interface Check {
        void that(String pair, String answer, RequestFacts facts) throws IOException;
    }

    /// Asks in every way that requests are asked for.
    private static void eachRequest(TestGateway gateway, Kind kind, int upstream, Check check) throws IOException {
        for (String spelling : kind.spellings()) {
            for (Way way : HTTP) {
                String authority = spelling + ":" + kind.askedPort(upstream);
                int before = gateway.facts().size();
                String answer = way.ask(gateway, authority);
                // A tunnel of requests is a fact of its own.
                RequestFacts facts = soon().until(
                                () -> gateway.facts().stream()
                                        .skip(before)
                                        .filter(each -> each.destination.cluster() != null || each.status >= 400)
                                        .findFirst(),
                                Optional::isPresent)
                        .orElseThrow();
                check.that(kind + " " + way + " " + authority, answer, facts);
            }
        }
    }

    private static RequestFacts bySni(TestGateway gateway, Kind kind) throws IOException {
        int before = bySni(gateway).size();
        // What becomes of the connection does not matter, nor whether anybody listens on port 443.
        try (RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send(ByteBufUtil.getBytes(Hello.record(Hello.body(Hello.serverName(kind.host)))));
        }
        soon().until(() -> bySni(gateway).size() > before);
        return bySni(gateway).getLast();
    }

    /// Connections that end late, of requests before, are reported among them.
    private static List<RequestFacts> bySni(TestGateway gateway) {
        return gateway.facts().stream()
                .filter(facts -> facts.client.serverName() != null && facts.method.isEmpty())
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void tlsIsMade(Kind kind) throws Exception {
        TestCertificates authority = TestCertificates.authority("root");
        RawUpstream.Script script = RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecure");
        try (RawUpstream upstream = RawUpstream.startTls(
                "127.0.0.3", authority.leaf("any").dns(kind.host).issue(), script)) {
            String tls = "trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}";
            for (String host : kind.isMesh() ? List.of(kind.host, "*.svc.cluster.local") : List.of(kind.host)) {
                boolean named = host.equals(kind.host);
                try (TestGateway gateway = gateway(kind, EgressMode.REGISTRY_ONLY, upstream.port(), rule(host, tls))) {
                    eachRequest(gateway, kind, upstream.port(), (pair, answer, facts) -> {
                        // A name of less than the whole is only one where some resource has the service.
                        boolean unknown = !named && kind == Kind.MESH_BY_DNS && facts.status == 403;
                        if (!unknown) {
                            assertThat(answer).as(pair).contains("secure");
                        }
                    });
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void withoutAnIdentityTheMeshsTlsIsRefused(Kind kind) throws Exception {
        String tls = "trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}";
        for (EgressMode mode : EgressMode.values()) {
            try (RawUpstream upstream = RawUpstream.start(
                            "127.0.0.3", 0, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nnaked"));
                    TestGateway gateway = gateway(kind, mode, upstream.port(), rule(kind.host, tls))) {
                eachRequest(gateway, kind, upstream.port(), (pair, answer, facts) -> {
                    assertThat(answer).as(pair).doesNotContain("naked");
                    assertThat(facts.status).as(pair).isEqualTo(503);
                });
                assertThat(bySni(gateway, kind).flag).isNotNull();
                assertThat(upstream.connectionCount()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void limitsAreThoseOfTheRule(Kind kind) throws Exception {
        String pool = "trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}";
        try (RawUpstream upstream = RawUpstream.start(
                        "127.0.0.3", 0, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"));
                TestGateway gateway = gateway(kind, EgressMode.REGISTRY_ONLY, upstream.port(), rule(kind.host, pool))) {
            gateway.assumeSeen("the limits of clusters");
            eachRequest(gateway, kind, upstream.port(), (pair, answer, facts) -> {
                assertThat(answer).as(pair).endsWith("hello");
                assertThat(spec(gateway, facts).resilience().limits().connections())
                        .as(pair)
                        .isEqualTo(7);
            });
            RequestFacts bySni = bySni(gateway, kind);
            assertThat(spec(gateway, bySni).resilience().limits().connections()).isEqualTo(7);
        }
    }

    private static ClusterSpec spec(TestGateway gateway, RequestFacts facts) {
        return gateway.dataPlane()
                .current()
                .clusters()
                .cluster(facts.destination.cluster())
                .spec();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void aFaultIsInjected(Kind kind) throws Exception {
        String abort = """
                http:
                - fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
                  route: [{destination: {host: "%s"}}]
                """.formatted(kind.host);
        for (EgressMode mode : EgressMode.values()) {
            try (RawUpstream upstream = RawUpstream.start(
                            "127.0.0.3", 0, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"));
                    TestGateway gateway = gateway(kind, mode, upstream.port(), routes(kind.host, abort))) {
                eachRequest(gateway, kind, upstream.port(), (pair, answer, facts) -> assertThat(answer)
                        .as(pair)
                        .contains("418")
                        .doesNotContain("hello"));
                assertThat(upstream.connectionCount()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theSubsetIsTheRoutes(Kind kind) throws Exception {
        // DNS has no labels.
        boolean labelled = kind == Kind.ENTRY_STATIC || kind == Kind.ENTRY_DNS;
        String subsets = "subsets: [{name: v1%s, trafficPolicy: {connectionPool: {tcp: {maxConnections: 9}}}}]"
                .formatted(labelled ? ", labels: {version: v1}" : "");
        String split = """
                http:
                - route: [{destination: {host: "%1$s", subset: v1}}]
                tls:
                - match: [{sniHosts: ["%1$s"]}]
                  route: [{destination: {host: "%1$s", subset: v1}}]
                """.formatted(kind.host);
        try (RawUpstream upstream = RawUpstream.start(
                        "127.0.0.3", 0, RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"));
                TestGateway gateway = gateway(
                        kind,
                        EgressMode.REGISTRY_ONLY,
                        upstream.port(),
                        rule(kind.host, subsets) + routes(kind.host, split))) {
            eachRequest(gateway, kind, upstream.port(), (pair, answer, facts) -> {
                assertThat(answer).as(pair).endsWith("hello");
                assertThat(facts.destination.cluster()).as(pair).contains("|v1|");
            });
            assertThat(bySni(gateway, kind).destination.cluster()).contains("|v1|");
        }
    }

    @Test
    void aRuleOfTheServicesNamespaceHoldsForItsServicesAlone() throws Exception {
        dns.addresses("one.prod.svc.cluster.local", 600, "127.0.0.1");
        dns.addresses("one.dev.svc.cluster.local", 600, "127.0.0.1");
        String rule = rule("*.svc.cluster.local", "trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}")
                .replace("name: rule", "name: rule, namespace: prod");
        try (TlsUpstream secure = TlsUpstream.start(
                        "secure", TestCertificates.authority("root").leaf("any").issue());
                RawUpstream plain = RawUpstream.ok("plain");
                TestGateway gateway = start(Kind.MESH_BY_DNS, EgressMode.REGISTRY_ONLY, 1, rule)) {
            assertThat(Way.ABSOLUTE_FORM.ask(gateway, "one.prod.svc.cluster.local:" + secure.port()))
                    .endsWith("secure");
            assertThat(Way.ABSOLUTE_FORM.ask(gateway, "one.dev.svc.cluster.local:" + plain.port()))
                    .endsWith("plain");
        }
    }

    @Test
    void settingsOfAPortHoldForThatPort() throws Exception {
        dns.addresses("cart.default.svc.cluster.local", 600, "127.0.0.1");
        try (TlsUpstream secure = TlsUpstream.start(
                        "secure", TestCertificates.authority("root").leaf("any").issue());
                RawUpstream plain = RawUpstream.ok("plain");
                TestGateway gateway = start(
                        Kind.MESH_BY_DNS,
                        EgressMode.REGISTRY_ONLY,
                        1,
                        rule("cart.default.svc.cluster.local", """
                                trafficPolicy:
                                  portLevelSettings:
                                  - port: {number: %d}
                                    tls: {mode: SIMPLE, insecureSkipVerify: true}
                                """.formatted(secure.port())))) {
            assertThat(Way.ABSOLUTE_FORM.ask(gateway, "cart:" + secure.port())).endsWith("secure");
            assertThat(Way.ABSOLUTE_FORM.ask(gateway, "cart:" + plain.port())).endsWith("plain");
        }
    }

    @Test
    void theServersOfAnotherProtocolThanHttpSpeakFirstAsTheyLike() throws Exception {
        String fault = """
                http:
                - fault: {abort: {httpStatus: 418, percentage: {value: 100}}}
                  route: [{destination: {host: cart.default.svc.cluster.local}}]
                """;
        try (RawUpstream echo = RawUpstream.start(
                        "127.0.0.3", 0, connection -> connection.write(connection.readBytes(4) + "!"));
                TestGateway gateway = gateway(
                        Kind.MESH_BY_DNS,
                        EgressMode.REGISTRY_ONLY,
                        1,
                        routes("cart.default.svc.cluster.local", fault));
                RawClient client = new RawClient(gateway.port(MESH_PORT))) {
            client.send("CONNECT cart:" + echo.port() + " HTTP/1.1\r\nHost: cart:" + echo.port() + "\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send("\0ab\r");
            assertThat(client.readBytes(5)).isEqualTo("\0ab\r!");
        }
    }
}
