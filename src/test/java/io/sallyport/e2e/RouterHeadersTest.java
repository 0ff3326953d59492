package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Envoy's router says to an endpoint: `x-envoy-original-path`, `x-envoy-original-host`,
/// `x-envoy-expected-rq-timeout-ms`.
class RouterHeadersTest {
    private static final String ROUTES = """
            - match: [{uri: {prefix: /prefix}}]
              rewrite: {uri: /new}
              timeout: 3s
              route: [{destination: {host: up.internal}}]
            - match: [{uri: {prefix: /regex}}]
              rewrite: {uriRegexRewrite: {match: "^/regex/(.*)$", rewrite: '/\\1'}}
              retries: {attempts: 1, perTryTimeout: 250ms}
              route: [{destination: {host: up.internal}}]
            - match: [{uri: {prefix: /short}}]
              timeout: 100s
              retries: {attempts: 1, perTryTimeout: 2s}
              route: [{destination: {host: up.internal}}]
            - match: [{uri: {prefix: /long}}]
              timeout: 1s
              retries: {attempts: 1, perTryTimeout: 2s}
              route: [{destination: {host: up.internal}}]
            - match: [{uri: {prefix: /silent}}]
              timeout: 1s
              headers: {request: {remove: [x-envoy-expected-rq-timeout-ms]}}
              route: [{destination: {host: up.internal}}]
            - match: [{uri: {prefix: /authority}}]
              rewrite: {authority: other.example}
              route: [{destination: {host: up.internal}}]
            - match: [{uri: {prefix: /header}}]
              headers: {request: {set: {Host: "third.example:81"}}}
              route: [{destination: {host: up.internal}}]
            - route: [{destination: {host: up.internal}}]
            """;

    private static final Pattern EXPECTED = Pattern.compile("x-envoy-expected-rq-timeout-ms: ([0-9]+)\r\n");

    private static TestGateway serving(RawUpstream upstream, String routes) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("up.internal", upstream.port())
                + Yaml.virtualService("shop.example", routes));
    }

    private static void get(TestGateway gateway, int version, String path, String... fields) throws Exception {
        if (version == 2) {
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
                client.get("http", "shop.example", path, fields);
            }
            return;
        }
        var request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n");
        for (int i = 0; i < fields.length; i += 2) {
            request.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
        }
        RawClient.exchange(gateway.port(80), request + "\r\n");
    }

    private static String field(String name, String received) {
        Matcher found = Pattern.compile("\r\n" + name + ": (.*)\r\n").matcher(received);
        return found.find() ? found.group(1) : null;
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "1, /prefix/a?q=1&r=%20, /new/a?q=1&r=%20, /prefix/a?q=1&r=%20, 3000",
                "2, /prefix/a?q=1&r=%20, /new/a?q=1&r=%20, /prefix/a?q=1&r=%20, 3000",
                "1, /regex/a?q=1, /a?q=1, /regex/a?q=1, 250",
                "1, /short, /short, -, 2000",
                "1, /long, /long, -, 1000",
                "1, /silent, /silent, -, -",
                "1, /authority, /authority, -, -",
                "1, /other, /other, -, -",
                "2, /other, /other, -, -",
            })
    void aRewriteAndATimeoutAreSaidToTheEndpoint(int version, String path, String sent, String original, String timeout)
            throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = serving(upstream, ROUTES)) {
            get(gateway, version, path, "x-envoy-original-path", "/forged", "x-envoy-expected-rq-timeout-ms", "77");

            assertThat(upstream.received())
                    .startsWith("GET " + sent + " HTTP/1.1\r\n")
                    .doesNotContain("forged");
            assertThat(field("x-envoy-original-path", upstream.received())).isEqualTo(original);
            assertThat(field("x-envoy-expected-rq-timeout-ms", upstream.received()))
                    .isEqualTo(timeout);
        }
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "1, /authority, other.example, shop.example",
                "2, /authority, other.example, shop.example",
                "1, /header, third.example:81, shop.example",
                "1, /prefix, shop.example, -",
                "2, /other, shop.example, -",
            })
    void aHostThatIsRewrittenIsSaidToTheEndpoint(int version, String path, String sent, String original)
            throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = serving(upstream, ROUTES)) {
            get(gateway, version, path, "x-envoy-original-host", "forged");

            assertThat(field("host", upstream.received())).isEqualTo(sent);
            assertThat(field("x-envoy-original-host", upstream.received())).isEqualTo(original);
        }
    }

    @Test
    void aCallerOfGrpcSaysHowLongItWaits() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = serving(upstream, ROUTES)) {
            get(gateway, 2, "/other", "content-type", "application/grpc", "te", "trailers", "grpc-timeout", "9S");
            assertThat(field("x-envoy-expected-rq-timeout-ms", upstream.received()))
                    .isEqualTo("9000");
        }
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = serving(upstream, ROUTES)) {
            get(gateway, 2, "/prefix", "content-type", "application/grpc", "te", "trailers", "grpc-timeout", "9S");
            assertThat(field("x-envoy-expected-rq-timeout-ms", upstream.received()))
                    .isEqualTo("3000");
        }
    }

    @Test
    void aRetryHasWhatIsLeftOfTheTime() throws Exception {
        try (RawUpstream upstream = RetryFixture.failing(1, RetryFixture.status(503));
                TestGateway gateway = serving(upstream, """
                        - timeout: 30s
                          retries: {attempts: 1, retryOn: 5xx, perTryTimeout: 30s}
                          rewrite: {uri: /new}
                          route: [{destination: {host: up.internal}}]
                        """)) {
            get(gateway, 1, "/a");

            Matcher expected = EXPECTED.matcher(upstream.received());
            assertThat(expected.find()).isTrue();
            assertThat(expected.group(1)).isEqualTo("30000");
            assertThat(expected.find()).isTrue();
            assertThat(Integer.parseInt(expected.group(1))).isLessThan(30_000).isPositive();
            assertThat(expected.find()).isFalse();
            assertThat(upstream.received().split("x-envoy-original-path: /a\r\n", -1))
                    .hasSize(3);
        }
    }
}
