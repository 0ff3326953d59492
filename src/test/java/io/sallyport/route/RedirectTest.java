package io.sallyport.route;

import static io.sallyport.route.Redirect.DerivePort.FROM_PROTOCOL_DEFAULT;
import static io.sallyport.route.Redirect.DerivePort.FROM_REQUEST_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.sallyport.net.TestRequest;
import io.sallyport.route.StringMatcher.Exact;
import io.sallyport.route.StringMatcher.Prefix;
import io.sallyport.route.StringMatcher.Regex;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RedirectTest {
    private static final TestRequest HTTP = TestRequest.get("/api/x?q=1");
    private static final TestRequest HTTPS = HTTP.withScheme("https").withPort(443);

    private static Redirect to(String scheme, String authority, int port, Redirect.DerivePort derive) {
        return new Redirect(null, null, authority, scheme, port, derive, 301, HeaderOps.NONE);
    }

    static Stream<Arguments> addresses() {
        TestRequest odd = HTTP.withHost("foo.com:8080").withPort(8080);
        return Stream.of(
                arguments(Redirect.TO_HTTPS, HTTP, "https://foo.com/api/x?q=1"),
                arguments(Redirect.TO_HTTPS, HTTP.withHost("foo.com:80"), "https://foo.com/api/x?q=1"),
                arguments(Redirect.TO_HTTPS, odd, "https://foo.com:8080/api/x?q=1"),
                arguments(Redirect.TO_HTTPS, HTTP.withHost("[::1]:80"), "https://[::1]/api/x?q=1"),
                arguments(Redirect.TO_HTTPS, HTTP.withHost("[::1]"), "https://[::1]/api/x?q=1"),
                arguments(to("http", null, 0, null), HTTPS.withHost("foo.com:443"), "http://foo.com/api/x?q=1"),
                arguments(to("http", null, 0, null), HTTPS.withHost("foo.com:80"), "http://foo.com:80/api/x?q=1"),
                arguments(to(null, "bar.com", 0, null), odd, "http://bar.com/api/x?q=1"),
                arguments(to(null, "bar.com", 0, null), HTTPS, "https://bar.com/api/x?q=1"),
                arguments(to(null, "bar.com", 8443, null), HTTPS, "https://bar.com:8443/api/x?q=1"),
                arguments(to(null, null, 8443, null), HTTPS, "https://foo.com:8443/api/x?q=1"),
                arguments(to(null, null, 8443, null), HTTPS.withHost("[::1]"), "https://[::1]:8443/api/x?q=1"),
                arguments(to(null, null, 8443, null), HTTPS.withHost("[::1]:443"), "https://[::1]:8443/api/x?q=1"),
                arguments(to(null, null, 0, null), odd, "http://foo.com:8080/api/x?q=1"),
                arguments(to(null, null, 80, null), odd, "http://foo.com/api/x?q=1"),
                arguments(to("https", null, 443, null), odd, "https://foo.com/api/x?q=1"),
                arguments(to("https", null, 80, null), odd, "https://foo.com:80/api/x?q=1"),
                arguments(to("https", null, 0, FROM_REQUEST_PORT), odd, "https://foo.com:8080/api/x?q=1"),
                arguments(to(null, "bar.com", 0, FROM_REQUEST_PORT), HTTP, "http://bar.com/api/x?q=1"),
                arguments(to(null, null, 0, FROM_REQUEST_PORT), HTTP, "http://foo.com/api/x?q=1"),
                arguments(to(null, null, 0, FROM_REQUEST_PORT), HTTPS, "https://foo.com/api/x?q=1"),
                arguments(to(null, null, 0, FROM_REQUEST_PORT), odd, "http://foo.com:8080/api/x?q=1"),
                arguments(to(null, null, 0, FROM_REQUEST_PORT), HTTPS.withHost("[::1]:1"), "https://[::1]/api/x?q=1"),
                arguments(to("http", null, 0, FROM_REQUEST_PORT), HTTPS, "http://foo.com:443/api/x?q=1"),
                arguments(to("https", "bar.com", 0, FROM_REQUEST_PORT), HTTP, "https://bar.com:80/api/x?q=1"),
                arguments(to("https", null, 0, FROM_PROTOCOL_DEFAULT), odd, "https://foo.com/api/x?q=1"));
    }

    @ParameterizedTest
    @MethodSource("addresses")
    void schemeAuthorityAndPort(Redirect redirect, TestRequest request, String location) {
        assertThat(redirect.location(request, RouteMatch.ANY)).isEqualTo(location);
    }

    static Stream<Arguments> paths() {
        return Stream.of(
                arguments("/new", null, new Prefix("/api"), HTTP, "http://foo.com/new?q=1"),
                arguments("/new?p=2", null, new Prefix("/api"), HTTP, "http://foo.com/new?p=2"),
                arguments("/new", null, new Prefix("/api"), TestRequest.get("/api"), "http://foo.com/new"),
                arguments(null, "/v2", new Prefix("/api"), HTTP, "http://foo.com/v2/x?q=1"),
                arguments(null, "/v2", new Exact("/api/x"), HTTP, "http://foo.com/v2?q=1"),
                arguments(null, "/v2", new Regex("/api/.*"), HTTP, "http://foo.com/v2?q=1"),
                arguments(null, "/v2/", null, HTTP, "http://foo.com/v2/api/x?q=1"),
                arguments(null, null, new Prefix("/api"), TestRequest.get("/api?"), "http://foo.com/api?"));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void pathAndQuery(String uri, String prefixRewrite, StringMatcher match, TestRequest request, String location) {
        Redirect redirect = new Redirect(uri, prefixRewrite, null, null, 0, null, 302, HeaderOps.NONE);

        assertThat(redirect.location(request, RouteMatch.builder().uri(match).build()))
                .isEqualTo(location);
    }
}
