package io.sallyport.e2e.hostile;

import static io.sallyport.e2e.hostile.H2Client.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Texts of the configuration that end up in heads, with blanks around them and letters outside of ASCII: the same in
/// both versions of HTTP, on either side, and always well-formed.
@ExtendWith(LogWatch.class)
class ConfiguredValuesTest {
    private static final String ROUTES = """
            - match: [{uri: {exact: /values}}]
              headers:
                request: {set: {x-set: " \\tdvě\\t "}, add: {x-add: "  €"}}
                response: {set: {x-set: " dvě \\t"}, add: {x-add: "𝄞  ", x-blank: "  "}}
              route:
              - destination: {host: shop.internal}
                headers: {request: {set: {x-inner: " ž "}}, response: {set: {x-inner: "\\tž\\t"}}}
            - match: [{uri: {prefix: /strip}}]
              rewrite: {uri: " "}
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /cut-regex}}]
              rewrite: {uriRegexRewrite: {match: "^/cut-regex", rewrite: " "}}
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /rewrite/}}]
              rewrite: {uri: " /č/a b|%41%zz#/ ", authority: " inner.test:81\\t"}
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /regex/}}]
              rewrite: {uriRegexRewrite: {match: "^/regex/(.*)$", rewrite: " /č \\\\1\\\\\\\\€"}}
              headers: {request: {set: {Host: " inner.test "}}}
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /away/}}]
              redirect: {uri: " /č/a b?c=ď#é ", authority: " other.test "}
            - match: [{uri: {prefix: /moved/}}]
              redirect: {prefixRewrite: "č d"}
            - match: [{uri: {prefix: /home}}]
              redirect: {uri: " "}
            - match: [{uri: {prefix: /direct}}]
              headers: {response: {set: {x-set: " dvě "}}}
              directResponse: {status: 200, body: {string: " dvě "}}
            """;

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /// The response's head, a line for a field.
    private static String get(Target target, String path, boolean http2) throws Exception {
        if (!http2) {
            return target.exchange("GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
                    .replace("\r\n", "\n");
        }
        try (H2Client client = target.connect2()) {
            client.send(Frames.headers(1, true, request("GET", path)));
            String fields = client.answer(1).fields();
            assertThat(fields).as("not reset").startsWith(":status=");
            return "\n" + fields.replace(",", "\n").replace("=", ": ") + "\n";
        }
    }

    static Stream<Arguments> versions() {
        return Stream.of(
                Arguments.of(false, false),
                Arguments.of(false, true),
                Arguments.of(true, false),
                Arguments.of(true, true));
    }

    @ParameterizedTest(name = "HTTP/2 downstream {0}, upstream {1}")
    @MethodSource("versions")
    void fieldsAreUtf8WithoutSurroundings(boolean downstream, boolean upstream) throws Exception {
        try (StrictHttp2Upstream strict = new StrictHttp2Upstream();
                RawUpstream raw = RawUpstream.answering(Target.OK);
                Target target = Target.start(
                        upstream ? strict.upstream : raw, upstream ? "HTTP2" : "HTTP", ROUTES, builder -> builder)) {
            String response = get(target, "/values", downstream);
            String sent = upstream ? strict.heads.getLast() : raw.received().replace("\r\n", "\n");

            assertThat(sent)
                    .contains("\nx-set: " + utf8("dvě") + "\n", "\nx-add: " + utf8("€") + "\n")
                    .contains("\nx-inner: " + utf8("ž") + "\n");
            assertThat(response)
                    .contains("\nx-set: " + utf8("dvě") + "\n", "\nx-add: " + utf8("𝄞") + "\n", "\nx-blank: \n")
                    .contains("\nx-inner: " + utf8("ž") + "\n");
            assertThat(strict.violations).isEmpty();
        }
    }

    @ParameterizedTest(name = "HTTP/2 downstream {0}, upstream {1}")
    @MethodSource("versions")
    void pathsArePercentEncoded(boolean downstream, boolean upstream) throws Exception {
        try (StrictHttp2Upstream strict = new StrictHttp2Upstream();
                RawUpstream raw = RawUpstream.answering(Target.OK);
                Target target = Target.start(
                        upstream ? strict.upstream : raw, upstream ? "HTTP2" : "HTTP", ROUTES, builder -> builder)) {
            String[][] table = {
                {"/strip/a?b", "/a?b", "shop.example"},
                {"/strip", "/", "shop.example"},
                {"/stripx", "/x", "shop.example"},
                {"/cut-regex/a?b", "/a?b", "shop.example"},
                {"/rewrite/x?y", "/%C4%8D/a%20b%7C%41%25zz%23/x?y", "inner.test:81"},
                {"/regex/x%20y?z", "/%C4%8D%20x%20y%5C%E2%82%AC?z", "inner.test"},
            };
            for (String[] row : table) {
                assertThat(get(target, row[0], downstream)).as(row[0]).contains("200");
                if (upstream) {
                    assertThat(strict.heads.getLast())
                            .contains("\n:path: " + row[1] + "\n", "\n:authority: " + row[2] + "\n");
                } else {
                    assertThat(raw.received()).contains("GET " + row[1] + " HTTP/1.1\r\nhost: " + row[2] + "\r\n");
                }
            }
            assertThat(strict.violations).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void locationsAreUris(boolean http2) throws Exception {
        try (Target target = Target.start(RawUpstream.answering(Target.OK), "HTTP", ROUTES, builder -> builder)) {
            assertThat(get(target, "/away/x?y", http2).replace(": ", "="))
                    .contains("\nlocation=http://other.test/%C4%8D/a%20b?c=%C4%8F#%C3%A9\n");
            assertThat(get(target, "/moved/x?y", http2)).contains("\nlocation: http://shop.example/%C4%8D%20dx?y\n");
            assertThat(get(target, "/home/x", http2)).contains("\nlocation: http://shop.example/\n");
            assertThat(get(target, "/direct", http2)).contains("\nx-set: " + utf8("dvě") + "\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rewrite: {authority: \"čĊ.test x\"}",
                "rewrite: {authority: \"  \"}",
                "rewrite: {authority: 'user@inner.test'}",
                "rewrite: {authority: 'inner.test/x'}",
                "rewrite: {authority: 'a,b'}",
                "rewrite: {authority: 'inner.test:0'}",
                "rewrite: {authority: 'inner.test:65536'}",
                "rewrite: {authority: '[::1'}",
                "rewrite: {authority: 'a..b'}",
                "rewrite: {uri: \"/a\\nb\"}",
                "rewrite: {uri: \"/\\ud800\"}",
                "rewrite: {uriRegexRewrite: {match: a, rewrite: \"b\\u0000\"}}",
                "headers: {request: {set: {Host: 'č.test'}}}",
                "headers: {request: {add: {':authority': 'a b'}}}",
                "headers: {request: {set: {':authority': ''}}}",
                "headers: {request: {set: {x: \"a\\rb\"}}}",
                "headers: {request: {set: {x: \"a\\n\"}}}",
                "headers: {response: {set: {x: \"a\\udc00\"}}}",
                "headers: {response: {add: {x: \"\\u007f\"}}}",
            })
    void whatCannotBeSentIsRefusedWithItsLine(String wrong) {
        String route = "- route: [{destination: {host: shop.internal, port: {number: 80}}}]\n  " + wrong;
        String yaml =
                Yaml.httpGateway("*") + Yaml.service("shop.internal", 80) + Yaml.virtualService("shop.example", route);
        long line = yaml.substring(0, yaml.indexOf(wrong)).lines().count();

        assertThatThrownBy(() -> TestGateway.serving(yaml).close())
                .hasMessageContaining("config.yaml:" + line + ":")
                .hasMessageContaining("error SAL2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"čĊ.test x", "a b", "u@h", "h/p", "h:x", "h:080", "h~", "  "})
    void aRedirectsAuthorityIsOne(String authority) {
        String route = "- redirect: {authority: '" + authority + "'}";

        assertThatThrownBy(() -> TestGateway.serving(Yaml.httpGateway("*") + Yaml.virtualService("shop.example", route))
                        .close())
                .hasMessageContaining("SAL2124");
    }

    @ParameterizedTest
    @ValueSource(strings = {"h", "h.test:1", "H_x.test", "1.2.3.4:65535", "[::1]", "[2001:db8::1]:80", " h.test\t"})
    void whatIsAnAuthorityIsTaken(String authority) throws Exception {
        String route = "- redirect: {authority: \"" + authority.replace("\t", "\\t") + "\"}";
        try (Target target = Target.start(RawUpstream.answering(Target.OK), "HTTP", route, builder -> builder)) {
            assertThat(get(target, "/", false)).contains("\nlocation: http://" + authority.strip() + "/\n");
        }
    }

    @Test
    void aBlankPathIsSaidToBeEmpty() {
        try (Target target = Target.start(RawUpstream.answering(Target.OK), "HTTP", ROUTES, builder -> builder)) {
            assertThat(target.gateway.read().problems())
                    .filteredOn(problem -> problem.toString().contains("SAL2125"))
                    .extracting(problem -> problem.field())
                    .containsExactly(
                            "spec.http[1].rewrite.uri",
                            "spec.http[2].rewrite.uriRegexRewrite.rewrite",
                            "spec.http[7].redirect.uri");
        }
    }
}
