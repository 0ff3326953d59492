package io.sallyport.e2e;

import static io.sallyport.e2e.RetryFixture.OK;
import static io.sallyport.e2e.RetryFixture.failing;
import static io.sallyport.e2e.RetryFixture.gateway;
import static io.sallyport.e2e.RetryFixture.post;
import static io.sallyport.e2e.RetryFixture.requests;
import static io.sallyport.e2e.RetryFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Bodies that are sent again, as long as they were kept.
class RetryBodyTest {
    @ParameterizedTest
    @ValueSource(strings = {"5xx", "gateway-error", "reset"})
    void aResetIsRetriedWithTheBodyThatWasSent(String retryOn) throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readRequest();
                    if (requests.incrementAndGet() == 1) {
                        connection.reset();
                    } else {
                        connection.write(OK);
                    }
                });
                TestGateway gateway = gateway("retries: {attempts: 1, retryOn: " + retryOn + "}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), post("the body"))).startsWith("HTTP/1.1 200 ");
            assertThat(upstream.connections()).hasSize(2).allSatisfy(connection -> assertThat(connection.received())
                    .contains("content-length: 8\r\n")
                    .endsWith("\r\n\r\nthe body"));
        }
    }

    @Test
    void aChunkedBodyIsSentAgainWithItsTrailers() throws Exception {
        try (RawUpstream upstream = failing(2, status(503));
                TestGateway gateway = gateway("retries: {attempts: 2, retryOn: 5xx}", upstream.port());
                RawClient client = new RawClient(gateway.port(80))) {
            client.send("POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n"
                    + "Trailer: x-sum\r\n\r\n4\r\nwiki\r\n");
            await().until(() -> upstream.received().contains("wiki"));
            client.send("5\r\npedia\r\n0\r\nx-sum: 42\r\n\r\n");

            assertThat(client.readResponse()).startsWith("HTTP/1.1 200 ");
            assertThat(upstream.received().split("x-sum: 42\r\n\r\n"))
                    .hasSize(3)
                    .allSatisfy(request -> assertThat(request.replaceAll("\r\n[0-9a-f]+\r\n", ""))
                            .contains("wikipedia"));
        }
    }

    @Test
    void aBodyLongerThanTheBoundIsNotSentAgain() throws Exception {
        String body = "x".repeat(70_000);
        try (RawUpstream upstream = failing(1, status(503));
                TestGateway gateway = gateway("retries: {attempts: 2, retryOn: 5xx}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), post(body))).startsWith("HTTP/1.1 503 ");
            assertThat(RawClient.exchange(gateway.port(80), post(body.substring(10_000))))
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void aChunkedBodyThatOutgrowsTheBoundIsNotSentAgain() throws Exception {
        try (RawUpstream upstream = failing(1, status(503));
                TestGateway gateway = gateway("retries: {attempts: 2, retryOn: 5xx}", upstream.port())) {
            String chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
            assertThat(RawClient.exchange(
                            gateway.port(80),
                            "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n"
                                    + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(17) + "0\r\n\r\n"))
                    .startsWith("HTTP/1.1 503 ");
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void aPostThatWasResetIsNotSentAgainByDefault() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readRequest();
                    connection.reset();
                });
                TestGateway gateway = gateway("retries: {attempts: 5}", upstream.port())) {
            assertThat(RawClient.exchange(gateway.port(80), post(""))).startsWith("HTTP/1.1 503 ");
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }
}
