package io.sallyport.config.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b", "A-1.example.com", "a.example.com.", "1a.2b", "xn--bcher-kva.example"})
    void names(String name) {
        assertThat(HostNames.nameProblem(name)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a..b",
                ".a",
                "-a.b",
                "a-.b",
                "a_b",
                "a b",
                "a.1",
                "bücher.example",
                "a/b",
                "a:80",
                "*.a"
            })
    void noNames(String name) {
        assertThat(HostNames.nameProblem(name)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "255.255.255.255", "::1", "2001:db8::8a2e:370:7334", "::ffff:10.0.0.1"})
    void addresses(String address) {
        assertThat(IpAddresses.isAddress(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0",
                "10.0.0.256",
                "010.0.0.1",
                "0x7f.0.0.1",
                "1",
                "10.0.0.1.",
                "[::1]",
                "::1%eth0",
                ":::",
                "::g",
                "1::2::3",
                "10.0.0.1/8",
                "localhost"
            })
    void noAddresses(String address) {
        assertThat(IpAddresses.isAddress(address)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/8", "10.0.0.0/0", "10.0.0.1/32", "10.0.0.1", "::/0", "2001:db8::/128"})
    void ranges(String range) {
        assertThat(IpAddresses.isAddressOrRange(range)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/33",
                "10.0.0.0/",
                "10.0.0.0/08",
                "10.0.0.0/-1",
                "10.0.0.0/8/8",
                "::/129",
                "/8",
                "10.0.0.0/999"
            })
    void noRanges(String range) {
        assertThat(IpAddresses.isAddressOrRange(range)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "a.example.com, a.example.com",
                "A.Example.Com, a.example.com",
                "b.example.com, *.example.com",
                "c.b.example.com, *.example.com",
                "*.b.example.com, *.example.com",
                "*.example.com, *.example.com",
                "example.com, -",
                "badexample.com, -",
                "*, -",
            })
    void aHostIsWithinItsOwnNameOrAWildcard(String host, String covering) {
        HostSet hosts = new HostSet(List.of("a.example.com", "*.example.com"));

        assertThat(hosts.covering(host)).isEqualTo(covering);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {"a.example.com, *.example.com", "*.example.com, *", "example.org, *", "*, -"})
    void aHostIsNotWithinItself(String host, String covering) {
        HostSet hosts = new HostSet(List.of("a.example.com", "*.example.com", "example.org", "*"));

        assertThat(hosts.coveringOther(host)).isEqualTo(covering);
    }
}
