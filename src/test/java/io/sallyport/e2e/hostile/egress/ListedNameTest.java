package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Names on the list whose records lead where nobody may go.
class ListedNameTest {
    @RegisterExtension
    final LogWatch log = new LogWatch();

    /// Every name within `wild.example`, with ports that lead to this target port.
    private static String wildcard(int target) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: wild}
                spec:
                  hosts: ["*.wild.example"]
                  resolution: DYNAMIC_DNS
                  ports:
                  - {number: 80, name: http, protocol: HTTP, targetPort: %1$d}
                  - {number: 443, name: tls, protocol: TLS, targetPort: %1$d}
                ---
                """.formatted(target);
    }

    private static String authority(Way way, String host) {
        return way == Way.CONNECT || way == Way.HTTP2_CONNECT || way == Way.SERVER_NAME ? host + ":443" : host;
    }

    private static final List<Way> WAYS =
            List.of(Way.ABSOLUTE_FORM, Way.ORIGIN_FORM, Way.CONNECT, Way.HTTP2, Way.HTTP2_CONNECT, Way.SERVER_NAME);

    @ParameterizedTest
    @EnumSource(EgressMode.class)
    void guardedAddressesInEveryKindOfAnswer(EgressMode mode) throws Exception {
        try (RawUpstream inside = RawUpstream.ok("secret");
                Fortress fortress = new Fortress(mode, wildcard(inside.port()), builder -> builder)) {
            fortress.dns
                    .addresses("loop.wild.example", 60, "127.0.0.1")
                    .addresses("meta.wild.example", 60, "169.254.169.254")
                    .addresses("mixed.wild.example", 60, "8.8.8.8", "127.0.0.1", "1.1.1.1")
                    .addresses("six.wild.example", 60, "::1")
                    .ipv6("mapped.wild.example", 60, "::ffff:127.0.0.1")
                    .ipv6("nat64.wild.example", 60, "64:ff9b::7f00:1")
                    .addresses("private.wild.example", 60, "10.0.0.1")
                    .addresses("any.wild.example", 60, "0.0.0.0")
                    .alias("alias.wild.example", 60, "b.cdn.example")
                    .alias("b.cdn.example", 60, "c.cdn.example")
                    .addresses("c.cdn.example", 60, "127.0.0.1")
                    .alias("self.wild.example", 60, "localhost")
                    .code("none.wild.example", DnsResponseCode.SERVFAIL);
            for (Way way : WAYS) {
                for (String name :
                        List.of("loop", "meta", "mixed", "six", "mapped", "nat64", "private", "any", "alias", "self")) {
                    String answer = way.ask(fortress.gateway, authority(way, name + ".wild.example"));
                    assertThat(answer).as("%s %s", way, name).doesNotContain("secret", " 200 ", "status=200");
                    if (way != Way.SERVER_NAME && !name.equals("self")) {
                        assertThat(answer).as("%s %s", way, name).contains("403");
                    }
                }
                assertThat(way.ask(fortress.gateway, authority(way, "none.wild.example")))
                        .doesNotContain("secret", " 200 ", "status=200");
            }
            assertThat(inside.connectionCount()).isZero();
            assertThat(fortress.gateway.facts()).allMatch(facts -> facts.endpoint.address() == null);
            fortress.isServing();
        }
    }

    @Test
    void aNameOutsideOfTheWildcardIsNotLookedUp() throws Exception {
        try (Fortress fortress = new Fortress(EgressMode.REGISTRY_ONLY, wildcard(1), builder -> builder)) {
            for (String name : List.of(
                    "wild.example",
                    ".wild.example",
                    "evilwild.example",
                    "a.wild.example.evil.example",
                    "a.wild.example.localhost",
                    "a.wild.exampl",
                    "a..wild.example")) {
                for (Way way : WAYS) {
                    fortress.refuses(way, authority(way, name));
                }
            }
            assertThat(fortress.dns.questions()).isEmpty();
        }
    }

    /// The address is good when it is checked first; then the record changes, with every answer.
    @Test
    void aNameThatIsBoundAnewBetweenTwoTunnels() throws Exception {
        try (RawUpstream inside = RawUpstream.ok("secret");
                RawUpstream good = RawUpstream.start(
                        "127.0.0.2",
                        inside.port(),
                        RawUpstream.sending("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
                Fortress fortress = new Fortress(
                        EgressMode.REGISTRY_ONLY,
                        wildcard(inside.port()),
                        builder -> builder.allowedCidrs("127.0.0.2"))) {
            fortress.dns.addresses("re.wild.example", 1, "127.0.0.2");
            assertThat(Way.ABSOLUTE_FORM.ask(fortress.gateway, "re.wild.example"))
                    .endsWith("ok");
            fortress.dns.addresses("re.wild.example", 1, "127.0.0.1");
            await().atMost(Duration.ofSeconds(10)).until(() -> Way.ABSOLUTE_FORM
                    .ask(fortress.gateway, "re.wild.example")
                    .startsWith("HTTP/1.1 403 "));
            assertThat(Way.CONNECT.ask(fortress.gateway, "re.wild.example:443")).startsWith("HTTP/1.1 403 ");
            assertThat(inside.connectionCount()).isZero();
            assertThat(good.connectionCount()).isPositive();
        }
    }

    @Test
    void aRedirectIsTheClientsToFollow() throws Exception {
        try (RawUpstream inside = RawUpstream.ok("secret");
                RawUpstream sly = RawUpstream.start("127.0.0.2", 0, connection -> {
                    while (connection.readHead() != null) {
                        connection.write("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:"
                                + inside.port() + "/\r\nrefresh: 0;url=http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n");
                    }
                });
                Fortress fortress = new Fortress(
                        EgressMode.REGISTRY_ONLY, Fortress.listed("sly.example.com", sly.port()), builder -> builder);
                RawClient client = new RawClient(fortress.port())) {
            String answer = client.send("GET http://sly.example.com/ HTTP/1.1\r\nHost: sly.example.com\r\n\r\n")
                    .readResponse();
            assertThat(answer)
                    .startsWith("HTTP/1.1 307 ")
                    .contains("location: http://127.0.0.1:" + inside.port() + "/");
            assertThat(client.send("GET http://127.0.0.1:%1$d/ HTTP/1.1\r\nHost: 127.0.0.1:%1$d\r\n\r\n"
                                    .formatted(inside.port()))
                            .readResponse())
                    .startsWith("HTTP/1.1 403 ");
            assertThat(inside.connectionCount()).isZero();
        }
    }
}
