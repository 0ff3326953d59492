package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Guarded addresses that are allowed by somebody, and what a denial leaves alone.
class GuardExceptionTest extends GuardedNameFixture {
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
            assertThat(get(gateway, host)).startsWith("HTTP/1.1 403 Forbidden\r\n");
            assertThat(dns.questions()).isEmpty();
            assertThat(inside.connectionCount()).isZero();
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
