package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One canonical path: what routes see is what the upstream gets, and what has no canonical form is refused.
class PathTest {
    private static RawUpstream upstream;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.ok("ok");
        gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstream.port())
                + Yaml.virtualService("shop.example", """
                        - match: [{uri: {exact: /admin}}, {uri: {prefix: /admin/}}]
                          directResponse: {status: 403, body: {string: closed}}
                        - match: [{uri: {prefix: /}}]
                          route: [{destination: {host: shop.internal}}]
                        """));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    private static String get(String target) throws IOException {
        return RawClient.exchange(
                gateway.port(80), "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "/a/../b, /b",
        "/a/%2e%2e/b, /b",
        "/a/%2E./b, /b",
        "/./a, /a",
        "//a///b, /a/b",
        "/%61bc, /abc",
        "/Case, /Case",
        "/a%252fb, /a%252fb",
        "/a?x=/../y, /a?x=/../y",
        "/administrator, /administrator",
        "/a/..//b/., /b/",
    })
    void whatIsForwardedIsCanonical(String sent, String forwarded) throws Exception {
        assertThat(get(sent)).startsWith("HTTP/1.1 200 ");
        assertThat(upstream.connections().getLast().received()).contains("GET " + forwarded + " HTTP/1.1\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x/../admin",
                "/%61dmin",
                "//admin",
                "/./admin/x",
                "/x/%2e%2e/admin",
                "/admin//y",
                "/x/..//admin/z"
            })
    void noSpellingGetsPastARoute(String target) throws Exception {
        assertThat(get(target)).startsWith("HTTP/1.1 403 ").endsWith("closed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/..%2fb",
                "/a%2F..",
                "/a%5c..%5cb",
                "/a\\b",
                "/a%00b",
                "/%zz",
                "/%",
                "/%4",
                "/%c0%af",
                "/%e0%80%af",
                "/a#b",
                "/../a",
                "/%ff"
            })
    void whatHasNoCanonicalFormIsRefused(String target) throws Exception {
        int before = upstream.connectionCount();

        assertThat(get(target)).startsWith("HTTP/1.1 400 ");
        assertThat(upstream.connectionCount()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHOP.EXAMPLE", "shop.example.", "Shop.Example.:80", "shop.example:8080"})
    void theHostIsCanonicalBeforeItIsMatched(String host) throws Exception {
        assertThat(RawClient.exchange(
                        gateway.port(80), "GET /x HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aParameterInThePathMatchesNoLooserRoute() throws Exception {
        assertThat(get("/admin;x=1"))
                .as("not /admin itself, so nothing but the catch-all")
                .startsWith("HTTP/1.1 200 ");
        assertThat(upstream.connections().getLast().received()).contains("GET /admin;x=1 HTTP/1.1\r\n");
    }
}
