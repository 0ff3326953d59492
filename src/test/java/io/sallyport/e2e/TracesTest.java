package io.sallyport.e2e;

import static io.sallyport.testing.TestCollector.attributes;
import static io.sallyport.testing.TestCollector.id;
import static io.sallyport.testing.TestCollector.parentId;
import static io.sallyport.testing.TestCollector.traceId;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import io.sallyport.egress.EgressMode;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCollector;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Traces of requests through gateways, as a collector gets them.
class TracesTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    private final List<AutoCloseable> open = new ArrayList<>();

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private TestCollector collector(boolean grpc) {
        return opened(grpc ? TestCollector.grpc() : TestCollector.http());
    }

    private static String configuration(int upstream, String... fields) {
        return Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstream)
                + Yaml.virtualService(
                        "shop.example",
                        "- match: [{uri: {prefix: /cart}}]\n  name: cart\n"
                                + "  route: [{destination: {host: shop.internal, port: {number: 80}}}]"
                                + (fields.length == 0 ? "" : "\n  " + String.join("\n  ", fields)));
    }

    private static String get(String... fields) {
        return "GET /cart/7?q=1 HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: test\r\nConnection: close\r\n"
                + String.join(
                        "",
                        List.of(fields).stream().map(field -> field + "\r\n").toList()) + "\r\n";
    }

    private static String field(String request, String name) {
        Matcher found = Pattern.compile("(?im)^" + name + ": ?(.*)\r\n").matcher(request);
        return found.find() ? found.group(1) : null;
    }

    /// A request goes through two gateways to a service whose first answer is a failure.
    @ParameterizedTest
    @CsvSource({"true, tracecontext", "false, tracecontext", "true, b3", "false, b3multi"})
    void oneTraceIsMadeOfTwoGatewaysAndEveryAttempt(boolean grpc, String propagators) throws Exception {
        TestCollector collector = collector(grpc);
        RawUpstream service = opened(RawUpstream.start(connection -> {
            String request = connection.readRequest();
            while (request != null) {
                boolean second = request.contains("x-envoy-attempt-count: 2\r\n");
                connection.write(
                        second
                                ? "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
                                : "HTTP/1.1 503 No\r\ncontent-length: 2\r\n\r\nno");
                request = connection.readRequest();
            }
        }));
        TestGateway inner = opened(TestGateway.builder()
                .tracing(collector)
                .tracing("propagators", propagators)
                .start(configuration(service.port(), "retries: {attempts: 2, retryOn: 5xx}")));
        TestGateway outer = opened(TestGateway.builder()
                .tracing(collector)
                .tracing("propagators", propagators)
                .start(configuration(inner.port(80))));

        assertThat(RawClient.exchange(outer.port(80), get())).startsWith("HTTP/1.1 200 ");

        List<Span> servers = collector.awaitServers(2);
        List<Span> clients = collector.awaitClients(3);
        assertThat(collector.spans())
                .hasSize(5)
                .extracting(TestCollector::traceId)
                .containsOnly(traceId(servers.get(0)));
        Span root = only(servers, span -> parentId(span).isEmpty());
        Span toInner = only(clients, span -> parentId(span).equals(id(root)));
        Span within = only(servers, span -> parentId(span).equals(id(toInner)));
        List<Span> tries = clients.stream()
                .filter(span -> parentId(span).equals(id(within)))
                .toList();
        assertThat(tries).hasSize(2);
        Span failed = only(tries, span -> !attributes(span).containsKey("http.request.resend_count"));
        Span answered = only(tries, span -> attributes(span).containsKey("http.request.resend_count"));

        assertThat(root.getName()).isEqualTo("GET /cart");
        assertThat(failed.getName()).isEqualTo("shop.internal:80/*");
        assertThat(attributes(root))
                .containsEntry("http.request.method", "GET")
                .containsEntry("http.route", "/cart")
                .containsEntry("url.path", "/cart/7")
                .containsEntry("url.query", "q=1")
                .containsEntry("url.scheme", "http")
                .containsEntry("server.address", "shop.example")
                .containsEntry("http.response.status_code", "200")
                .containsEntry("http.response.body.size", "2")
                .containsEntry("network.protocol.name", "http")
                .containsEntry("network.protocol.version", "1.1")
                .containsEntry("network.peer.address", "127.0.0.1")
                .containsEntry("user_agent.original", "test")
                .containsEntry("component", "proxy")
                .containsEntry("response_flags", "-")
                .containsEntry("upstream_cluster", "outbound|80||shop.internal")
                .containsEntry("istio.namespace", "default")
                .containsEntry("istio.mesh_id", "unknown")
                .containsKey("guid:x-request-id")
                .containsKey("istio.canonical_service");
        assertThat(root.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
        assertThat(attributes(failed))
                .containsEntry("http.response.status_code", "503")
                .containsEntry("error.type", "503")
                .containsEntry("upstream_address", "127.0.0.1:" + service.port())
                .containsEntry("network.peer.port", Integer.toString(service.port()))
                .containsEntry("url.full", "http://shop.example/cart/7?q=1");
        assertThat(failed.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
        assertThat(attributes(answered))
                .containsEntry("http.request.resend_count", "1")
                .containsEntry("http.response.status_code", "200");
        assertThat(answered.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
        for (Span child : tries) {
            assertThat(child.getStartTimeUnixNano()).isGreaterThanOrEqualTo(within.getStartTimeUnixNano());
            assertThat(child.getEndTimeUnixNano()).isLessThanOrEqualTo(within.getEndTimeUnixNano());
        }
        assertThat(answered.getStartTimeUnixNano()).isGreaterThanOrEqualTo(failed.getEndTimeUnixNano());
        // Each attempt names its own span to the service.
        assertThat(service.received())
                .containsSubsequence(id(failed), "x-envoy-attempt-count: 1")
                .contains(id(answered))
                .contains(traceId(root));
        Map<String, String> resource = attributes(collector
                .requests()
                .getFirst()
                .getResourceSpans(0)
                .getResource()
                .getAttributesList());
        assertThat(resource)
                .containsEntry("service.name", "sallyport")
                .containsEntry("service.namespace", "default")
                .containsEntry("telemetry.sdk.name", "sallyport");
    }

    private static Span only(List<Span> spans, java.util.function.Predicate<Span> which) {
        List<Span> found = spans.stream().filter(which).toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    @Test
    void aTraceIsContinuedInTheFormatsThatAreSet() throws Exception {
        TestCollector collector = collector(true);
        RawUpstream service = opened(RawUpstream.ok("ok"));
        TestGateway gateway = opened(TestGateway.builder()
                .tracing(collector)
                .tracing("propagators", "b3,tracecontext")
                .start(configuration(service.port())));

        RawClient.exchange(
                gateway.port(80),
                get("traceparent: 00-" + TRACE + "-" + SPAN + "-01", "tracestate: a=1,b=2", "baggage: k=v"));

        Span server = collector.awaitServers(1).getFirst();
        Span client = collector.awaitClients(1).getFirst();
        assertThat(traceId(server)).isEqualTo(TRACE);
        assertThat(parentId(server)).isEqualTo(SPAN);
        assertThat(server.getTraceState()).isEqualTo("a=1,b=2");
        assertThat(field(service.received(), "traceparent")).isEqualTo("00-" + TRACE + "-" + id(client) + "-01");
        assertThat(field(service.received(), "b3")).isEqualTo(TRACE + "-" + id(client) + "-1");
        assertThat(field(service.received(), "tracestate")).isEqualTo("a=1,b=2");
        assertThat(field(service.received(), "baggage")).isEqualTo("k=v");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: " + "STATE",
                "traceparent: broken",
                "traceparent: 00-00000000000000000000000000000000-0000000000000000-00",
                "traceparent: ",
                "b3: d-d-d-d",
                "x-b3-traceid: \u00ff",
            })
    void noContextIsEverRefused(String fields) throws Exception {
        TestCollector collector = collector(false);
        RawUpstream service = opened(RawUpstream.ok("ok"));
        TestGateway gateway = opened(TestGateway.builder()
                .tracing(collector)
                .tracing("propagators", "tracecontext,b3,b3multi")
                .start(configuration(service.port())));

        String sent = get(fields.replace("STATE", "a=" + "x".repeat(10 << 10)));
        assertThat(RawClient.exchange(gateway.port(80), sent)).startsWith("HTTP/1.1 200 ");

        String traceparent = field(service.received(), "traceparent");
        assertThat(traceparent).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]");
        assertThat(service.received())
                .doesNotContain("broken")
                .doesNotContain("d-d-d-d")
                .doesNotContain("xxxx");
        boolean continued = fields.contains(TRACE);
        assertThat(traceparent.contains(TRACE)).isEqualTo(continued);
        assertThat(traceparent.endsWith("-00")).isEqualTo(fields.endsWith("-00") && continued);
    }

    @Test
    void withoutACollectorTheHeadersPassAsTheyCome() throws Exception {
        RawUpstream service = opened(RawUpstream.ok("ok"));
        TestGateway gateway = opened(TestGateway.serving(configuration(service.port())));

        RawClient.exchange(gateway.port(80), get("traceparent: broken", "tracestate: a", "b3: 7"));

        assertThat(service.received()).contains("traceparent: broken\r\n", "tracestate: a\r\n", "b3: 7\r\n");
        assertThat(gateway.firstFacts().trace).isNull();
    }

    @Test
    void theAccessLogHasTheIds() throws Exception {
        TestCollector collector = collector(true);
        RawUpstream service = opened(RawUpstream.ok("ok"));
        TestGateway gateway = opened(TestGateway.builder().tracing(collector).start(configuration(service.port())));

        RawClient.exchange(gateway.port(80), get());

        Span server = collector.awaitServers(1).getFirst();
        RequestFacts facts = gateway.firstFacts();
        assertThat("%016x%016x".formatted(facts.trace.high, facts.trace.low)).isEqualTo(traceId(server));
        assertThat("%016x".formatted(facts.trace.spanId)).isEqualTo(id(server));
    }

    @Test
    void aRequestThatReachesNobodyHasTheAttemptsThatFailed() throws Exception {
        TestCollector collector = collector(true);
        int closed = ClosedPort.number();
        TestGateway gateway = opened(TestGateway.builder()
                .tracing(collector)
                .start(configuration(closed, "retries: {attempts: 1, retryOn: connect-failure}")));

        assertThat(RawClient.exchange(gateway.port(80), get())).startsWith("HTTP/1.1 503 ");

        Span server = collector.awaitServers(1).getFirst();
        List<Span> clients = collector.awaitClients(2);
        assertThat(attributes(server))
                .containsEntry("response_flags", "UF,URX")
                .containsEntry("http.response.status_code", "503")
                .containsEntry("error.type", "UF");
        assertThat(server.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
        assertThat(clients).hasSize(2).allSatisfy(client -> {
            assertThat(attributes(client))
                    .containsEntry("error.type", "UF")
                    .doesNotContainKey("http.response.status_code");
            assertThat(client.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
        });
    }

    @Test
    void aRequestThatIsAnsweredHereHasASpanOfItsOwn() throws Exception {
        TestCollector collector = collector(true);
        TestGateway gateway = opened(TestGateway.builder().tracing(collector).start(configuration(1)));

        String request = get().replace("/cart", "/nowhere");
        assertThat(RawClient.exchange(gateway.port(80), request)).startsWith("HTTP/1.1 404 ");

        Span server = collector.awaitServers(1).getFirst();
        assertThat(server.getName()).isEqualTo("GET");
        assertThat(attributes(server))
                .containsEntry("response_flags", "NR")
                .containsEntry("response_code_details", "route_not_found")
                .doesNotContainKey("error.type");
    }

    @Test
    void copiesOfARequestAreChildrenOfIt() throws Exception {
        TestCollector collector = collector(true);
        RawUpstream service = opened(RawUpstream.ok("ok"));
        RawUpstream audit = opened(RawUpstream.answering("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"));
        TestGateway gateway = opened(TestGateway.builder()
                .tracing(collector)
                .start(configuration(service.port(), "mirror: {host: audit.internal, port: {number: 80}}")
                        + Yaml.service("audit.internal", audit.port())));

        RawClient.exchange(gateway.port(80), get());

        Span server = collector.awaitServers(1).getFirst();
        List<Span> clients = collector.awaitClients(2);
        assertThat(clients).allSatisfy(client -> assertThat(parentId(client)).isEqualTo(id(server)));
        Span copy = only(clients, client -> client.getName().equals("audit.internal:80/*"));
        assertThat(attributes(copy))
                .containsEntry("http.response.status_code", "500")
                .containsEntry("upstream_address", "127.0.0.1:" + audit.port());
        assertThat(field(audit.received(), "traceparent")).isEqualTo("00-" + traceId(server) + "-" + id(copy) + "-01");
    }

    @ParameterizedTest
    @CsvSource({"hello, 0, false, false", "status 14, 14, true, true", "late 5, 5, false, true"})
    void aCallOfGrpcHasItsStatus(String message, int status, boolean serverFailed, boolean clientFailed)
            throws Exception {
        TestCollector collector = collector(true);
        GrpcEcho echo = opened(GrpcEcho.start());
        TestGateway gateway = opened(TestGateway.builder()
                .tracing(collector)
                .start(Yaml.httpGateway("*")
                        + Yaml.service("echo.internal", "GRPC", echo.port())
                        + Yaml.forwardAll("grpc.example", "echo.internal")));
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", gateway.port(80))
                .usePlaintext()
                .overrideAuthority("grpc.example")
                .build();
        try {
            ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, message);
        } catch (StatusRuntimeException expected) {
            assertThat(expected.getStatus().getCode().value()).isEqualTo(status);
        } finally {
            channel.shutdownNow();
        }

        Span server = collector.awaitServers(1).getFirst();
        Span client = collector.awaitClients(1).getFirst();
        for (Span span : List.of(server, client)) {
            assertThat(attributes(span))
                    .containsEntry("rpc.system", "grpc")
                    .containsEntry("rpc.grpc.status_code", Integer.toString(status))
                    .containsEntry("grpc.status_code", Integer.toString(status))
                    .containsEntry("network.protocol.version", "2");
        }
        assertThat(server.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR).isEqualTo(serverFailed);
        assertThat(client.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR).isEqualTo(clientFailed);
    }

    @Test
    void tunnelsAndConnectionsHaveOneSpan() throws Exception {
        TestCollector collector = collector(true);
        RawUpstream service = opened(RawUpstream.ok("ok"));
        TestGateway gateway = opened(TestGateway.builder()
                .tracing(collector)
                .mesh(EgressMode.REGISTRY_ONLY)
                .start(Yaml.forwardBytes("bytes.internal")
                        + Yaml.service("bytes.internal", "TCP", service.port())
                        + Yaml.service("shop.internal", "TCP", service.port())));

        try (RawClient client = new RawClient(gateway.port(9000))) {
            client.send(get()).readResponse();
        }
        try (RawClient client = new RawClient(gateway.port(TestGateway.MESH_PORT))) {
            client.send("CONNECT shop.internal:80 HTTP/1.1\r\nHost: shop.internal:80\r\n\r\n");
            client.readHead();
            client.send(get()).readResponse();
        }

        List<Span> spans = collector.awaitServers(2);
        assertThat(spans).allSatisfy(span -> assertThat(parentId(span)).isEmpty());
        assertThat(spans).extracting(Span::getName).containsExactlyInAnyOrder("TCP bytes.internal:80/*", "CONNECT");
        assertThat(collector.spans()).extracting(Span::getKind).containsOnly(SpanKind.SPAN_KIND_SERVER);
        assertThat(attributes(only(spans, span -> span.getName().startsWith("TCP"))))
                .containsEntry("upstream_address", "127.0.0.1:" + service.port())
                .containsEntry("response_flags", "-")
                .doesNotContainKey("http.request.method");
    }

    @Test
    void nothingIsSampledAtZeroPercentUnlessTheCallerSaysSo() throws Exception {
        TestCollector collector = collector(true);
        RawUpstream service = opened(RawUpstream.ok("ok"));
        TestGateway gateway = opened(TestGateway.builder()
                .tracing(collector)
                .tracing("sampler", "parentbased_always_off")
                .start(configuration(service.port())));

        RawClient.exchange(gateway.port(80), get("x-envoy-force-trace: 1", "x-client-trace-id: 7"));
        assertThat(field(service.received(), "traceparent")).endsWith("-00");
        RawClient.exchange(gateway.port(80), get("traceparent: 00-" + TRACE + "-" + SPAN + "-01"));

        assertThat(traceId(collector.awaitServers(1).getFirst())).isEqualTo(TRACE);
        assertThat(collector.spans()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"true, gzip", "false, gzip", "true, none"})
    void headersAndCompressionReachTheCollector(boolean grpc, String compression) throws Exception {
        TestCollector collector = collector(grpc);
        TestGateway gateway = opened(TestGateway.builder()
                .tracing(collector)
                .tracing("compression", compression)
                .tracing("headers", "api-key=s%20ecret,x-tenant=a")
                .tracing("service-name", "edge")
                .tracing("resource-attributes", "deployment.environment=test,service.name=other")
                .start(configuration(1)));

        RawClient.exchange(gateway.port(80), get());

        collector.awaitServers(1);
        assertThat(collector.metadata())
                .containsEntry("api-key", "s ecret")
                .containsEntry("x-tenant", "a")
                .containsEntry(
                        ":path", grpc ? "/opentelemetry.proto.collector.trace.v1.TraceService/Export" : "/v1/traces");
        if (compression.equals("gzip")) {
            assertThat(collector.metadata()).containsEntry(grpc ? "grpc-encoding" : "content-encoding", "gzip");
        }
        assertThat(attributes(collector
                        .requests()
                        .getFirst()
                        .getResourceSpans(0)
                        .getResource()
                        .getAttributesList()))
                .containsEntry("service.name", "edge")
                .containsEntry("deployment.environment", "test");
    }

    @Test
    void aCollectorThatRefusesAtFirstGetsTheSpansLater() throws Exception {
        TestCollector collector = collector(true).refusing(1);
        TestGateway gateway = opened(TestGateway.builder().tracing(collector).start(configuration(1)));

        RawClient.exchange(gateway.port(80), get());

        assertThat(collector.awaitServers(1)).hasSize(1);
        assertThat(collector.calls()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"away", "black hole", "garbage"})
    void aCollectorThatDoesNotAnswerCostsRequestsNothing(String how) throws Exception {
        RawUpstream service = opened(RawUpstream.ok("ok"));
        RawUpstream collector = opened(RawUpstream.start(connection -> {
            if (how.equals("garbage")) {
                connection.write("\u0015\u0003\u0001 not gRPC at all\r\n\r\n");
            }
            while (connection.read() >= 0) {
                continue;
            }
        }));
        if (how.equals("away")) {
            collector.close();
        }
        TestGateway gateway = opened(TestGateway.builder()
                .tracing("endpoint", "http://127.0.0.1:" + collector.port())
                .tracing("sampler", "always_on")
                .tracing("timeout", "500")
                .tracing("queue", "16")
                .start(configuration(service.port())));

        try (RawClient client = new RawClient(gateway.port(80))) {
            String request = get().replace("Connection: close\r\n", "");
            for (int i = 0; i < 300; i++) {
                assertThat(client.send(request).readResponse()).startsWith("HTTP/1.1 200 ");
            }
        }
        assertThat(gateway.facts().stream().map(facts -> facts.method.toLowerCase(Locale.ROOT)))
                .contains("get");
    }
}
