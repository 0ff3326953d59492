package io.sallyport.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import org.junit.jupiter.api.Test;

/// An endpoint that is gone without a word: over HTTP/2 the gateway asks (`http2KeepAlive`).
class SilentUpstreamTest {
    private static TestGateway gateway(RawUpstream upstream, String http) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", "HTTP2", upstream.port())
                + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: shop}
                spec:
                  host: shop.internal
                  trafficPolicy: {connectionPool: {http: %s}}
                ---
                """.formatted(http)
                + Yaml.virtualService(
                        "shop.example", "- route: [{destination: {host: shop.internal}}]\n  retries: {attempts: 0}"));
    }

    @Test
    void aConnectionWhoseEndpointDoesNotAnswerPingsIsGivenUp() throws Exception {
        RawUpstream silent = RawUpstream.start(connection -> {
            Http2Script script = new Http2Script(connection);
            script.awaitHeaders();
            script.readToEnd();
        });
        try (silent;
                TestGateway gateway = gateway(silent, "{http2KeepAlive: {interval: 100ms, timeout: 100ms}}");
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n");

            assertThat(client.readResponse()).startsWith("HTTP/1.1 503 ");
            assertThat(gateway.firstFacts().flags()).isEqualTo("UC");
            await().until(() -> silent.openConnections() == 0);
        }
    }
}
