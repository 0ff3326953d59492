package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A destination with a wildcard: requests say which host is meant, and none outside of it is reached.
class WildcardDestinationTest {
    private final TestDns dns = new TestDns()
            .addresses("one.dyn.example", 600, "127.0.0.1")
            .addresses("dyn.example", 600, "127.0.0.1")
            .addresses("evil.test", 600, "127.0.0.1");

    @AfterEach
    void stop() {
        dns.close();
    }

    private static String status(int version, TestGateway gateway, String host) throws IOException {
        if (version == 2) {
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
                return client.get("http", host, "/").status().toString();
            }
        }
        return RawClient.exchange(gateway.port(80), "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                .split(" ", 3)[1];
    }

    @ParameterizedTest
    @CsvSource({
        "one.dyn.example, 200",
        "two.dyn.example, 503",
        "dyn.example, 403",
        "evil.test, 403",
        "127.0.0.1, 403",
        "one.dyn.example.evil.test, 403",
        "xdyn.example, 403"
    })
    void aRequestGetsToTheHostWithinTheWildcardThatItNames(String host, String status) throws Exception {
        for (String resolution : new String[] {"NONE", "DYNAMIC_DNS"}) {
            for (int version = 1; version <= 2; version++) {
                try (RawUpstream upstream = RawUpstream.ok("hello");
                        TestGateway gateway = TestGateway.builder()
                                .dns(dns)
                                .start(Yaml.httpGateway("*")
                                        + Yaml.virtualService(
                                                "*", "- route: [{destination: {host: '*.dyn.example'}}]\n")
                                        + entry(resolution, upstream.port()))) {
                    assertThat(status(version, gateway, host)).isEqualTo(status);
                    assertThat(upstream.connectionCount()).isEqualTo(status.equals("200") ? 1 : 0);
                }
            }
        }
    }

    private static String entry(String resolution, int port) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: dyn}
                spec:
                  hosts: ["*.dyn.example"]
                  location: MESH_INTERNAL
                  resolution: %s
                  ports: [{number: %d, name: http, protocol: HTTP}]
                """.formatted(resolution, port);
    }
}
