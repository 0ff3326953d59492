package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.sallyport.e2e.hostile.H2Client;
import io.sallyport.e2e.hostile.Http2Script;
import io.sallyport.http.h2.Frames;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a browser's gRPC-Web client sends and gets: a service of gRPC behind the gateway, in both forms, over both
/// versions of HTTP, where the Gateway's port says GRPC-WEB and where only the service's does.
class GrpcWebTest {
    private static final String CORS = """
            - match: [{uri: {prefix: /test.}}]
              corsPolicy:
                allowOrigins: [{exact: "https://app.example"}]
                allowMethods: [POST]
                allowHeaders: [content-type, x-grpc-web, x-user-agent, grpc-timeout]
                exposeHeaders: [grpc-status, grpc-message]
              route: [{destination: {host: echo.internal, port: {number: 80}}}]
            """;

    private final GrpcEcho upstream = GrpcEcho.start();
    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued certificate = authority.leaf("edge").dns("localhost").issue();
    private final HttpClient client =
            HttpClient.newBuilder().sslContext(TlsClients.of(null, authority)).build();
    private TestGateway gateway;

    @AfterEach
    void close() {
        client.close();
        if (gateway != null) {
            gateway.close();
        }
        upstream.close();
    }

    /// Who says GRPC-WEB, and how the client speaks to the gateway.
    private enum Edge {
        GATEWAY_HTTP1,
        SERVICE_HTTP1,
        SERVICE_HTTP2
    }

    private record Form(boolean text, Edge edge) {
        boolean byGateway() {
            return edge == Edge.GATEWAY_HTTP1;
        }

        String type() {
            return text ? "application/grpc-web-text" : "application/grpc-web+proto";
        }

        byte[] encode(byte[] bytes) {
            return text ? Base64.getEncoder().encode(bytes) : bytes;
        }
    }

    private static Stream<Arguments> forms() {
        List<Arguments> forms = new ArrayList<>();
        for (Edge edge : Edge.values()) {
            forms.add(Arguments.of(new Form(false, edge)));
            forms.add(Arguments.of(new Form(true, edge)));
        }
        return forms.stream();
    }

    private void start(boolean byGateway, int port, String routes) {
        gateway = TestGateway.builder()
                .secret("edge", certificate)
                .start(TlsForwardingTest.gateway("""
                          - port: {number: 80, name: web, protocol: %s}
                            hosts: ["*"]
                        """.formatted(byGateway ? "GRPC-WEB" : "HTTP2")
                                + TlsForwardingTest.tlsServer("*", "edge", 443))
                        + Yaml.service("echo.internal", byGateway ? "GRPC" : "GRPC-WEB", port)
                        + Yaml.virtualService("*", routes));
    }

    private URI uri(Form form, String path) {
        return URI.create(
                form.edge == Edge.SERVICE_HTTP2
                        ? "https://localhost:" + gateway.port(443) + path
                        : "http://localhost:" + gateway.port(80) + path);
    }

    private void start(Form form) {
        start(form.byGateway(), upstream.port(), CORS);
    }

    private HttpRequest.Builder call(Form form, String method) {
        return HttpRequest.newBuilder(uri(form, "/test.Echo/" + method))
                .header("Content-Type", form.type())
                .header("Accept", form.type())
                .header("X-Grpc-Web", "1");
    }

    private static byte[] message(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + bytes.length)
                .put((byte) 0)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    /// @param messages of data
    /// @param trailers lines of the last frame; empty where there is none
    private record Body(List<String> messages, List<String> trailers) {}

    private static Body parse(Form form, byte[] sent) {
        ByteBuffer in = ByteBuffer.wrap(form.text ? decoded(sent) : sent);
        List<String> messages = new ArrayList<>();
        List<String> trailers = List.of();
        while (in.hasRemaining()) {
            assertThat(trailers).as("nothing follows the trailers").isEmpty();
            int flag = in.get();
            byte[] payload = new byte[in.getInt()];
            in.get(payload);
            String text = new String(payload, StandardCharsets.UTF_8);
            if (flag == (byte) 0x80) {
                trailers = Arrays.asList(text.split("\r\n"));
                assertThat(text).endsWith("\r\n");
            } else {
                messages.add(text);
            }
        }
        return new Body(messages, trailers);
    }

    /// Parts with padding, one behind the other.
    private static byte[] decoded(byte[] text) {
        assertThat(text.length % 4).isZero();
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length; i += 4) {
            out.writeBytes(Base64.getDecoder().decode(Arrays.copyOfRange(text, i, i + 4)));
        }
        return out.toByteArray();
    }

    private HttpResponse<byte[]> send(Form form, String method, byte[] body) throws Exception {
        return client.send(
                call(form, method).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aCallIsTranslatedBothWays(Form form) throws Exception {
        start(form);

        HttpResponse<byte[]> response = send(form, "Unary", form.encode(message("hello")));

        assertThat(response.version() == HttpClient.Version.HTTP_2).isEqualTo(form.edge == Edge.SERVICE_HTTP2);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
                .contains(form.text ? "application/grpc-web-text+proto" : "application/grpc-web+proto");
        assertThat(response.headers().firstValue("content-length")).isEmpty();
        assertThat(response.headers().firstValue("grpc-status")).isEmpty();
        Body body = parse(form, response.body());
        assertThat(body.messages).containsExactly("hello");
        assertThat(body.trailers).contains("grpc-status:0", "x-trailer:of the success");
        assertThat(gateway.firstFacts().bytesSent).isEqualTo(response.body().length);
        await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
        gateway.assumeSeen("what Istio's metrics take for the protocol");
        assertThat(gateway.firstFacts().grpc).isTrue();
        assertThat(gateway.firstFacts().grpcStatus).hasToString("0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPortOfGrpcWebTakesHttp2WithPriorKnowledge(boolean text) throws Exception {
        Form form = new Form(text, Edge.GATEWAY_HTTP1);
        start(form);
        try (H2Client h2 = new H2Client(gateway.port(80))) {
            h2.send(
                    Frames.headers(1, false, H2Client.request("POST", "/test.Echo/Unary", "content-type", form.type())),
                    Frames.data(1, form.encode(message("hello")), true));
            assertThat(h2.answer(1).fields())
                    .contains("content-type=application/grpc-web" + (text ? "-text" : "") + "+proto");

            byte[] body = h2.body(1).getBytes(StandardCharsets.ISO_8859_1);
            assertThat(parse(form, body).messages).containsExactly("hello");
            assertThat(parse(form, body).trailers).contains("grpc-status:0");
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aStreamOfTheServerPasses(Form form) throws Exception {
        start(form);

        Body body =
                parse(form, send(form, "Count", form.encode(message("3000"))).body());

        assertThat(body.messages).hasSize(3000).startsWith("message 1").endsWith("message 3000");
        assertThat(body.trailers).contains("grpc-status:0");
    }

    @ParameterizedTest
    @MethodSource("forms")
    void moreThanAnyWindowPasses(Form form) throws Exception {
        start(form);
        String large = "0123456789abcdef".repeat(200_000);

        Body body = parse(form, send(form, "Unary", form.encode(message(large))).body());

        assertThat(body.messages).containsExactly(large);
    }

    /// A response of gRPC without messages is a head alone.
    @ParameterizedTest
    @MethodSource("forms")
    void aFailureWithoutAMessageIsInTheHead(Form form) throws Exception {
        start(form);

        HttpResponse<byte[]> response = send(form, "Unary", form.encode(message("fail")));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValue("content-type").orElseThrow()).startsWith("application/grpc-web");
        assertThat(response.headers().firstValue("grpc-status")).contains("8");
        assertThat(response.headers().firstValue("grpc-message")).contains("no more, 100%25 %C3%BCber");
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aFailureAfterAMessageIsInTheTrailers(Form form) throws Exception {
        start(form);

        Body body =
                parse(form, send(form, "Unary", form.encode(message("late 14"))).body());

        assertThat(body.messages).containsExactly("late 14");
        assertThat(body.trailers).contains("grpc-status:14");
    }

    @ParameterizedTest
    @MethodSource("forms")
    void whatTheGatewayAnswersIsOfTheClientsForm(Form form) throws Exception {
        start(form.byGateway(), 1, CORS);

        HttpResponse<byte[]> response = send(form, "Unary", form.encode(message("hello")));

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("content-type"))
                .contains(form.text ? "application/grpc-web-text+proto" : "application/grpc-web+proto");
        assertThat(response.headers().firstValue("content-length")).contains("0");
        assertThat(response.headers().firstValue("grpc-status")).contains("14");
        assertThat(response.headers().firstValue("grpc-message")).isPresent();
        assertThat(gateway.firstFacts().status).isEqualTo(503);
        assertThat(gateway.firstFacts().flags()).isEqualTo("UF,URX");
        gateway.assumeSeen("the status of gRPC, which the access log does not have");
        assertThat(gateway.firstFacts().grpcStatus).hasToString("14");
    }

    @Test
    void aPathThatNobodyServesIsUnimplemented() throws Exception {
        Form form = new Form(false, Edge.GATEWAY_HTTP1);
        start(form);

        HttpResponse<byte[]> response = client.send(
                HttpRequest.newBuilder(uri(form, "/other"))
                        .header("Content-Type", "application/grpc-web")
                        .POST(BodyPublishers.ofByteArray(message("hello")))
                        .build(),
                BodyHandlers.ofByteArray());

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("content-type")).contains("application/grpc-web+proto");
        assertThat(response.headers().firstValue("grpc-status")).contains("12");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void partsMayHavePaddingOfTheirOwn(boolean http2) throws Exception {
        Form form = new Form(true, http2 ? Edge.SERVICE_HTTP2 : Edge.GATEWAY_HTTP1);
        start(form);
        byte[] message = message("hello");
        String text = Base64.getEncoder().encodeToString(Arrays.copyOf(message, 4))
                + Base64.getEncoder().encodeToString(Arrays.copyOfRange(message, 4, message.length));
        assertThat(text).contains("==");
        List<byte[]> characters =
                text.chars().mapToObj(c -> new byte[] {(byte) c}).toList();

        HttpResponse<byte[]> response = client.send(
                call(form, "Unary")
                        .POST(BodyPublishers.ofByteArrays(characters))
                        .build(),
                BodyHandlers.ofByteArray());

        assertThat(parse(form, response.body()).messages).containsExactly("hello");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"AAAAAAVoZWxsbw=", "AAAAAAVoZWxsbw", "AAAA*AVoZWxsbw==", "AAAAAAVoZWxsb", "A", "AAAAAAVoZWxsbx=="
            })
    void whatIsNoBase64IsRefused(String body) throws Exception {
        Form form = new Form(true, Edge.SERVICE_HTTP2);
        start(form);

        HttpResponse<byte[]> response = send(form, "Unary", body.getBytes(StandardCharsets.US_ASCII));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("grpc-status")).contains("13");
        assertThat(response.headers().firstValue("grpc-message")).contains("invalid_base64");
        assertThat(gateway.firstFacts().flags()).isEqualTo("DPE");
    }

    @Test
    void browsersAreAllowedWhatTheCorsPolicySays() throws Exception {
        Form form = new Form(true, Edge.GATEWAY_HTTP1);
        start(form);

        HttpResponse<Void> preflight = client.send(
                HttpRequest.newBuilder(uri(form, "/test.Echo/Unary"))
                        .method("OPTIONS", BodyPublishers.noBody())
                        .header("Origin", "https://app.example")
                        .header("Access-Control-Request-Method", "POST")
                        .header("Access-Control-Request-Headers", "content-type,x-grpc-web")
                        .build(),
                BodyHandlers.discarding());
        HttpResponse<byte[]> response = client.send(
                call(form, "Unary")
                        .header("Origin", "https://app.example")
                        .POST(BodyPublishers.ofByteArray(form.encode(message("fail"))))
                        .build(),
                BodyHandlers.ofByteArray());

        assertThat(preflight.statusCode()).isEqualTo(200);
        assertThat(preflight
                        .headers()
                        .firstValue("access-control-allow-headers")
                        .orElseThrow())
                .contains("x-grpc-web");
        assertThat(response.headers().firstValue("access-control-allow-origin")).contains("https://app.example");
        assertThat(response.headers()
                        .firstValue("access-control-expose-headers")
                        .orElseThrow())
                .contains("grpc-status");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsNotGrpcWebPassesAsItIs(boolean byGateway) {
        start(byGateway, upstream.port(), CORS);
        var channel = NettyChannelBuilder.forAddress("localhost", gateway.port(80))
                .usePlaintext()
                .build();
        try {
            assertThat(ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, "hello"))
                    .isEqualTo("hello");
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aPageBesideItPassesAsItIs() throws Exception {
        try (RawUpstream page =
                RawUpstream.answering("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\npage")) {
            gateway = TestGateway.serving(Yaml.httpGateway("*").replace("protocol: HTTP}", "protocol: GRPC-WEB}")
                    + Yaml.service("page.internal", page.port())
                    + Yaml.forwardAll("*", "page.internal"));

            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + gateway.port(80) + "/"))
                            .header("Content-Type", "text/plain")
                            .POST(BodyPublishers.ofString("AAAA"))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(response.body()).isEqualTo("page");
            assertThat(response.headers().firstValue("content-length")).contains("4");
            assertThat(page.received())
                    .contains("content-type: text/plain\r\n")
                    .endsWith("AAAA")
                    .doesNotContain("te: trailers", "grpc-accept-encoding");
        }
    }

    /// What Envoy's filter makes of the fields.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/grpc-web -> application/grpc",
                "application/grpc-web+proto -> application/grpc+proto",
                "application/grpc-web+json -> application/grpc+json",
                "application/grpc-web-text -> application/grpc",
                "application/grpc-web-text+proto -> application/grpc+proto",
                "Application/GRPC-Web;charset=utf-8 -> application/grpc"
            })
    void theServiceSeesGrpc(String types) throws Exception {
        Map<String, String> heads = new ConcurrentHashMap<>();
        try (RawUpstream service = RawUpstream.start(connection -> {
            var script = new Http2Script(connection);
            int stream = script.awaitHeaders();
            heads.putAll(script.fields());
            script.send(Frames.headers(
                    stream, true, ":status", "200", "content-type", "application/grpc", "grpc-status", "0"));
            script.readToEnd();
        })) {
            start(true, service.port(), CORS);

            client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + gateway.port(80) + "/test.any"))
                            .header("Content-Type", types.substring(0, types.indexOf(" -> ")))
                            .header("X-User-Agent", "grpc-web-javascript/0.1")
                            .POST(BodyPublishers.ofString(""))
                            .build(),
                    BodyHandlers.discarding());

            assertThat(heads)
                    .containsEntry("content-type", types.substring(types.indexOf(" -> ") + 4))
                    .containsEntry("te", "trailers")
                    .containsEntry("grpc-accept-encoding", "identity")
                    .containsEntry("x-user-agent", "grpc-web-javascript/0.1");
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aDeadlineWithinTheResponseIsInTheTrailers(Form form) throws Exception {
        try (RawUpstream service = RawUpstream.start(connection -> {
            var script = new Http2Script(connection);
            int stream = script.awaitHeaders();
            script.send(Frames.headers(stream, false, ":status", "200", "content-type", "application/grpc"));
            script.send(Frames.data(stream, message("first"), false));
            script.readToEnd();
        })) {
            start(form.byGateway(), service.port(), CORS + "  timeout: 500ms\n");

            Body body =
                    parse(form, send(form, "Unary", form.encode(message("x"))).body());

            assertThat(body.messages).containsExactly("first");
            assertThat(body.trailers).contains("grpc-status:4");
            assertThat(gateway.firstFacts().flags()).isEqualTo("UT");
        }
    }

    /// A message goes to the client when it comes, not with the next.
    @Test
    void textDoesNotWaitForMore() throws Exception {
        Form form = new Form(true, Edge.GATEWAY_HTTP1);
        try (RawUpstream service = RawUpstream.start(connection -> {
            var script = new Http2Script(connection);
            int stream = script.awaitHeaders();
            script.send(Frames.headers(stream, false, ":status", "200", "content-type", "application/grpc"));
            script.send(Frames.data(stream, message("first"), false));
            script.readToEnd();
        })) {
            start(true, service.port(), CORS);
            var response = client.sendAsync(
                            call(form, "Unary")
                                    .POST(BodyPublishers.ofByteArray(form.encode(message("x"))))
                                    .build(),
                            BodyHandlers.ofInputStream())
                    .get(10, TimeUnit.SECONDS);

            byte[] all = response.body().readNBytes(form.encode(message("first")).length);

            assertThat(parse(form, all).messages).containsExactly("first");
            response.body().close();
        }
    }

    /// @param type of the response; empty for none
    private record Page(int status, String type, String body, String grpcStatus, String message) {}

    private static Stream<Arguments> pages() {
        List<Page> pages = List.of(
                new Page(503, "text/html", "<html>", "14", "<html>"),
                new Page(503, "application/grpc", "busy", "14", "busy"),
                new Page(200, "text/html", "100% \u00fcber\n", "2", "100%25 %C3%BCber%0A"),
                new Page(200, "", "plain", "2", "plain"),
                new Page(404, "text/plain", "", "12", ""),
                new Page(400, "application/grpc-web+proto", "bad", "13", "bad"));
        List<Arguments> all = new ArrayList<>();
        for (Page page : pages) {
            all.add(Arguments.of(new Form(false, Edge.GATEWAY_HTTP1), false, page));
            for (Edge edge : List.of(Edge.GATEWAY_HTTP1, Edge.SERVICE_HTTP2)) {
                all.add(Arguments.of(new Form(all.size() % 3 == 0, edge), true, page));
            }
        }
        return all.stream();
    }

    /// Services of protocol GRPC-WEB are spoken to by HTTP/2 alone.
    private void startPage(Form form, boolean http2, int port) {
        gateway = TestGateway.builder()
                .secret("edge", certificate)
                .start(TlsForwardingTest.gateway("""
                          - port: {number: 80, name: web, protocol: GRPC-WEB}
                            hosts: ["*"]
                        """ + TlsForwardingTest.tlsServer("*", "edge", 443))
                        + Yaml.service("echo.internal", http2 ? form.byGateway() ? "GRPC" : "GRPC-WEB" : "HTTP", port)
                        + Yaml.virtualService("*", CORS));
    }

    private static RawUpstream.Script page(boolean http2, Page page, boolean endless) {
        byte[] body = page.body.getBytes(StandardCharsets.UTF_8);
        if (!http2) {
            return connection -> {
                while (connection.readRequest() != null) {
                    connection.write("HTTP/1.1 " + page.status + " Any\r\n"
                            + (page.type.isEmpty() ? "" : "content-type: " + page.type + "\r\n") + "content-length: "
                            + (endless ? 1 << 30 : body.length) + "\r\n\r\n");
                    connection.write(body);
                }
            };
        }
        return connection -> {
            var script = new Http2Script(connection);
            int stream = script.awaitHeaders();
            List<String> fields = new ArrayList<>(List.of(":status", Integer.toString(page.status)));
            if (!page.type.isEmpty()) {
                fields.addAll(List.of("content-type", page.type));
            }
            script.send(Frames.headers(stream, body.length == 0, fields.toArray(String[]::new)));
            for (int at = 0; at < body.length; at += 16_000) {
                int next = Math.min(body.length, at + 16_000);
                script.send(Frames.data(stream, Arrays.copyOfRange(body, at, next), !endless && next == body.length));
            }
            script.readToEnd();
        };
    }

    @ParameterizedTest
    @MethodSource("pages")
    void whatIsNotGrpcBecomesAStatus(Form form, boolean http2, Page page) throws Exception {
        try (RawUpstream service = RawUpstream.start(page(http2, page, false))) {
            startPage(form, http2, service.port());

            HttpResponse<byte[]> response = send(form, "Unary", form.encode(message("x")));

            assertRefused(form, page, response);
            assertThat(response.headers().firstValue("grpc-message").orElse("")).isEqualTo(page.message);
            assertThat(gateway.firstFacts().flags()).isIn("", "-");
        }
    }

    private void assertRefused(Form form, Page page, HttpResponse<byte[]> response) {
        assertThat(response.statusCode()).isEqualTo(page.status);
        assertThat(response.headers().firstValue("content-type"))
                .contains("application/grpc-web" + (form.text ? "-text" : "") + "+proto");
        assertThat(response.headers().firstValue("content-length")).contains("0");
        assertThat(response.headers().firstValue("grpc-status")).contains(page.grpcStatus);
        assertThat(response.body()).isEmpty();
        assertThat(gateway.firstFacts().status).isEqualTo(page.status);
        await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
        gateway.assumeSeen("the status of gRPC, which the access log does not have");
        assertThat(gateway.firstFacts().grpcStatus).hasToString(page.grpcStatus);
    }

    /// Long: its beginning is enough. Short: the route's time, or else a bound of the gateway's own, ends it.
    @ParameterizedTest
    @CsvSource({"true, 40000", "true, 5", "false, 40000", "false, 5"})
    void aPageThatNeverEndsIsCut(boolean http2, int length) throws Exception {
        Form form = new Form(false, Edge.GATEWAY_HTTP1);
        Page page = new Page(503, "text/html", "a".repeat(length), "14", "");
        try (RawUpstream service = RawUpstream.start(page(http2, page, true))) {
            startPage(form, http2, service.port());

            HttpResponse<byte[]> response = send(form, "Unary", form.encode(message("x")));

            assertRefused(form, page, response);
            assertThat(response.headers().firstValue("grpc-message"))
                    .contains(page.body.substring(0, Math.min(length, 16_384)));
        }
    }
}
