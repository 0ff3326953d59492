package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.StreamError;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Responses that the gateway gives itself.
class LocalRepliesTest {
    private static final String ROUTES = """
            - match: [{uri: {prefix: /shop}}]
              route: [{destination: {host: shop.internal}}]
            - match: [{uri: {prefix: /old}}]
              redirect: {uri: /new, redirectCode: 308}
            - match: [{uri: {prefix: /teapot}}]
              directResponse: {status: 418, body: {string: short and stout}}
            """;

    @Test
    void aRequestWithoutARouteIsNotFound() {
        try (ProxyFixture proxy = new ProxyFixture(ROUTES)) {
            proxy.get("/elsewhere");

            assertThat(proxy.client.status()).isEqualTo(404);
            assertThat(proxy.client.header("content-type")).isEqualTo("text/plain");
            assertThat(proxy.client.body()).isEqualTo("route_not_found");
            assertThat(proxy.client.header("content-length")).isEqualTo("15");
            assertThat(proxy.ended().flags()).isEqualTo("NR");
            assertThat(proxy.ended().bytesSent).isEqualTo(15);
        }
    }

    @Test
    void headGetsTheHeadAlone() {
        try (ProxyFixture proxy = new ProxyFixture(ROUTES)) {
            proxy.begin("HEAD", "/elsewhere", true);

            assertThat(proxy.client.status()).isEqualTo(404);
            assertThat(proxy.client.header("content-length")).isEqualTo("15");
            assertThat(proxy.client.body()).isEmpty();
            assertThat(proxy.client.ended).isTrue();
            assertThat(proxy.ended().bytesSent).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"/elsewhere, 12, route_not_found", "/teapot, 2, short and stout"})
    void aGrpcClientGetsAGrpcStatus(String path, String status, String message) {
        try (ProxyFixture proxy = new ProxyFixture(ROUTES)) {
            proxy.begin(HttpVersion.HTTP_2, "POST", path, true, "content-type", "application/grpc");

            assertThat(proxy.client.status()).isEqualTo(200);
            assertThat(proxy.client.header("content-type")).isEqualTo("application/grpc");
            assertThat(proxy.client.header("grpc-status")).isEqualTo(status);
            assertThat(proxy.client.header("grpc-message")).isEqualTo(message);
            assertThat(proxy.client.body()).isEmpty();
            assertThat(proxy.ended().grpcStatus).hasToString(status);
        }
    }

    @Test
    void aRedirectSaysWhere() {
        try (ProxyFixture proxy = new ProxyFixture(ROUTES)) {
            proxy.get("/old");

            assertThat(proxy.client.status()).isEqualTo(308);
            assertThat(proxy.client.header("location")).isEqualTo("http://shop.example/new");
            assertThat(proxy.ended().details).isEqualTo("direct_response");
        }
    }

    @Test
    void aDirectResponseHasItsBody() {
        try (ProxyFixture proxy = new ProxyFixture(ROUTES)) {
            proxy.get("/teapot");

            assertThat(proxy.client.status()).isEqualTo(418);
            assertThat(proxy.client.body()).isEqualTo("short and stout");
            assertThat(proxy.endpoint.chosen).isEmpty();
        }
    }

    @Test
    void theFlagIsInTheHeaderThatIsConfigured() {
        ProxySettings settings = new ProxySettings(
                0,
                ProxySettings.DEFAULT.paths(),
                null,
                null,
                new AsciiString("x-flag"),
                ProxySettings.DEFAULT.tunnels(),
                0);
        try (ProxyFixture proxy = new ProxyFixture(ROUTES, "", settings)) {
            proxy.get("/elsewhere");

            assertThat(proxy.client.header("x-flag")).isEqualTo("NR");
        }
    }

    @Test
    void whatTheClientSendsAfterTheAnswerIsDropped() {
        try (ProxyFixture proxy = new ProxyFixture(ROUTES)) {
            proxy.begin("POST", "/elsewhere", false);
            proxy.data("more", true);

            assertThat(proxy.facts).hasSize(1);
            assertThat(proxy.client.body()).isEqualTo("route_not_found");
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP_2, 413", "HTTP_1_1, 0"})
    void aBodyThatIsTooLongIsAnsweredHereOverHttp2(HttpVersion version, int status) {
        try (ProxyFixture proxy = new ProxyFixture(ROUTES)) {
            proxy.begin(version, "POST", "/shop", false);
            proxy.cut(StreamError.BODY_TOO_LARGE, "body_too_large");

            assertThat(proxy.client.status()).isEqualTo(status);
            assertThat(proxy.ended().status).as("as HTTP/1 answers by itself").isEqualTo(413);
            assertThat(proxy.ended().flags()).isEqualTo("DPE");
        }
    }

    @Test
    void aConnectionThatCannotBeMadeIsUnavailable() {
        try (ProxyFixture proxy = new ProxyFixture(ROUTES)) {
            proxy.endpoint.connecting = FakeEndpoint.Connecting.IS_REFUSED;
            proxy.get("/shop");
            proxy.pass(Duration.ofSeconds(1));

            assertThat(proxy.client.status()).isEqualTo(503);
            assertThat(proxy.client.body()).isEqualTo("connection_refused");
            assertThat(proxy.client.header("x-envoy-attempt-count")).isEqualTo("null");
            assertThat(proxy.ended().attempts).isEqualTo(proxy.endpoint.chosen.size());
        }
    }
}
