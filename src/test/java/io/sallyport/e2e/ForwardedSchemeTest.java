package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Headers;
import io.sallyport.proxy.ProxySettings;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Behind a balancer that ends TLS, a request's scheme is the one that the balancer says; from a stranger it is the
/// connection's.
class ForwardedSchemeTest {
    private static final String GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 80, name: http, protocol: HTTP2}
                hosts: ["redirected.test"]
                tls: {httpsRedirect: true}
              - port: {number: 80, name: http-plain, protocol: HTTP2}
                hosts: ["plain.test"]
            ---
            """;

    private static final String ROUTES = """
            - match: [{uri: {exact: /same}}]
              redirect: {uri: /to}
            - match: [{uri: {exact: /protocol-port}}]
              redirect: {uri: /to, derivePort: FROM_PROTOCOL_DEFAULT}
            - match: [{uri: {exact: /request-port}}]
              redirect: {uri: /to, derivePort: FROM_REQUEST_PORT}
            - match: [{uri: {exact: /http}}]
              redirect: {uri: /to, scheme: http}
            - match: [{uri: {exact: /https}}]
              redirect: {uri: /to, scheme: https}
            - match: [{uri: {exact: /scheme}, scheme: {exact: https}}]
              directResponse: {status: 299}
            - match: [{uri: {exact: /scheme}, scheme: {exact: http}}]
              directResponse: {status: 298}
            """;

    private static final String CLIENT = """
            - route: [{destination: {host: up.internal, port: {number: 80}}}]
              headers:
                request:
                  set:
                    x-client: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
                    x-client-port: "%DOWNSTREAM_REMOTE_PORT%"
                    x-scheme: "%REQ(:SCHEME)%"
                    x-peer: "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"
            """;

    private static TestGateway start(int hops, RawUpstream upstream) {
        ProxySettings defaults = ProxySettings.DEFAULT;
        return TestGateway.builder()
                .proxy(new ProxySettings(
                        hops,
                        defaults.paths(),
                        defaults.via(),
                        defaults.serverHeader(),
                        defaults.flagHeader(),
                        defaults.tunnels(),
                        defaults.retryBodyBytes()))
                .start(GATEWAY
                        + Yaml.service("up.internal", upstream.port())
                        + Yaml.forwardAll("redirected.test", "up.internal")
                        + Yaml.virtualService("plain.test", ROUTES + CLIENT));
    }

    private record Answer(int status, String location) {}

    /// The same by both versions, as one.
    ///
    /// @param protos values of x-forwarded-proto, a field each
    private static Answer ask(TestGateway gateway, String host, String path, List<String> protos) throws IOException {
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
        List<String> fields = new ArrayList<>();
        for (String proto : protos) {
            request.append("X-Forwarded-Proto: ").append(proto).append("\r\n");
            fields.addAll(List.of("x-forwarded-proto", proto));
        }
        String one = RawClient.exchange(gateway.port(80), request + "Connection: close\r\n\r\n");
        int at = one.indexOf("\r\nlocation: ");
        String location = at < 0 ? null : one.substring(at + 12, one.indexOf("\r\n", at + 2));
        Answer first = new Answer(Integer.parseInt(one.split(" ", 3)[1]), location);
        try (RawHttp2Client http = new RawHttp2Client(gateway.port(80))) {
            Http2Headers two = http.get("http", host, path, fields.toArray(String[]::new));
            CharSequence where = two.get("location");
            assertThat(new Answer(Integer.parseInt(two.status().toString()), where == null ? null : where.toString()))
                    .isEqualTo(first);
        }
        return first;
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "redirected.test, /x, 200, -",
                "redirected.test:80, /x, 200, -",
                "plain.test, /x, 200, -",
                "plain.test, /scheme, 299, -",
                "plain.test, /same, 301, https://plain.test/to",
                "plain.test:443, /same, 301, https://plain.test:443/to",
                "plain.test:8443, /protocol-port, 301, https://plain.test/to",
                "plain.test, /request-port, 301, https://plain.test/to",
                "plain.test:443, /http, 301, http://plain.test/to",
                "plain.test:80, /http, 301, http://plain.test:80/to",
                "plain.test:443, /https, 301, https://plain.test:443/to",
            })
    void theTrustedHopsSchemeIsTheRequests(String host, String path, int status, String location) throws IOException {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = start(1, upstream)) {
            for (String https : List.of("https", "HTTPS")) {
                assertThat(ask(gateway, host, path, List.of(https))).isEqualTo(new Answer(status, location));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http", "Http", "ftp", "https,http", "http,https", "https https", "https,https"})
    void whatIsNotASchemeSaysNothing(String proto) throws IOException {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = start(1, upstream)) {
            assertPlain(gateway, proto.isEmpty() ? List.of() : List.of(proto));
            assertPlain(gateway, List.of("https", "http"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"https", "HTTPS", "http", "ftp"})
    void aStrangersSchemeIsReplaced(String proto) throws IOException {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = start(0, upstream)) {
            assertPlain(gateway, List.of(proto));
            assertThat(ask(gateway, "plain.test", "/x", List.of(proto)).status())
                    .isEqualTo(200);
            assertThat(upstream.received())
                    .contains("x-forwarded-proto: http\r\n")
                    .doesNotContain(": https");
        }
    }

    private static void assertPlain(TestGateway gateway, List<String> protos) throws IOException {
        assertThat(ask(gateway, "redirected.test", "/x", protos))
                .isEqualTo(new Answer(301, "https://redirected.test/x"));
        assertThat(ask(gateway, "plain.test", "/scheme", protos)).isEqualTo(new Answer(298, null));
        assertThat(ask(gateway, "plain.test", "/same", protos)).isEqualTo(new Answer(301, "http://plain.test/to"));
    }

    /// What the client claims is never passed on, and where nobody has forwarded the request the client is the peer.
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "0, -, -, 127.0.0.1",
                "0, -, 203.0.113.9, 127.0.0.1",
                "0, 203.0.113.7, -, 127.0.0.1",
                "0, 203.0.113.7, 203.0.113.9, 127.0.0.1",
                "1, -, -, 127.0.0.1",
                "1, -, 203.0.113.9, 127.0.0.1",
                "2, -, 203.0.113.9, 127.0.0.1",
                "1, 203.0.113.7, -, 203.0.113.7",
                "1, 203.0.113.7, 203.0.113.9, 203.0.113.7",
                "1, '203.0.113.1, 2001:db8::7', -, 2001:db8::7",
                "2, '203.0.113.1, 203.0.113.7', -, 203.0.113.1",
                "1, 10.1.2.3, -, 10.1.2.3",
                "1, unknown, 203.0.113.9, 127.0.0.1",
                "2, 203.0.113.7, -, 127.0.0.1",
            })
    void theClientsAddressFromOutsideIsSaid(int hops, String forwardedFor, String claimed, String expected)
            throws IOException {
        try (RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = start(hops, upstream)) {
            List<String> fields = new ArrayList<>();
            if (forwardedFor != null) {
                fields.addAll(List.of("x-forwarded-for", forwardedFor));
            }
            if (claimed != null) {
                fields.addAll(List.of("x-envoy-external-address", claimed));
            }
            try (RawHttp2Client http = new RawHttp2Client(gateway.port(80))) {
                assertThat(http.get("http", "plain.test", "/x", fields.toArray(String[]::new))
                                .status())
                        .hasToString("200");
            }
            String head = upstream.received();
            assertThat(head).containsOnlyOnce("x-envoy-external-address: " + expected + "\r\n");
            assertThat(head)
                    .contains("x-client: " + expected + "\r\n")
                    .contains("x-scheme: http\r\n")
                    .contains("x-peer: 127.0.0.1\r\n");
            String port = head.substring(head.indexOf("x-client-port: ") + 15)
                    .lines()
                    .findFirst()
                    .orElseThrow();
            assertThat(port.equals("0")).isEqualTo(!expected.equals("127.0.0.1"));
        }
    }
}
