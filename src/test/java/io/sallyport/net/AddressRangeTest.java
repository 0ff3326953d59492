package io.sallyport.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
    private static boolean holds(String range, String address) {
        return AddressRange.parse(range).contains(new InetSocketAddress(InetAddress.ofLiteral(address), 80));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, 11.0.0.1",
        "10.1.2.3/8, 10.255.0.1, 11.0.0.1",
        "192.0.2.1, 192.0.2.1, 192.0.2.2",
        "192.0.2.1/32, 192.0.2.1, 192.0.2.0",
        "0.0.0.0/0, 203.0.113.9, ::1",
        "fd00::/8, fd12::1, fe00::1",
        "2001:db8::1, 2001:db8::1, 2001:db8::2",
        "::/0, 2001:db8::1, 10.0.0.1",
        "::ffff:10.0.0.0/104, 10.9.9.9, 11.0.0.1",
        "::ffff:10.0.0.1, 10.0.0.1, 10.0.0.2"
    })
    void aRangeHoldsItsAddressesAndNoOthers(String range, String in, String out) {
        assertThat(holds(range, in)).isTrue();
        assertThat(holds(range, out)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "*",
                "10",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0.0/8/8",
                "10/8",
                "010.0.0.1",
                "10.0.0.256",
                "10.0.*.*",
                "10.0.0.1-5",
                "0x7f.0.0.1",
                "2130706433",
                "example.com",
                "[::1]",
                "fe80::1%eth0",
                "::1/129",
                ":::1",
                "::ffff:10.0.0.0/95",
                "/8",
                "10.0.0.1.",
                "::g",
                "1::2::3",
                "1:2:3:4::5:6:7:8",
                "0ab12::",
                "::01.2.3.4",
                "10.0.0.0/8 10.0.0.0/8"
            })
    void aBadTextIsRefusedByName(String text) {
        assertThatThrownBy(() -> AddressRange.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\" is not an address range");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, true",
        "255.255.255.255, true",
        "::1, true",
        "2001:db8::8a2e:370:7334, true",
        "64:ff9b::192.0.2.1, true",
        "::ffff:10.0.0.1, true",
        "10.0.0.1/8, false",
        "10.0.0, false",
        "1, false",
        "localhost, false",
        "' 10.0.0.1', false"
    })
    void anAddressIsNoRangeNorName(String text, boolean address) {
        assertThat(AddressRange.isAddress(text)).isEqualTo(address);
    }

    @Test
    void twoSpellingsOfARangeAreEqual() {
        assertThat(AddressRange.parse("10.1.2.3/8")).isEqualTo(AddressRange.parse(" 10.0.0.0/8 "));
        assertThat(AddressRange.parse("2001:DB8:0::1"))
                .isEqualTo(AddressRange.of(InetAddress.ofLiteral("2001:db8::1")))
                .hasSameHashCodeAs(AddressRange.parse("2001:db8::1/128"))
                .isNotEqualTo(AddressRange.parse("2001:db8::1/127"));
    }
}
