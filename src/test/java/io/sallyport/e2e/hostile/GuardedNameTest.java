package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.sallyport.telemetry.RequestFacts;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Names whose records lead where they must not: what listens there hears nothing, however the name is found.
class GuardedNameTest {
    @RegisterExtension
    final LogWatch log = new LogWatch();

    private final TestDns dns = new TestDns();
    private final RawUpstream inside = RawUpstream.ok("secret");

    /// How `up.test` is found.
    enum Way {
        DNS("shop.internal", "DNS", ""),
        DNS_ROUND_ROBIN("shop.internal", "DNS_ROUND_ROBIN", ""),
        DYNAMIC_DNS("*.test", "DYNAMIC_DNS", ""),
        /// The request's host is looked up.
        OF_THE_REQUEST("shop.internal", "DNS", """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: any}
                spec: {host: shop.internal, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}
                ---
                """);

        final String host;
        final String resolution;
        final String rule;

        Way(String host, String resolution, String rule) {
            this.host = host;
            this.resolution = resolution;
            this.rule = rule;
        }
    }

    @AfterEach
    void stop() {
        inside.close();
        dns.close();
    }

    private TestGateway gateway(Way way, int port, String extra, String... allowed) {
        String endpoints = way == Way.DYNAMIC_DNS ? "" : "endpoints: [{address: up.test}]";
        return TestGateway.builder()
                .dns(dns)
                .allowedCidrs(allowed)
                .start(Yaml.httpGateway("*")
                        + """
                        apiVersion: networking.istio.io/v1
                        kind: ServiceEntry
                        metadata: {name: up}
                        spec:
                          hosts: ["%s"]
                          resolution: %s
                          ports: [{number: 80, name: http, protocol: HTTP, targetPort: %d}]
                          %s
                          %s
                        ---
                        """.formatted(way.host, way.resolution, port, endpoints, extra)
                        + way.rule
                        + Yaml.forwardAll("*", way == Way.DYNAMIC_DNS ? "up.test" : way.host));
    }

    private TestGateway gateway(Way way) {
        return gateway(way, inside.port(), "");
    }

    private static String get(TestGateway gateway, String host) throws Exception {
        return RawClient.exchange(
                gateway.port(80), "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    private void isDenied(TestGateway gateway, String reason) throws Exception {
        isDenied(gateway, "up.test", reason);
    }

    private void isDenied(TestGateway gateway, String host, String reason) throws Exception {
        int before = gateway.facts().size();
        assertThat(get(gateway, host))
                .startsWith("HTTP/1.1 403 Forbidden\r\n")
                .contains(reason, "ServiceEntry", "sallyport.egress.allowed-cidrs");
        await().until(() -> gateway.facts().size() > before);
        RequestFacts facts = gateway.facts().getLast();
        assertThat(facts.flag).hasToString("RBAC");
        assertThat(facts.details).isEqualTo("egress_address_guarded");
        assertThat(facts.attempts).isEqualTo(1);
        assertThat(facts.upstreamHost).isNull();
        assertThat(inside.connectionCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aNameThatIsThisMachine(Way way) throws Exception {
        dns.addresses("up.test", 60, "127.0.0.1");
        try (TestGateway gateway = gateway(way)) {
            isDenied(gateway, "loopback_address");
            isDenied(gateway, "loopback_address");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAliasOfThisMachine(Way way) throws Exception {
        dns.alias("up.test", 60, "cdn.example").addresses("cdn.example", 60, "127.0.0.1");
        try (TestGateway gateway = gateway(way)) {
            isDenied(gateway, "loopback_address");
            assertThat(dns.wasAsked("cdn.example")).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPublicAddressBesideItDoesNotHelp(Way way) throws Exception {
        dns.addresses("up.test", 60, "8.8.8.8", "127.0.0.1", "1.1.1.1");
        try (TestGateway gateway = gateway(way)) {
            isDenied(gateway, "loopback_address");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPublicIpv4AddressBesideAnIpv6OneDoesNotHelp(Way way) throws Exception {
        dns.addresses("up.test", 60, "8.8.8.8", "::1");
        try (TestGateway gateway = gateway(way)) {
            isDenied(gateway, "loopback_address");
        }
    }

    @ParameterizedTest
    @EnumSource
    void ipv6AddressesThatStandForIpv4Ones(Way way) throws Exception {
        dns.ipv6("up.test", 60, "::ffff:127.0.0.1");
        try (TestGateway gateway = gateway(way)) {
            isDenied(gateway, "loopback_address");
        }
        for (String address : new String[] {"64:ff9b::7f00:1", "2002:7f00:1::"}) {
            dns.ipv6("up.test", 60, address);
            try (TestGateway gateway = gateway(way)) {
                isDenied(gateway, "loopback_address");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void privateUnspecifiedAndMulticastAddresses(Way way) throws Exception {
        String[][] all = {
            {"10.1.2.3", "private_address"},
            {"fd12::1", "private_address"},
            {"100.64.0.1", "shared_address"},
            {"0.0.0.0", "unspecified_address"},
            {"::", "unspecified_address"},
            {"224.0.0.251", "multicast_address"},
            {"169.254.170.2", "link_local_address"},
            {"fd00:ec2::254", "metadata_address"}
        };
        for (String[] each : all) {
            dns.addresses("up.test", 60, each[0]);
            try (TestGateway gateway = gateway(way)) {
                isDenied(gateway, each[1]);
            }
        }
    }

    /// Where the machine has the address on its loopback: `ip addr add 169.254.169.254/32 dev lo`.
    @ParameterizedTest
    @EnumSource
    void theMetadataAddress(Way way) throws Exception {
        dns.addresses("up.test", 60, "169.254.169.254");
        try (TestGateway gateway = gateway(way)) {
            isDenied(gateway, "metadata_address");
        }
        InetAddress metadata = InetAddress.ofLiteral("169.254.169.254");
        assumeTrue(NetworkInterface.getByInetAddress(metadata) != null, "169.254.169.254 is not on this machine");
        try (RawUpstream credentials = RawUpstream.start("169.254.169.254", 0, RawUpstream.sending(""));
                TestGateway gateway = gateway(way, credentials.port(), "")) {
            isDenied(gateway, "metadata_address");
            assertThat(credentials.connectionCount()).isZero();
        }
    }

    /// The address is good when it is checked first; then the record changes.
    @ParameterizedTest
    @EnumSource
    void aNameThatIsBoundAnewToThisMachine(Way way) throws Exception {
        try (RawUpstream good = RawUpstream.start(
                "127.0.0.2", inside.port(), RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))) {
            dns.addresses("up.test", 1, "127.0.0.2");
            try (TestGateway gateway = gateway(way, inside.port(), "", "127.0.0.2")) {
                await().until(() -> get(gateway, "up.test").endsWith("ok"));
                assertThat(good.openConnections()).isEqualTo(1);
                dns.addresses("up.test", 1, "127.0.0.1");
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> get(gateway, "up.test").startsWith("HTTP/1.1 403 "));

                isDenied(gateway, "loopback_address");
                await().until(() -> good.openConnections() == 0);
                dns.addresses("up.test", 1, "127.0.0.2");
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> get(gateway, "up.test").endsWith("ok"));
                assertThat(inside.connectionCount()).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNameThatCannotBeLookedUpIsUnavailableNotDenied(Way way) throws Exception {
        for (DnsResponseCode code : new DnsResponseCode[] {DnsResponseCode.NXDOMAIN, DnsResponseCode.SERVFAIL}) {
            dns.code("up.test", code);
            try (TestGateway gateway = gateway(way)) {
                assertThat(get(gateway, "up.test")).startsWith("HTTP/1.1 503 ");
                assertThat(gateway.firstFacts().flag).hasToString("UH");
            }
        }
        dns.silent("up.test");
        try (TestGateway gateway = gateway(way)) {
            assertThat(get(gateway, "up.test")).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().flag).hasToString("UH");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatTheSettingsAllowIsReached(Way way) throws Exception {
        dns.addresses("up.test", 60, "127.0.0.1");
        try (TestGateway gateway = gateway(way, inside.port(), "", "127.0.0.0/8")) {
            assertThat(get(gateway, "up.test")).endsWith("secret");
        }
    }

    @Test
    void whatTheServiceEntryListsIsReached() throws Exception {
        dns.addresses("up.test", 60, "127.0.0.1");
        try (TestGateway gateway = gateway(Way.DNS, inside.port(), "addresses: [127.0.0.1]")) {
            assertThat(get(gateway, "up.test")).endsWith("secret");
        }
    }

    @Test
    void aHostInTheMeshMayHaveAPrivateAddressButNotTheLoopback() throws Exception {
        dns.addresses("up.test", 60, "127.0.0.1");
        try (TestGateway gateway = gateway(Way.DNS, inside.port(), "location: MESH_INTERNAL")) {
            isDenied(gateway, "loopback_address");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1",
                "2130706433",
                "0x7f000001",
                "0x7f.1",
                "0177.0.0.1",
                "[::1]",
                "[::ffff:127.0.0.1]",
                "[64:ff9b::7f00:1]",
                "169.254.169.254",
                "[fe80::1]",
                "10.0.0.1",
                "127.0.0.1."
            })
    void addressesInThePlaceOfNames(String host) throws Exception {
        try (TestGateway gateway = gateway(Way.OF_THE_REQUEST)) {
            isDenied(gateway, host, "_address");
            assertThat(dns.questions()).isEmpty();
        }
    }

    @Test
    void aRefusedNameTakesNothingFromTheOtherEndpoints() throws Exception {
        dns.addresses("up.test", 60, "10.0.0.1");
        try (TestGateway gateway = gateway(Way.DNS, inside.port(), "", "127.0.0.1");
                RawUpstream good = RawUpstream.ok("good")) {
            isDenied(gateway, "private_address");
            gateway.apply(Yaml.httpGateway("*") + """
                    apiVersion: networking.istio.io/v1
                    kind: ServiceEntry
                    metadata: {name: up}
                    spec:
                      hosts: [shop.internal]
                      resolution: DNS
                      ports: [{number: 80, name: http, protocol: HTTP, targetPort: %d}]
                      endpoints: [{address: up.test}, {address: 127.0.0.1}]
                    ---
                    """.formatted(good.port()) + Yaml.forwardAll("*", "shop.internal"));
            for (int i = 0; i < 10; i++) {
                assertThat(get(gateway, "up.test")).endsWith("good");
            }
        }
    }
}
