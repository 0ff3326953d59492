package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Names whose records lead where they must not: what listens there hears nothing, however the name is found.
class GuardedNameTest extends GuardedNameFixture {
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
}
