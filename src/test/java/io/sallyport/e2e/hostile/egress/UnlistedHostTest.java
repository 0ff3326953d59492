package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every spelling of a destination that is not on the list, by every way of asking: nothing is connected to, and no
/// name is looked up.
class UnlistedHostTest {
    @RegisterExtension
    final LogWatch log = new LogWatch();

    /// 127.0.0.1, 169.254.169.254 and their neighbours.
    private static final List<String> ADDRESSES = List.of(
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "127.0.1",
            "127.1.",
            "127.00.00.01",
            "127.000.000.001",
            "127.0.0.01",
            "0177.0.0.1",
            "0177.1",
            "00000177.0.0.1",
            "0x7f.0.0.1",
            "0x7F.1",
            "0x7f000001",
            "0x7f000001.",
            "0X7F000001",
            "0x",
            "127.0.0.0x",
            "127.0.0.0x1",
            "2130706433",
            "017700000001",
            "4294967295",
            "99999999999999999999",
            "127.0.0.1.1",
            "127.0.0.256",
            "127.255.255.254",
            "0",
            "0.0.0.0",
            "0.0.0.0.",
            "00",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[0000:0000:0000:0000:0000:0000:0000:0001]",
            "[::]",
            "[::127.0.0.1]",
            "[::7f00:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::FFFF:7F00:0001]",
            "[0:0:0:0:0:ffff:127.0.0.1]",
            "[::ffff:0:127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::7f00:1]",
            "[2002:7f00:1::]",
            "[2002:7f00:1::1]",
            "[2001:0:7f00:1::1]",
            "[fe80::5efe:127.0.0.1]",
            "[::1%lo]",
            "[::1%25lo]",
            "[::1%1]",
            "[fe80::1%25eth0]",
            "[::ffff:127.0.0.1%1]",
            "[127.0.0.1]",
            "[::1",
            "::1]",
            "::1",
            "[]",
            "[",
            "[::1].",
            "[::1]x",
            "[v1.127.0.0.1]",
            "169.254.169.254",
            "0251.0376.0251.0376",
            "0xa9fea9fe",
            "2852039166",
            "169.254.43518",
            "[fd00:ec2::254]",
            "[::ffff:169.254.169.254]",
            "[2002:a9fe:a9fe::]",
            "[64:ff9b::a9fe:a9fe]",
            "10.0.0.1",
            "192.168.0.1",
            "172.16.0.1",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[ff02::1]",
            "[fc00::1]",
            "1.1.1.0x7f000001",
            "127.0.0.1%00.example.com",
            "127.0.0.1\0.example.com",
            "\u00b2\u00b2.0.0.1",
            "127\u30020\u30020\u30021",
            "\uff11\uff12\uff17.0.0.1",
            "\u2460\u2461\u2466.0.0.1");

    /// Names that are nearly `api.example.com`, and nearly no names at all.
    private static final List<String> NAMES = List.of(
            "evil.example",
            "api.example.com.evil.example",
            "evilapi.example.com",
            "evil-api.example.com",
            "x.api.example.com",
            "pi.example.com",
            ".api.example.com",
            "api.example.com..",
            "api..example.com",
            "api.example.co",
            "api.example.comm",
            "example.com",
            "com",
            "*.example.com",
            "*",
            "api.example.com.local",
            "api_example.com",
            "api-example.com",
            "apI.examp1e.com",
            "api.example.com\u0430",
            "\u0430pi.example.com",
            "ap\u0131.example.com",
            "xn--pi-7kc.example.com",
            "api.exampl\u00e9.com",
            "api\u3002example\u3002com",
            "api\uff0eexample.com",
            "\uff41pi.example.com",
            "api%2eexample%2ecom",
            "%61pi.example.com",
            "api.example.com%00.evil.example",
            "api.example.com%2eevil.example",
            "api.example.com\0.evil.example",
            "evil.example\0.api.example.com",
            "api.example.com\\.evil.example",
            "evil.example\\@api.example.com",
            "api.example.com#.evil.example",
            "api.example.com/.evil.example",
            "evil.example/api.example.com",
            "evil.example?api.example.com",
            "evil.example#api.example.com",
            "api.example.com@evil.example",
            "evil.example@api.example.com",
            "user:password@api.example.com",
            "@api.example.com",
            "api.example.com@",
            "api.example.com,evil.example",
            "evil.example,api.example.com",
            "api.example.com evil.example",
            "evil.example api.example.com",
            "api.example.com\tevil.example",
            "api.example.com;evil.example",
            "evil.example&api.example.com",
            "evil.example|api.example.com",
            "(api.example.com)",
            "api.example.com\u00ad.evil.example",
            "unix:",
            "unix",
            "file",
            "localhost.localdomain",
            "a".repeat(64) + ".example.com",
            "a.".repeat(126) + "com",
            "a".repeat(300));

    /// The right host with what could be a port to somebody, or a wrong one.
    private static final List<String> PORTS = List.of(
            "1",
            "22",
            "081",
            "442",
            "15000",
            "65535",
            "0",
            "65536",
            "65616",
            "99999",
            "4294967376",
            "080",
            "+80",
            "-80",
            " 80",
            "8_0",
            "80a",
            "0x50",
            "80:443",
            "80,443",
            "80@evil.example");

    private static List<String> all(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    /// As UTF-8 on the wire.
    private static String bytes(String host) {
        return new String(host.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void isNeitherReachedNorLookedUp(Way way) throws Exception {
        try (Fortress fortress = new Fortress(EgressMode.REGISTRY_ONLY)) {
            for (String host : all(ADDRESSES, NAMES)) {
                fortress.refuses(way, bytes(host) + ":" + fortress.inside.port());
            }
            fortress.heldOut();
            assertThat(fortress.dns.questions()).isEmpty();
            fortress.isServing();
        }
    }

    /// Where everything may leave, the guard stands alone: all names lead to 127.0.0.1 here.
    @ParameterizedTest
    @EnumSource(Way.class)
    void isNotReachedOnThisMachineWhereEverythingMayLeave(Way way) throws Exception {
        for (EgressMode mode : new EgressMode[] {EgressMode.ALLOW_ANY, EgressMode.LEARN}) {
            try (Fortress fortress = new Fortress(mode)) {
                for (String host : List.of("evil.example", "api.example.com.evil.example", "metadata.test")) {
                    fortress.dns.addresses(host, 60, host.startsWith("meta") ? "169.254.169.254" : "127.0.0.1");
                    fortress.refuses(way, host + ":" + fortress.inside.port());
                    // What is requested by https is refused before it would be sent in plain text.
                    assertThat(fortress.dns.wasAsked(host)).isEqualTo(way != Way.ABSOLUTE_FORM_HTTPS);
                }
                for (String host : ADDRESSES) {
                    fortress.refuses(way, bytes(host) + ":" + fortress.inside.port());
                }
                fortress.heldOut();
                fortress.isServing();
            }
        }
    }

    @Test
    void anotherPortOfAListedHostIsNotReached() throws Exception {
        try (Fortress fortress = new Fortress(EgressMode.REGISTRY_ONLY)) {
            for (Way way : List.of(Way.ABSOLUTE_FORM, Way.ORIGIN_FORM, Way.CONNECT, Way.HTTP2, Way.HTTP2_CONNECT)) {
                for (String port : PORTS) {
                    fortress.refuses(way, "api.example.com:" + port);
                }
                fortress.refuses(way, "api.example.com:" + fortress.outside.port());
            }
            fortress.refuses(Way.ABSOLUTE_FORM, "api.example.com:443");
            fortress.refuses(Way.ABSOLUTE_FORM, "api.example.com:5432");
            fortress.refuses(Way.ABSOLUTE_FORM_HTTPS, "api.example.com");
            fortress.heldOut();
            assertThat(fortress.dns.questions()).isEmpty();
        }
    }
}
