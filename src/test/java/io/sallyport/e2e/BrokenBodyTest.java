package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import org.junit.jupiter.api.Test;

/// Requests whose body goes wrong after they were routed.
class BrokenBodyTest {
    private static String forwarding(RawUpstream upstream) {
        return Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstream.port())
                + Yaml.forwardAll("shop.example", "shop.internal");
    }

    @Test
    void theAccessLogSaysWhatTheClientWasAnswered() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(forwarding(upstream))) {
            String response = RawClient.exchange(
                    gateway.port(80),
                    "POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\nnonsense\r\n");

            assertThat(response).startsWith("HTTP/1.1 400");
            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.status).isEqualTo(400);
            assertThat(facts.flag).isEqualTo(ResponseFlag.DPE);
            assertThat(gateway.facts()).hasSize(1);
            await().until(() -> gateway.usage().stream().allMatch(PoolUsage::isQuiet));
        }
    }

    @Test
    void aRequestThatNoClusterTakesLeavesTheConnectionInOrder() throws Exception {
        String nowhere = Yaml.httpGateway("*") + Yaml.virtualService("shop.example", """
                - match: [{uri: {exact: /ok}}]
                  directResponse: {status: 200}
                - route: [{destination: {host: absent.default.svc.cluster.local, port: {number: 80}}}]
                """);
        try (TestGateway gateway = TestGateway.serving(nowhere);
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 9\r\n\r\nsome");
            assertThat(client.readResponse()).startsWith("HTTP/1.1 503");
            client.send(" body").send("GET /ok HTTP/1.1\r\nHost: shop.example\r\n\r\n");

            assertThat(client.readResponse()).startsWith("HTTP/1.1 200");
        }
    }
}
