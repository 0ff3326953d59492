package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.AccessLog;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// MeshConfig's `accessLogFormat`, `accessLogEncoding` and `accessLogFile`, of requests over both versions of HTTP.
class AccessLogFormatsTest {
    @TempDir
    private Path directory;

    private String configuration(int port, String encoding, String format) {
        return Yaml.httpGateway("*")
                + Yaml.service("shop.internal", port)
                + Yaml.forwardAll("shop.example", "shop.internal")
                + """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: istio, namespace: istio-system}
                data:
                  mesh: |
                    accessLogFile: %s/access.log
                    accessLogEncoding: %s
                    accessLogFormat: '%s'
                """.formatted(directory, encoding, format);
    }

    private String logged(TestGateway gateway) throws Exception {
        RequestFacts facts = gateway.firstFacts();
        AccessLog log = AccessLog.start(AccessLog.Format.TEXT, 8, new ByteArrayOutputStream());
        log.onRequestEnd(facts);
        log.close();
        return Files.readString(directory.resolve("access.log"));
    }

    /// @return the status
    private static String get(int version, TestGateway gateway, String path, String... fields) throws IOException {
        if (version == 2) {
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
                return client.get("http", "shop.example", path, fields).status().toString();
            }
        }
        var request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n");
        for (int i = 0; i < fields.length; i += 2) {
            request.append(fields[i]).append(": ").append(fields[i + 1]).append("\r\n");
        }
        return RawClient.exchange(gateway.port(80), request + "\r\n").split(" ", 3)[1];
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void fieldsOfRequestResponseAndTrailersAreLogged(int version) throws Exception {
        RawUpstream service = RawUpstream.start(connection -> {
            while (connection.readRequest() != null) {
                connection.write("HTTP/1.1 200 OK\r\nx-shop: yes\r\ntransfer-encoding: chunked\r\n\r\n"
                        + "2\r\nok\r\n0\r\nx-sum: abc\r\n\r\n");
            }
        });
        String format =
                "%REQ(X-NO?X-USER)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PATH(NQ)% %QUERY_PARAM(q)% %RESP(X-SHOP)%"
                        + " %RESPONSE_CODE% %BYTES_SENT% \"%TRAILER(X-SUM):2%\" %TRAILER(X-NO)% %PROTOCOL% %UPSTREAM_PROTOCOL%";
        try (service;
                TestGateway gateway = TestGateway.serving(configuration(service.port(), "TEXT", format))) {
            gateway.assumeSeen("the facts that are logged");

            assertThat(get(
                            version,
                            gateway,
                            "/a?q=7",
                            "te",
                            "trailers",
                            "x-user",
                            "ann b",
                            "x-envoy-original-path",
                            "/forged"))
                    .isEqualTo("200");

            assertThat(logged(gateway))
                    .isEqualTo("ann\\x20b /a?q=7 /a 7 yes 200 2 \"ab\" - %s HTTP/1.1\n"
                            .formatted(version == 2 ? "HTTP/2" : "HTTP/1.1"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, TEXT, '<%REQ(X-USER)%> \"%REQ(X-USER)%\" %RESPONSE_CODE%', '<a\\x20\\\"\\x20200\\x20-\\xc3\\xff\\\\n> \"a \\\" 200 -\\xc3\\xff\\\\n\" 200'",
        "2, TEXT, '<%REQ(X-USER)%> \"%REQ(X-USER)%\" %RESPONSE_CODE%', '<a\\x20\\\"\\x20200\\x20-\\xc3\\xff\\\\n> \"a \\\" 200 -\\xc3\\xff\\\\n\" 200'",
        "1, JSON, '{\"u\":\"%REQ(X-USER)%\",\"c\":\"%RESPONSE_CODE%\"}', '{\"u\":\"a \\\" 200 -\\u00c3\\u00ff\\\\n\",\"c\":200}'",
        "2, JSON, '{\"u\":\"%REQ(X-USER)%\",\"c\":\"%RESPONSE_CODE%\"}', '{\"u\":\"a \\\" 200 -\\u00c3\\u00ff\\\\n\",\"c\":200}'",
    })
    void whatAClientSendsStaysInItsField(int version, String encoding, String format, String expected)
            throws Exception {
        try (RawUpstream service = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(configuration(service.port(), encoding, format))) {
            gateway.assumeSeen("the facts that are logged");

            // Bytes that are not UTF-8 among them.
            assertThat(get(version, gateway, "/a", "x-user", "a \" 200 -\u00c3\u00ff\\n"))
                    .isEqualTo("200");

            assertThat(logged(gateway)).isEqualTo(expected + "\n");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aRequestWithoutAConnectionNamesTheEndpointThatWasTried(int version) throws Exception {
        int closed = ClosedPort.number();
        String format = "{\"host\":\"%UPSTREAM_HOST%\",\"code\":\"%RESPONSE_CODE%\",\"flags\":\"%RESPONSE_FLAGS%\"}";
        try (TestGateway gateway = TestGateway.serving(configuration(closed, "JSON", format))) {
            gateway.assumeSeen("the facts that are logged");
            assertThat(get(version, gateway, "/a")).isEqualTo("503");

            assertThat(logged(gateway))
                    .startsWith("{\"host\":\"127.0.0.1:" + closed + "\",\"code\":503,\"flags\":\"UF");
        }
    }

    /// A request that could not be read has a line, too.
    @Test
    void aMalformedRequestIsLogged() throws Exception {
        try (RawUpstream service = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(configuration(
                        service.port(),
                        "TEXT",
                        "%RESPONSE_CODE% %RESPONSE_FLAGS_LONG% %REQ(X-USER)% %RESP(SERVER)%"))) {
            gateway.assumeSeen("the facts that are logged");
            RawClient.exchange(gateway.port(80), "GET /a HTTP/1.1\r\nHost: a\r\nX-User: b\u0001\nFORGED\r\n\r\n");

            assertThat(logged(gateway)).matches("400 DownstreamProtocolError - [a-z-]+\n");
        }
    }
}
