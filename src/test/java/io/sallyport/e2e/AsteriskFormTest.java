package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `OPTIONS *` asks for the server, not for a path of it (RFC 9112, 3.2.4): it is never redirected or rewritten to a
/// path that is made of the asterisk.
class AsteriskFormTest {
    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*.test"]}
              - {port: {number: 80, name: secure, protocol: HTTP}, hosts: [secure.test], tls: {httpsRedirect: true}}
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: up}
            spec:
              hosts: [up.internal]
              resolution: STATIC
              ports: [{number: 80, name: http, protocol: HTTP}]
              endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
            ---
            """;

    private static RawUpstream upstream;
    private static TestGateway gateway;

    @BeforeAll
    static void start() throws IOException {
        upstream = RawUpstream.ok("ok");
        gateway = TestGateway.serving(CONFIGURATION.formatted(upstream.port())
                + host("secure", "directResponse: {status: 200}")
                + host("authority", "redirect: {authority: new.test}")
                + host("scheme", "redirect: {scheme: https, port: 8443}")
                + host("uri", "redirect: {uri: /new}")
                + host("prefix", "redirect: {prefixRewrite: /new}")
                + host("rewritten", "rewrite: {uri: /new}\n    route: [{destination: {host: up.internal}}]")
                + host(
                        "exact",
                        "match: [{uri: {exact: '*'}}]\n    rewrite: {uri: /new}\n"
                                + "    route: [{destination: {host: up.internal}}]")
                + host(
                        "substituted",
                        "rewrite: {uriRegexRewrite: {match: '^.*$', rewrite: '/new\\0'}}\n"
                                + "    route: [{destination: {host: up.internal}}]"));
    }

    private static String host(String name, String http) {
        return """
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %1$s}
                spec:
                  hosts: [%1$s.test]
                  gateways: [edge]
                  http:
                  - %2$s
                ---
                """.formatted(name, http);
    }

    @AfterAll
    static void stop() throws IOException {
        gateway.close();
        upstream.close();
    }

    @ParameterizedTest
    @CsvSource({
        "secure.test,    https://secure.test",
        "secure.test:80, https://secure.test",
        "authority.test, http://new.test",
        "scheme.test,    https://scheme.test:8443",
        "uri.test,       http://uri.test/new",
        "prefix.test,    http://prefix.test/new"
    })
    void isRedirectedToNoPathOfAnAsterisk(String host, String location) throws IOException {
        for (String target : new String[] {"*", "http://" + host}) {
            assertThat(http1("OPTIONS", target, host))
                    .startsWith("HTTP/1.1 301")
                    .contains("\r\nlocation: " + location + "\r\n");
        }
        assertThat(http2("OPTIONS", host)).startsWith(":status=301").contains("location=" + location + ",");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rewritten.test", "exact.test", "substituted.test"})
    void isSentOnAsItIs(String host) throws IOException {
        assertThat(http1("OPTIONS", "*", host)).startsWith("HTTP/1.1 200");
        assertThat(upstream.connections().getLast().received()).contains("OPTIONS * HTTP/1.1\r\n");
        assertThat(upstream.connections().getLast().received()).doesNotContain("/new");
        assertThat(http2("OPTIONS", host)).startsWith(":status=200");
    }

    /// There is no path to put into a location, and an ingress makes no tunnels.
    @ParameterizedTest
    @ValueSource(strings = {"secure.test", "authority.test", "uri.test"})
    void connectIsRefusedRatherThanRedirected(String host) throws IOException {
        assertThat(http1("CONNECT", host + ":443", host + ":443"))
                .startsWith("HTTP/1.1 405")
                .doesNotContain("location:");
    }

    private static String http1(String method, String target, String host) throws IOException {
        return RawClient.exchange(
                gateway.port(80),
                "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(method, target, host));
    }

    private static String http2(String method, String host) throws IOException {
        try (H2Client client = new H2Client(gateway.port(80))) {
            client.send(Frames.headers(1, true, H2Client.request(method, "*", ":authority", host)));
            return client.answer(1).fields();
        }
    }
}
