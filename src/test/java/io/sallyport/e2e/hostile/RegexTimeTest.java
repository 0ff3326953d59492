package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Regular expressions of the configuration that take long for what a client sends: no event loop stands still.
class RegexTimeTest {
    private static final String NESTED = "(a{1,180}){1,180}";
    private static final String LONG = "a".repeat(8_000);
    private static final Duration MUCH_LESS_THAN_WITHOUT_A_LIMIT = Duration.ofSeconds(3);

    private static String configuration(String place, int port) {
        String route = ", route: [{destination: {host: shop.internal}}]";
        String http =
                switch (place) {
                    case "path" -> "- {match: [{uri: {regex: '/" + NESTED + "'}}]" + route + "}\n";
                    case "field" -> "- {match: [{headers: {x-a: {regex: '" + NESTED + "'}}}]" + route + "}\n";
                    case "query" -> "- {match: [{queryParams: {q: {regex: '" + NESTED + "'}}}]" + route + "}\n";
                    default -> "- {rewrite: {uriRegexRewrite: {match: '" + NESTED + "b', rewrite: x}}" + route + "}\n";
                };
        return Yaml.httpGateway("*") + Yaml.service("shop.internal", port) + Yaml.virtualService("shop.example", http);
    }

    private static String status(int version, int port, String path, String field) throws IOException {
        if (version == 2) {
            try (RawHttp2Client client = new RawHttp2Client(port)) {
                Http2Headers head = client.get("http", "shop.example", path, "x-a", field);
                return head.status().toString();
            }
        }
        return RawClient.exchange(
                        port,
                        "GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nx-a: " + field
                                + "\r\nConnection: close\r\n\r\n")
                .split(" ", 3)[1];
    }

    @ParameterizedTest
    @CsvSource({"path, 1", "path, 2", "field, 1", "field, 2", "query, 1", "query, 2", "rewrite, 1", "rewrite, 2"})
    void aRequestThatTakesTooLongToMatchIsRefused(String place, int version) throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(configuration(place, upstream.port()))) {
            String path =
                    switch (place) {
                        case "query" -> "/?q=" + LONG + "!";
                        case "field" -> "/";
                        default -> "/" + LONG + "!";
                    };
            long start = System.nanoTime();
            assertThat(status(version, gateway.port(80), path, place.equals("field") ? LONG + "!" : "a"))
                    .isEqualTo("400");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(MUCH_LESS_THAN_WITHOUT_A_LIMIT);
            assertThat(status(version, gateway.port(80), "/aaa?q=aaa", "aaa")).isEqualTo("200");
        }
    }

    /// Each of them by itself takes a few milliseconds.
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void oneOfManyRoutesThatTakeTooLongTogetherIsRefused(int version) throws Exception {
        StringBuilder routes = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            routes.append("- {match: [{uri: {regex: '/.*(a|b).*(a|b).*(a|b).*r" + i
                    + "'}}], route: [{destination: {host: shop.internal}}]}\n");
        }
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", upstream.port())
                        + Yaml.virtualService("shop.example", routes.toString()))) {
            long start = System.nanoTime();
            assertThat(status(version, gateway.port(80), "/" + LONG, "a")).isEqualTo("400");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(MUCH_LESS_THAN_WITHOUT_A_LIMIT);
            assertThat(status(version, gateway.port(80), "/aaar999", "a")).isEqualTo("200");
        }
    }
}
