package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForwardingTest {
    @Test
    void aRequestIsForwardedAndItsResponseComesBack() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", upstream.port())
                        + Yaml.forwardAll("shop.example", "shop.internal"));
                RawClient client = new RawClient(gateway.port(80))) {
            String response = client.send("GET /cart?id=1 HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                    .readResponse();

            assertThat(response).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\nhello");
            assertThat(upstream.received())
                    .startsWith("GET /cart?id=1 HTTP/1.1\r\nhost: shop.example\r\n")
                    .contains("x-forwarded-for: 127.0.0.1\r\n", "x-forwarded-proto: http\r\n", "x-request-id: ");
        }
    }

    @Test
    void aConnectionIsKeptOnBothSides() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", upstream.port())
                        + Yaml.forwardAll("shop.example", "shop.internal"));
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.send("GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                                .readResponse())
                        .endsWith("hello");
            }
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    @Test
    void anUnknownHostIsNotFound() throws Exception {
        try (TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", 1)
                + Yaml.forwardAll("shop.example", "shop.internal"))) {
            String response = RawClient.exchange(
                    gateway.port(80), "GET / HTTP/1.1\r\nHost: x.example\r\nConnection: close\r\n\r\n");

            assertThat(response).startsWith("HTTP/1.1 404 Not Found\r\n");
            assertThat(List.of(gateway.firstFacts())).singleElement().satisfies(facts -> {
                assertThat(facts.flag).hasToString("NR");
                assertThat(facts.details).isEqualTo("virtual_host_not_found");
            });
        }
    }
}
