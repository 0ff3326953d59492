package io.sallyport.e2e.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/// Plain requests to the mesh listener, in the forms that clients write to a proxy and that a redirect brings.
class ForwardProxyTest {
    private static TestGateway gateway(String yaml) {
        return TestGateway.builder().mesh(EgressMode.REGISTRY_ONLY).start(yaml);
    }

    private static String ask(TestGateway gateway, String target, String host) throws IOException {
        return RawClient.exchange(
                gateway.port(MESH_PORT),
                "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    }

    @Test
    void aListedHostIsReachedByItsUrl() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("api.example.com", 80, "HTTP", api.port()))) {
            assertThat(ask(gateway, "http://api.example.com/v1?q=1", "api.example.com"))
                    .startsWith("HTTP/1.1 200 ")
                    .endsWith("hello");
            assertThat(api.received())
                    .startsWith("GET /v1?q=1 HTTP/1.1\r\n")
                    .contains("host: api.example.com\r\n")
                    .doesNotContain("x-forwarded-for");
            assertThat(gateway.firstFacts().egress.permit()).isEqualTo("ServiceEntry default/api.example.com-80");
        }
    }

    @Test
    void aClientThatWasRedirectedHereIsServedByItsHost() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("api.example.com", 8080, "HTTP", api.port()))) {
            assertThat(ask(gateway, "/v1", "API.example.com.:8080")).startsWith("HTTP/1.1 200 ");
            assertThat(ask(gateway, "/v1", "api.example.com")).startsWith("HTTP/1.1 403 ");
        }
    }

    @Test
    void whatIsNotListedIsDeniedByName() throws Exception {
        try (TestGateway gateway = gateway(Listed.host("api.example.com", 80, "HTTP", 1))) {
            assertThat(ask(gateway, "http://evil.example.com/", "evil.example.com"))
                    .startsWith("HTTP/1.1 403 ")
                    .contains("evil.example.com:80")
                    .contains("127.0.0.1");
            assertThat(gateway.firstFacts().details).isEqualTo("egress_host_not_listed");
            assertThat(gateway.firstFacts().flag).hasToString("RBAC");
        }
    }

    @Test
    void javasHttpClientReachesAListedHostAndNoOther() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello");
                TestGateway gateway = gateway(Listed.host("api.example.com", 80, "HTTP", api.port()));
                HttpClient client = HttpClient.newBuilder()
                        .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", gateway.port(MESH_PORT))))
                        .build()) {
            assertThat(get(client, "http://api.example.com/").body()).isEqualTo("hello");
            assertThat(get(client, "http://other.example.com/").statusCode()).isEqualTo(403);
        }
    }

    private static HttpResponse<String> get(HttpClient client, String url) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
