package io.sallyport.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private static AddressGuard allowing(AddressGuard guard, String... ranges) {
        return guard.allowing(List.of(ranges).stream().map(AddressRange::parse).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "93.184.216.34",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2000::1",
                "2606:4700::1111",
                "2a00:1450:4001:80f::200e",
                "3ffe::1",
                "2001:200::1",
                "64:ff9b::808:808",
                "2002:808:808::1",
                "2606:4700::5efe:808:808"
            })
    void addressesOfTheOpenInternetAreDialled(String address) {
        assertThat(AddressGuard.EXTERNAL.refusal(InetAddress.ofLiteral(address)))
                .isNull();
        assertThat(AddressGuard.INTERNAL.refusal(InetAddress.ofLiteral(address)))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, loopback_address",
        "127.255.255.254, loopback_address",
        "::1, loopback_address",
        "0.0.0.0, unspecified_address",
        "0.1.2.3, unspecified_address",
        "::, unspecified_address",
        "169.254.0.1, link_local_address",
        "169.254.170.2, link_local_address",
        "fe80::1, link_local_address",
        "febf::1, link_local_address",
        "169.254.169.254, metadata_address",
        "100.100.100.200, metadata_address",
        "168.63.129.16, metadata_address",
        "fd00:ec2::254, metadata_address",
        "fd00:ec2::23, metadata_address",
        "fd20:ce::254, metadata_address",
        "224.0.0.1, multicast_address",
        "239.255.255.250, multicast_address",
        "ff02::1, multicast_address",
        "255.255.255.255, broadcast_address",
        "240.0.0.1, reserved_address",
        "192.0.0.8, reserved_address",
        "192.88.99.1, reserved_address",
        "2001:1::1, reserved_address",
        "100::1, reserved_address",
        "5f00::1, reserved_address",
        "4000::1, reserved_address",
        "::7f00:1, reserved_address",
        "::ffff:0:7f00:1, reserved_address",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2, translated_address",
        "64:ff9b:1::7f00:1, translated_address",
        "64:ff9b::7f00:1, loopback_address",
        "64:ff9b::169.254.169.254, metadata_address",
        "2002:7f00:1::, loopback_address",
        "2002:a9fe:a9fe::1, metadata_address",
        "2606:4700::5efe:7f00:1, loopback_address",
        "2606:4700::200:5efe:a9fe:a9fe, metadata_address"
    })
    void whatNoServiceHasIsRefusedOutsideAndInTheMesh(String address, String reason) {
        assertThat(AddressGuard.EXTERNAL.refusal(InetAddress.ofLiteral(address)))
                .isEqualTo(reason);
        assertThat(AddressGuard.INTERNAL.refusal(InetAddress.ofLiteral(address)))
                .isEqualTo(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, private_address",
        "172.16.0.1, private_address",
        "172.31.255.255, private_address",
        "192.168.255.255, private_address",
        "fc00::1, private_address",
        "fdff::1, private_address",
        "fec0::1, private_address",
        "64:ff9b::10.0.0.1, private_address",
        "2002:a00:1::1, private_address",
        "100.64.0.1, shared_address",
        "100.127.255.255, shared_address",
        "192.0.2.1, documentation_address",
        "198.51.100.1, documentation_address",
        "203.0.113.1, documentation_address",
        "2001:db8::1, documentation_address",
        "3fff::1, documentation_address",
        "198.18.0.1, benchmarking_address",
        "198.19.255.255, benchmarking_address",
        "2001:2::1, benchmarking_address"
    })
    void privateAddressesAreOfTheMeshOnly(String address, String reason) {
        assertThat(AddressGuard.EXTERNAL.refusal(InetAddress.ofLiteral(address)))
                .isEqualTo(reason);
        assertThat(AddressGuard.INTERNAL.refusal(InetAddress.ofLiteral(address)))
                .isNull();
    }

    /// Java makes an IPv4 address of it, but not everywhere.
    @Test
    void aMappedAddressIsTheIpv4AddressInIt() throws UnknownHostException {
        byte[] bytes = new byte[16];
        bytes[10] = bytes[11] = (byte) 0xff;
        System.arraycopy(new byte[] {(byte) 169, (byte) 254, (byte) 169, (byte) 254}, 0, bytes, 12, 4);
        InetAddress mapped = Inet6Address.getByAddress(null, bytes, -1);

        assertThat(mapped).isInstanceOf(Inet6Address.class);
        assertThat(AddressGuard.INTERNAL.refusal(mapped)).isEqualTo("metadata_address");
        assertThat(allowing(AddressGuard.INTERNAL, "169.254.169.254").refusal(mapped))
                .isNull();
    }

    @Test
    void aScopeChangesNothing() throws UnknownHostException {
        byte[] linkLocal = InetAddress.ofLiteral("fe80::1").getAddress();

        assertThat(AddressGuard.EXTERNAL.refusal(Inet6Address.getByAddress(null, linkLocal, 1)))
                .isEqualTo("link_local_address");
    }

    @Test
    void anExceptionLetsItsRangeThroughAndNothingElse() {
        AddressGuard guard = allowing(AddressGuard.EXTERNAL, "10.1.0.0/16", "::1");

        assertThat(guard.refusal(InetAddress.ofLiteral("10.1.2.3"))).isNull();
        assertThat(guard.refusal(InetAddress.ofLiteral("::1"))).isNull();
        assertThat(guard.refusal(InetAddress.ofLiteral("64:ff9b::10.1.2.3"))).isNull();
        assertThat(guard.refusal(InetAddress.ofLiteral("10.2.0.1"))).isEqualTo("private_address");
        assertThat(guard.refusal(InetAddress.ofLiteral("127.0.0.1"))).isEqualTo("loopback_address");
    }

    @Test
    void guardsWithTheSameExceptionsAreEqualInAnyOrder() {
        assertThat(allowing(AddressGuard.EXTERNAL, "10.0.0.0/8", "::1"))
                .isEqualTo(allowing(AddressGuard.EXTERNAL, "::1", "10.1.1.1/8", "::1"))
                .isNotEqualTo(allowing(AddressGuard.INTERNAL, "10.0.0.0/8", "::1"))
                .isNotEqualTo(allowing(AddressGuard.EXTERNAL, "10.0.0.0/8"));
    }

    @Test
    void oneRefusedAddressAmongPublicOnesRefusesTheName() {
        AddressRefusal refusal = AddressGuard.EXTERNAL.judge(
                "a.example", List.of(InetAddress.ofLiteral("8.8.8.8"), InetAddress.ofLiteral("127.0.0.1")));

        assertThat(refusal).isEqualTo(new AddressRefusal("a.example", "127.0.0.1", "loopback_address"));
        assertThat(refusal.denied().status()).isEqualTo(403);
        assertThat(refusal.denied().retryable()).isFalse();
        assertThat(refusal.denied().explanation())
                .contains("a.example", "loopback_address")
                .doesNotContain("127.0");
    }
}
