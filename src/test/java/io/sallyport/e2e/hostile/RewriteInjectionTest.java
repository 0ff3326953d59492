package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawUpstream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Paths that mean no harm until a route has rewritten them.
@ExtendWith(LogWatch.class)
class RewriteInjectionTest {
    private static final String ROUTES = """
            - match: [{uri: {prefix: /static}}]
              rewrite: {uri: /files/}
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /api/}}]
              rewrite: {uri: /, authority: inner.example}
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /user/}}]
              rewrite: {uriRegexRewrite: {match: "^/user/([^/]+)(.*)$", rewrite: "/by-id/\\\\1\\\\2"}}
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /join/}}]
              rewrite: {uriRegexRewrite: {match: "^/join/([^-]*)-(.*)$", rewrite: "/%2e\\\\1\\\\2"}}
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /away/}}]
              redirect: {prefixRewrite: /}
            """;
    private static Target target;

    @BeforeAll
    static void start() {
        target = Target.start(RawUpstream.answering(Target.OK), "HTTP", ROUTES, builder -> builder);
    }

    @AfterAll
    static void stop() {
        target.close();
    }

    private static String get(String path) throws Exception {
        return target.exchange("GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "/static/a, /files//a",
        "/api/a%0d%0aHost:%20evil.example%0d%0a, /a%0D%0AHost:%20evil.example%0D%0A",
        "/api/a%20HTTP/1.1?x=%0a, /a%20HTTP/1.1?x=%0a",
        "/api/a%3fb%23c, /a%3Fb%23c",
        "/api/@evil.example/, /@evil.example/",
        "/api/http://evil.example/, /http:/evil.example/",
        "/user/7%0a/x, /by-id/7%0A/x",
        "/user/%5c1, /by-id/%5C1",
        "/user/..%5c1, ",
        "/join/-, ",
        "/join/.-, ",
        "/join/x-y, /%2exy",
        "/user/%252e%252e/x, /by-id/%252e%252e/x",
    })
    void whatIsSentIsOneLineAndOnePath(String path, String sent) throws Exception {
        String response = get(path);
        if (sent == null) {
            assertThat(response).startsWith("HTTP/1.1 400 ");
        } else {
            assertThat(response).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(target.upstream.received()).contains("GET " + sent + " HTTP/1.1\r\nhost: ");
        }
        assertThat(target.upstream.received()).doesNotContainIgnoringCase("\nHost: evil.example\r");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/static../secret",
                "/static..",
                "/static.",
                "/static./secret",
                "/static..;x/secret",
                "/static%2e%2e/secret",
                "/static.%2E;a=b/secret",
                "/join/-/secret",
                "/join/.-/secret",
                "/join/%2e-;x/secret",
                "/join/-%2fsecret"
            })
    void aRewriteMakesNoDotSegment(String path) throws Exception {
        assertThat(get(path)).startsWith("HTTP/1.1 400 ");
        assertThat(target.upstream.received()).doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/away//evil.example/",
                "/away/%2f/evil.example",
                "/away/%5cevil.example",
                "/away/evil.example%0d%0aX:y"
            })
    void aRedirectStaysOnItsHost(String path) throws Exception {
        String response = get(path);
        assertThat(response).matches("(?s)HTTP/1.1 (301|400) .*").doesNotContain("\r\nX:y");
        if (response.startsWith("HTTP/1.1 301")) {
            assertThat(response).contains("location: http://shop.example/");
        }
    }
}
