package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.e2e.hostile.Http2Script;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.h2.Frames;
import io.sallyport.http.h2.SentFrame;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the gateway itself answers to gRPC: 200 with a `grpc-status`, and the log and the metrics say so.
class GrpcLocalReplyTest {
    private static final String ROUTES = """
            - match: [{uri: {prefix: /forbidden}}]
              directResponse: {status: 403, body: {string: "no, 100% sure: žádný"}}
            - match: [{uri: {prefix: /busy}}]
              directResponse: {status: 429}
            - match: [{uri: {prefix: /token}}]
              directResponse: {status: 401}
            - match: [{uri: {prefix: /moved}}]
              redirect: {uri: /elsewhere}
            - match: [{uri: {prefix: /fault}}]
              fault: {abort: {httpStatus: 503, percentage: {value: 100}}}
              route: [{destination: {host: up.internal, port: {number: 80}}}]
            - match: [{uri: {prefix: /code}}]
              fault: {abort: {grpcStatus: DATA_LOSS, percentage: {value: 100}}}
              route: [{destination: {host: up.internal, port: {number: 80}}}]
            - match: [{uri: {prefix: /late}}]
              timeout: 200ms
              route: [{destination: {host: up.internal, port: {number: 80}}}]
            - match: [{uri: {prefix: /body}}]
              route: [{destination: {host: up.internal, port: {number: 80}}}]
            - match: [{uri: {prefix: /refused}}]
              route: [{destination: {host: closed.internal, port: {number: 80}}}]
            - match: [{uri: {prefix: /nobody}}]
              route: [{destination: {host: up.internal, subset: nobody, port: {number: 80}}}]
            - match: [{uri: {prefix: /dropped}}]
              route: [{destination: {host: dropping.internal, port: {number: 80}}}]
            """;

    private static final String CASES = """
            /forbidden | 7  | -     | no, 100% sure: žádný
            /busy      | 14 | -     |
            /token     | 16 | -     |
            /moved     | 2  | -     |
            /fault     | 14 | FI    | fault filter abort
            /code      | 15 | FI    | fault filter abort
            /late      | 14 | UT    | upstream_response_timeout
            /late?own  | 4  | UT    | grpc_timeout_reached
            /refused   | 14 | UF,URX |
            /nobody    | 14 | UH    | no healthy upstream
            /dropped   | 14 | UC    |
            /unknown   | 12 | NR    | route_not_found
            """;

    private static TestGateway gateway(RawUpstream silent, RawUpstream dropping, int closed) {
        return TestGateway.builder()
                .limits(limits())
                .start(Yaml.httpGateway("*").replace("protocol: HTTP}", "protocol: HTTP2}")
                        + Yaml.service("up.internal", "GRPC", silent.port())
                        + Yaml.service("dropping.internal", "GRPC", dropping.port())
                        + Yaml.service("closed.internal", "GRPC", closed)
                        + """
                        apiVersion: networking.istio.io/v1
                        kind: DestinationRule
                        metadata: {name: nobody}
                        spec:
                          host: up.internal
                          subsets: [{name: nobody, labels: {version: none}}]
                        ---
                        """
                        + Yaml.virtualService("shop.example", ROUTES));
    }

    private static HttpLimits limits() {
        HttpLimits all = HttpLimits.DEFAULT;
        return new HttpLimits(
                all.targetBytes(),
                all.headBytes(),
                all.headerFields(),
                1_000,
                all.headTimeout(),
                all.bodyTimeout(),
                all.idleTimeout(),
                all.writeTimeout(),
                all.concurrentStreams(),
                all.streamWindowBytes(),
                all.connectionWindowBytes(),
                all.requestsPerConnection());
    }

    /// A name of a field may not occur twice.
    private static Map<String, String> fields(SentFrame frame) {
        var fields = new HashMap<String, String>();
        for (String field : frame.fields().split(",(?=[a-z:-]+=)")) {
            int equals = field.indexOf('=');
            fields.put(field.substring(0, equals), field.substring(equals + 1));
        }
        return fields;
    }

    private interface Asking {
        /// Returns the answer's fields, `:status` too.
        Map<String, String> ask(int port) throws IOException;
    }

    private static void expect(Asking asking, String status, String flags, String message) throws IOException {
        RawUpstream.Script silence = connection -> {
            while (connection.read() >= 0) {
                // Takes everything, says nothing.
            }
        };
        try (RawUpstream silent = RawUpstream.start(silence);
                RawUpstream dropping = RawUpstream.start(connection -> connection.readBytes(60))) {
            try (TestGateway gateway = gateway(silent, dropping, ClosedPort.number())) {
                Map<String, String> answer = asking.ask(gateway.port(80));

                assertThat(answer)
                        .containsEntry(":status", "200")
                        .containsEntry("content-type", "application/grpc")
                        .containsEntry("grpc-status", status);
                if (message != null) {
                    String sent = answer.get("grpc-message").replace("+", "%2B");
                    assertThat(sent).isPrintable();
                    assertThat(QueryStringDecoder.decodeComponent(sent)).isEqualTo(message);
                }
                assertThat(gateway.firstFacts().status).isEqualTo(200);
                assertThat(gateway.firstFacts().flags()).isEqualTo(flags);
                gateway.assumeSeen("the status of gRPC, which the access log does not have");
                assertThat(gateway.firstFacts().grpcStatus).hasToString(status);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = CASES)
    void overHttp2(String path, String status, String flags, String message) throws Exception {
        expect(
                port -> {
                    try (H2Client client = new H2Client(port)) {
                        client.send(Frames.headers(1, true, request(path)));
                        return fields(client.answer(1));
                    }
                },
                status,
                flags,
                message);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = CASES)
    void overHttp1(String path, String status, String flags, String message) throws Exception {
        expect(port -> http1(port, path, "content-length: 0\r\n\r\n"), status, flags, message);
    }

    private static String[] request(String path, String... more) {
        String[] fields = H2Client.request(
                "POST",
                path.replace("?own", ""),
                "content-type",
                "application/grpc+proto",
                "te",
                "trailers",
                "grpc-timeout",
                path.endsWith("?own") ? "100m" : "1H");
        String[] all = Arrays.copyOf(fields, fields.length + more.length);
        System.arraycopy(more, 0, all, fields.length, more.length);
        return all;
    }

    private static Map<String, String> http1(int port, String path, String rest) throws IOException {
        try (RawClient client = new RawClient(port)) {
            String head = client.send("POST " + path.replace("?own", "")
                            + " HTTP/1.1\r\nhost: shop.example\r\ncontent-type: application/grpc\r\ngrpc-timeout: "
                            + (path.endsWith("?own") ? "100m" : "1H") + "\r\n" + rest)
                    .readHead();
            var fields = new HashMap<String, String>();
            fields.put(":status", head.substring(9, 12));
            head.lines().skip(1).filter(line -> !line.isEmpty()).forEach(line -> {
                int colon = line.indexOf(':');
                fields.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            });
            return fields;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBodyThatIsTooLargeIsAStatusToo(boolean declared) throws Exception {
        String body = "x".repeat(2_000);
        expect(
                port -> {
                    try (H2Client client = new H2Client(port)) {
                        client.send(
                                Frames.headers(
                                        1,
                                        false,
                                        declared ? request("/body", "content-length", "2000") : request("/body")),
                                Frames.data(1, body, true));
                        return fields(client.answer(1));
                    }
                },
                "2",
                "DPE",
                "http2.body_too_large");
        if (declared) {
            expect(
                    port -> http1(port, "/body", "content-length: 2000\r\n\r\n" + body),
                    "2",
                    "DPE",
                    "http1.body_too_large");
        }
    }

    /// A head, a part of a message, and then nothing.
    private static RawUpstream stalling(String... fields) {
        return RawUpstream.start(connection -> {
            var script = new Http2Script(connection);
            int stream = script.awaitHeaders();
            script.send(Frames.headers(stream, false, fields));
            script.send(Frames.data(stream, "\0\0\0\0\5he", false));
            script.readToEnd();
        });
    }

    private static TestGateway before(RawUpstream stalling) {
        return TestGateway.serving(Yaml.httpGateway("*").replace("protocol: HTTP}", "protocol: HTTP2}")
                + Yaml.service("up.internal", "GRPC", stalling.port())
                + Yaml.virtualService(
                        "shop.example",
                        "- timeout: 500ms\n  route: [{destination: {host: up.internal, port: {number: 80}}}]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/?own"})
    void aDeadlineWithinTheResponseEndsItByTrailers(String path) throws Exception {
        try (RawUpstream upstream = stalling(":status", "200", "content-type", "application/grpc");
                TestGateway gateway = before(upstream);
                H2Client client = new H2Client(gateway.port(80))) {
            client.send(Frames.headers(1, true, request(path)));
            assertThat(fields(client.answer(1))).containsEntry(":status", "200");

            SentFrame last = client.answer(1);

            assertThat(last.type()).isEqualTo(Frames.HEADERS);
            assertThat(last.ends()).isTrue();
            assertThat(fields(last)).containsEntry("grpc-status", "4").containsKey("grpc-message");
            assertThat(gateway.firstFacts().status).isEqualTo(200);
            assertThat(gateway.firstFacts().flags()).isEqualTo("UT");
            gateway.assumeSeen("the status of gRPC, which the access log does not have");
            assertThat(gateway.firstFacts().grpcStatus).hasToString("4");
        }
    }

    /// Trailers would make a body that is shorter than it was said to be.
    @ParameterizedTest
    @CsvSource({"200, content-length, 12", "404, x-any, 1"})
    void whereTrailersCannotEndItTheStreamIsCancelled(String status, String name, String value) throws Exception {
        try (RawUpstream upstream = stalling(":status", status, "content-type", "application/grpc", name, value);
                TestGateway gateway = before(upstream);
                H2Client client = new H2Client(gateway.port(80))) {
            client.send(Frames.headers(1, true, request("/")));
            assertThat(fields(client.answer(1))).containsEntry(":status", status);

            SentFrame last = client.answer(1);

            assertThat(last.type()).isEqualTo(Frames.RST_STREAM);
            assertThat(last.errorCode()).isEqualTo(8);
            assertThat(gateway.firstFacts().flags()).isEqualTo("UT");
        }
    }

    /// A gRPC client over HTTP/1.1 must see that the response is cut.
    @Test
    void overHttp1TheResponseIsVisiblyCut() throws Exception {
        try (RawUpstream upstream = stalling(":status", "200", "content-type", "application/grpc");
                TestGateway gateway = before(upstream)) {
            String response = RawClient.exchange(
                    gateway.port(80),
                    "POST / HTTP/1.1\r\nhost: shop.example\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\n\r\n");

            assertThat(response).startsWith("HTTP/1.1 200 ").doesNotContain("\r\n0\r\n");
            assertThat(response.getBytes(StandardCharsets.ISO_8859_1)).endsWith('h', 'e', '\r', '\n');
        }
    }
}
