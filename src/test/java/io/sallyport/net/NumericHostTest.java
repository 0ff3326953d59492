package io.sallyport.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.net.NumericHost.Spelling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumericHostTest {

    /// Each is taken for the address by `inet_aton`, by a browser or by curl.
    @ParameterizedTest
    @CsvSource({
        "2130706433, 127.0.0.1",
        "017700000001, 127.0.0.1",
        "0x7f000001, 127.0.0.1",
        "0X7F000001, 127.0.0.1",
        "127.1, 127.0.0.1",
        "127.0.1, 127.0.0.1",
        "0177.0.0.1, 127.0.0.1",
        "0x7f.0.0.1, 127.0.0.1",
        "0x7f.1, 127.0.0.1",
        "127.0.0.01, 127.0.0.1",
        "127.000.000.001, 127.0.0.1",
        "127.0.0.0x1, 127.0.0.1",
        "0x7f.0.01, 127.0.0.1",
        "127.0.0.1., 127.0.0.1",
        "127.1., 127.0.0.1",
        "0, 0.0.0.0",
        "0x, 0.0.0.0",
        "4294967295, 255.255.255.255",
        "2852039166, 169.254.169.254",
        "0xa9fea9fe, 169.254.169.254",
        "0251.0376.0251.0376, 169.254.169.254",
        "169.254.43518, 169.254.169.254",
        "169.16689662, 169.254.169.254",
        "10.0.0.08, 10.0.0.8",
    })
    void everyOtherSpellingOfAnAddressIsSeenThrough(String host, String address) {
        assertThat(NumericHost.spelling(host)).isEqualTo(Spelling.DISGUISED);
        assertThat(NumericHost.address(host)).isEqualTo(address);
    }

    /// No address, but nothing that a resolver should be asked for either.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "4294967296",
                "99999999999999999999999999",
                "256.0.0.1",
                "1.2.3.4.5",
                "1.2.3.256",
                "127.0.65536.1",
                "api.example.1",
                "api.example.0x1f",
                "api.example.09",
            })
    void whatEndsInANumberIsNoName(String host) {
        assertThat(NumericHost.spelling(host)).isEqualTo(Spelling.DISGUISED);
        assertThat(NumericHost.address(host)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "192.0.2.255", "[::1]", "[2001:db8::1]"})
    void theUsualSpellingIsAnAddress(String host) {
        assertThat(NumericHost.spelling(host)).isEqualTo(Spelling.ADDRESS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api.example.com",
                "1.2.3.4.example.com",
                "0x7f.example",
                "127.0.0.1.nip.io",
                "1e10",
                "0xg",
                "a.0x1g",
                "x0x1",
                "10-0-0-1",
                "1_0",
                "localhost"
            })
    void otherwiseItIsAName(String host) {
        assertThat(NumericHost.spelling(host)).isEqualTo(Spelling.NAME);
    }

    @Test
    void aFinalDotDoesNotHideAnAddressFromWhoParsesTheHost() {
        assertThat(NumericHost.spelling(HostName.parse("127.0.0.1.:80").host())).isEqualTo(Spelling.ADDRESS);
        assertThat(NumericHost.spelling(HostName.parse("0x7F.1.:80").host())).isEqualTo(Spelling.DISGUISED);
    }
}
