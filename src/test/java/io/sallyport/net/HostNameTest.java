package io.sallyport.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNameTest {
    private static final Pattern CANONICAL = Pattern.compile("[a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:]+]");

    @ParameterizedTest
    @CsvSource({
        "foo.com, foo.com, 0",
        "Foo.COM, foo.com, 0",
        "foo.com., foo.com, 0",
        "A.com.:443, a.com, 443",
        "foo.com:1, foo.com, 1",
        "foo.com:65535, foo.com, 65535",
        "foo, foo, 0",
        "foo_bar-1.svc, foo_bar-1.svc, 0",
        "10.0.0.1:8080, 10.0.0.1, 8080",
        "xn--bcher-kva.example, xn--bcher-kva.example, 0",
        "[::1], [::1], 0",
        "[::1]:8443, [::1], 8443",
        "[0:0:0:0:0:0:0:1], [::1], 0",
        "[2001:DB8::0:1], [2001:db8::1], 0",
        "[2001:db8:0:1:0:0:0:1], [2001:db8:0:1::1], 0",
        "[1:0:0:2:0:0:0:3], [1:0:0:2::3], 0",
        "[1:0:0:2:3:0:0:4], [1::2:3:0:0:4], 0",
        "[1:0:2:3:4:5:6:7], [1:0:2:3:4:5:6:7], 0",
        "[1:2:3:4:5:6:7::], [1:2:3:4:5:6:7:0], 0",
        "[::], [::], 0",
        "[1::], [1::], 0",
        "[::ffff:1.2.3.4], [::ffff:102:304], 0",
        "[1:2:3:4:5:6:1.2.3.4]:80, [1:2:3:4:5:6:102:304], 80",
        "[64:ff9b::1.2.3.4], [64:ff9b::102:304], 0",
        "[ABCD:ABCD:ABCD:ABCD:ABCD:ABCD:192.168.158.190], [abcd:abcd:abcd:abcd:abcd:abcd:c0a8:9ebe], 0"
    })
    void isMadeCanonical(String authority, String host, int port) {
        assertThat(Authority.isValid(authority)).isTrue();
        assertThat(HostName.parse(authority)).isEqualTo(new HostName(host, port, null));
    }

    @ParameterizedTest
    @CsvSource({
        "'', host is empty",
        ":80, host is empty",
        "user@foo.com, host has userinfo",
        "user:pass@foo.com, host has a bad port",
        "'a.com,b.com', host is a list",
        "'a.com, b.com', host is a list",
        "foo .com, host has a blank",
        "' foo.com', host has a blank",
        "foo.com/, host has a path character",
        "foo.com?x, host has a path character",
        "foo.com#x, host has a path character",
        "foo.com\\x, host has a path character",
        "foo%2ecom, host has a character that no name can have",
        "fóo.com, host has a character that no name can have",
        "*.foo.com, host has a character that no name can have",
        "foo.com;x, host has a character that no name can have",
        "foo~.com, host has a character that no name can have",
        "., host has an empty label",
        ".., host has an empty label",
        ".foo.com, host has an empty label",
        "foo..com, host has an empty label",
        "foo.com.., host has an empty label",
        "foo.com:, host has a bad port",
        "foo.com:0, host has a bad port",
        "foo.com:080, host has a bad port",
        "foo.com:65536, host has a bad port",
        "foo.com:99999999999, host has a bad port",
        "foo.com:+80, host has a bad port",
        "foo.com:8o, host has a bad port",
        "foo.com:80:80, host has a bad port",
        "foo.com:80/x, host has a bad port",
        "::1, host is empty",
        "fe80::1, host has a bad port",
        "[::1, host is not an IPv6 address",
        "[], host is not an IPv6 address",
        "[:], host is not an IPv6 address",
        "[:::], host is not an IPv6 address",
        "[1::2::3], host is not an IPv6 address",
        "[1:2:3:4:5:6:7], host is not an IPv6 address",
        "[1:2:3:4:5:6:7:8:9], host is not an IPv6 address",
        "[1:2:3:4:5:6:7:8::], host is not an IPv6 address",
        "[::1:2:3:4:5:6:7:8], host is not an IPv6 address",
        "[12345::], host is not an IPv6 address",
        "[::g], host is not an IPv6 address",
        "[::1:], host is not an IPv6 address",
        "[fe80::1%eth0], host is not an IPv6 address",
        "[::1.2.3], host is not an IPv6 address",
        "[::1.2.3.256], host is not an IPv6 address",
        "[::01.2.3.4], host is not an IPv6 address",
        "[::1.2.3.4.5], host is not an IPv6 address",
        "[::1.2.3.4.], host is not an IPv6 address",
        "[0ab12::], host is not an IPv6 address",
        "[[::1]], host is not an IPv6 address",
        "[1:2:3:4::5:6:7:8], host is not an IPv6 address",
        "[::1.2.3.4:5], host is not an IPv6 address",
        "[1:2:3:4:5:6:7:1.2.3.4], host is not an IPv6 address",
        "[foo.com], host is not an IPv6 address",
        "[::1]x, host has a bad port",
        "[::1]:, host has a bad port",
        "[::1]:80x, host has a bad port"
    })
    void isRefused(String authority, String reason) {
        assertThat(Authority.isValid(authority)).isFalse();
        HostName name = HostName.parse(authority);

        assertThat(name.isRejected()).isTrue();
        assertThat(name).isEqualTo(new HostName("", 0, reason));
    }

    @Test
    void isRefusedWhenLongerThanDnsAllows() {
        String label = "a".repeat(63) + ".";
        assertThat(HostName.parse(label.repeat(3) + "a".repeat(61)).rejection()).isNull();
        assertThat(HostName.parse(label.repeat(3) + "a".repeat(61) + ".:80").rejection())
                .isNull();
        assertThat(HostName.parse(label.repeat(3) + "a".repeat(62)).rejection()).contains("longer than 253");
    }

    @Test
    void controlBytesAreRefused() {
        for (char c = 0; c <= ' '; c++) {
            assertThat(HostName.parse("foo" + c + ".com").isRejected()).isTrue();
            assertThat(HostName.parse("[::1" + c + "]").isRejected()).isTrue();
        }
    }

    @Test
    void aCanonicalHostIsNotCopied() {
        String host = "payments.example.com";
        assertThat(HostName.parse(host).host()).isSameAs(host);
    }

    @Test
    void everyIpv6AddressThatTheJdkReadsIsReadAsTheSame() throws UnknownHostException {
        Random random = new Random(6);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[16];
            for (int group = 0; group < 8; group++) {
                if (random.nextBoolean()) {
                    bytes[2 * group] = (byte) (random.nextBoolean() ? 0 : random.nextInt());
                    bytes[2 * group + 1] = (byte) random.nextInt();
                }
            }
            Inet6Address address = Inet6Address.getByAddress(null, bytes, -1);
            HostName plain = HostName.parse("[" + address.getHostAddress() + "]");
            String canonical = plain.host();

            assertThat(plain.rejection()).isNull();
            assertThat(HostName.parse(canonical).host()).isEqualTo(canonical);
            assertThat(sixteen(InetAddress.getByName(canonical))).isEqualTo(sixteen(address));
            String[] groups = address.getHostAddress().split(":");
            String quad =
                    InetAddress.getByAddress(Arrays.copyOfRange(bytes, 12, 16)).getHostAddress();
            assertThat(HostName.parse("[" + String.join(":", Arrays.copyOf(groups, 6)) + ":" + quad + "]"))
                    .isEqualTo(plain);
            assertThat(canonical)
                    .doesNotContain(":::")
                    .hasSizeLessThanOrEqualTo(address.getHostAddress().length() + 2);
        }
    }

    /// The JDK turns mapped addresses into IPv4 ones.
    private static byte[] sixteen(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 16) {
            return bytes;
        }
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        return mapped;
    }

    @Test
    void randomAuthoritiesHoldTheInvariants() {
        Random random = new Random(7);
        String alphabet = "aAzZ09-_.:[]@, /\\%#?*\t\0é1f";
        int accepted = 0;
        for (int i = 0; i < 100_000; i++) {
            StringBuilder authority = new StringBuilder(random.nextInt(6) == 0 ? "[" : "");
            for (int j = random.nextInt(12); j > 0; j--) {
                boolean tame = random.nextInt(4) != 0;
                authority.append(alphabet.charAt(random.nextInt(tame ? 10 : alphabet.length())));
            }
            accepted += holdsInvariants(authority.toString()) ? 1 : 0;
        }
        assertThat(accepted).isGreaterThan(10_000);
    }

    /// What holds for every authority, whatever a client sends. Jazzer finds this method by its name and can be run
    /// on it.
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        holdsInvariants(data.consumeRemainingAsString());
    }

    private static boolean holdsInvariants(String authority) {
        HostName name = HostName.parse(authority);
        assertThat(Authority.isValid(authority)).isEqualTo(!name.isRejected());
        if (name.isRejected()) {
            assertThat(name.host()).isEmpty();
            return false;
        }
        assertThat(CANONICAL.matcher(name.host()).matches()).as(authority).isTrue();
        assertThat(name.host()).hasSizeLessThanOrEqualTo(253);
        assertThat(name.port()).isBetween(0, 65535);
        String again = name.port() == 0 ? name.host() : name.host() + ":" + name.port();
        assertThat(HostName.parse(again)).isEqualTo(name);
        return true;
    }
}
