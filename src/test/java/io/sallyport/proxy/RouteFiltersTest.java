package io.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HttpVersion;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.MirrorOutcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Faults, CORS, header operations and mirrors of a route.
class RouteFiltersTest {
    private static ProxyFixture filtering(String filters) {
        return new ProxyFixture(ProxyFixture.TO_SHOP + filters.indent(2));
    }

    @Test
    void anAbortAnswersWithoutAnEndpoint() {
        try (ProxyFixture proxy = filtering("fault: {abort: {httpStatus: 418, percentage: {value: 100}}}")) {
            proxy.get("/");

            assertThat(proxy.client.status()).isEqualTo(418);
            assertThat(proxy.client.body()).isEqualTo("fault filter abort");
            assertThat(proxy.endpoint.chosen).isEmpty();
            assertThat(proxy.ended().flags()).isEqualTo("FI");
            assertThat(proxy.ended().details).isEqualTo("fault_filter_abort");
        }
    }

    @Test
    void aGrpcAbortAnswersWithItsStatus() {
        try (ProxyFixture proxy =
                filtering("fault: {abort: {grpcStatus: RESOURCE_EXHAUSTED, percentage: {value: 100}}}")) {
            proxy.begin(HttpVersion.HTTP_2, "POST", "/", true, "content-type", "application/grpc");

            assertThat(proxy.client.status()).isEqualTo(200);
            assertThat(proxy.client.header("grpc-status")).isEqualTo("8");
        }
    }

    @Test
    void aDelayHoldsTheRequestBack() {
        try (ProxyFixture proxy = filtering("fault: {delay: {fixedDelay: 2s, percentage: {value: 100}}}")) {
            proxy.begin("POST", "/", false);
            proxy.data("body", true);
            proxy.pass(Duration.ofMillis(1999));
            assertThat(proxy.endpoint.sent).isEmpty();
            proxy.pass(Duration.ofMillis(1));

            assertThat(proxy.sent().body()).isEqualTo("body");
            assertThat(proxy.sent().ended).isTrue();
            proxy.sent().answer(200);
            assertThat(proxy.ended().flags()).isEqualTo("DI");
        }
    }

    @Test
    void aDelayCountsTowardsTheTimeout() {
        try (ProxyFixture proxy =
                filtering("fault: {delay: {fixedDelay: 2s, percentage: {value: 100}}}\ntimeout: 1s")) {
            proxy.get("/");
            proxy.pass(Duration.ofSeconds(1));
            assertThat(proxy.client.status()).isEqualTo(504);
            proxy.pass(Duration.ofSeconds(1));

            assertThat(proxy.endpoint.sent).isEmpty();
            assertThat(proxy.ended().flags()).isEqualTo("DI,UT");
        }
    }

    @Test
    void nobodyIsTriedForAClientThatLeavesInTheDelay() {
        try (ProxyFixture proxy = filtering("fault: {delay: {fixedDelay: 2s, percentage: {value: 100}}}")) {
            proxy.get("/");
            proxy.goAway();
            proxy.pass(Duration.ofSeconds(2));

            assertThat(proxy.endpoint.chosen).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"https://shop.example, https://shop.example", "https://evil.example, null"})
    void aPreflightIsAnsweredHere(String origin, String allowed) {
        try (ProxyFixture proxy = filtering("""
                corsPolicy:
                  allowOrigins: [{exact: "https://shop.example"}]
                  allowMethods: [PUT]
                  unmatchedPreflights: IGNORE
                """)) {
            proxy.begin("OPTIONS", "/", true, "origin", origin, "access-control-request-method", "PUT");

            assertThat(proxy.client.status()).isEqualTo(200);
            assertThat(proxy.client.header("access-control-allow-origin")).isEqualTo(allowed);
            assertThat(proxy.endpoint.chosen).isEmpty();
            assertThat(proxy.ended().details).isEqualTo("cors_response");
        }
    }

    @Test
    void aResponseToAnAllowedOriginSaysSoAndVaries() {
        try (ProxyFixture proxy = filtering("corsPolicy: {allowOrigins: [{exact: 'https://shop.example'}]}")) {
            proxy.get("/", "origin", "https://shop.example");
            proxy.sent().answer(200, "access-control-allow-credentials", "true");

            assertThat(proxy.client.header("access-control-allow-origin")).isEqualTo("https://shop.example");
            assertThat(proxy.client.header("access-control-allow-credentials")).isEqualTo("null");
            assertThat(proxy.client.header("vary")).isEqualTo("origin");
        }
    }

    @Test
    void theRoutesHeaderOperationsChangeRequestAndResponse() {
        try (ProxyFixture proxy = filtering("""
                headers:
                  request: {set: {x-env: test}, remove: [x-debug]}
                  response: {add: {x-cell: a}, remove: [x-powered-by]}
                """)) {
            proxy.get("/", "x-debug", "1", "x-env", "claimed");
            proxy.sent().answer(200, "x-powered-by", "cgi");

            assertThat(proxy.sent().header("x-env")).isEqualTo("test");
            assertThat(proxy.sent().header("x-debug")).isEqualTo("null");
            assertThat(proxy.client.header("x-cell")).isEqualTo("a");
            assertThat(proxy.client.header("x-powered-by")).isEqualTo("null");
        }
    }

    @Test
    void aRewriteChangesPathAndAuthority() {
        try (ProxyFixture proxy = filtering("rewrite: {uri: /v2, authority: inner.example}")) {
            proxy.get("/?page=2");

            assertThat(proxy.sent().path).isEqualTo("/v2?page=2");
            assertThat(proxy.sent().authority).isEqualTo("inner.example");
        }
    }

    @Test
    void aMirrorGetsACopyWhoseAnswerNobodySees() {
        try (ProxyFixture proxy = filtering("mirror: {host: shop.internal}")) {
            proxy.begin("POST", "/", false);
            proxy.data("order", true);
            FakeEndpoint.Sent request = proxy.endpoint.sent.getFirst();
            FakeEndpoint.Sent copy = proxy.endpoint.sent.getLast();
            copy.answer(500);
            request.answer(200);

            assertThat(copy).isNotSameAs(request);
            assertThat(copy.authority).isEqualTo("shop.example-shadow");
            assertThat(copy.body()).isEqualTo("order");
            assertThat(copy.ended).isTrue();
            assertThat(proxy.client.status()).isEqualTo(200);
            assertThat(proxy.mirrored).containsExactly(MirrorOutcome.ANSWERED);
        }
    }

    @Test
    void aMirrorThatDoesNotKeepUpIsCutAndTheRequestIsNot() {
        try (ProxyFixture proxy = filtering("mirror: {host: shop.internal}")) {
            proxy.begin("POST", "/", false);
            FakeEndpoint.Sent copy = proxy.last();
            copy.writable = false;
            for (int i = 0; i < 5; i++) {
                proxy.data("x".repeat(64 * 1024), i == 4);
            }

            assertThat(copy.reset).isEqualTo(StreamError.CANCEL);
            assertThat(proxy.mirrored).containsExactly(MirrorOutcome.CUT);
            assertThat(proxy.endpoint.sent.getFirst().body()).hasSize(5 * 64 * 1024);
        }
    }
}
