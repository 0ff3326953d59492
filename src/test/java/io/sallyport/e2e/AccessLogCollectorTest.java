package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.logs.v1.LogRecord;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCollector;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Telemetry's `accessLogging` with MeshConfig's `envoyOtelAls` providers.
class AccessLogCollectorTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final TestCollector collector = TestCollector.grpc();
    private final RawUpstream service = RawUpstream.ok("ok");
    private TestGateway gateway;

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
        service.close();
        collector.close();
    }

    private String configuration(int collectorPort, String mesh, String accessLogging) {
        return Yaml.httpGateway("*")
                + Yaml.service("shop.internal", service.port())
                + Yaml.forwardAll("shop.example", "shop.internal")
                + Yaml.service("otel.internal", "GRPC", collectorPort)
                + """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: istio, namespace: istio-system}
                data:
                  mesh: |
                    extensionProviders:
                    - name: otel
                      envoyOtelAls:
                        service: otel.internal
                        port: 80
                        logName: edge
                        logFormat:
                          text: "%%REQ(x-id)%% %%RESPONSE_CODE%%"
                          labels: {agent: "by %%REQ(user-agent)%%", type: "%%RESP(content-type)%%", method: "%%REQ(:METHOD)%%"}
                    - name: usual
                      envoyOtelAls: {service: otel.internal, port: 80}
                    - name: traces
                      opentelemetry: {service: otel.internal, port: 80}
                %s
                ---
                apiVersion: telemetry.istio.io/v1
                kind: Telemetry
                metadata: {name: logs}
                spec:
                %s
                """.formatted(
                        mesh.indent(4).stripTrailing(), accessLogging.indent(2).stripTrailing());
    }

    private void serve(String mesh, String accessLogging) {
        gateway = TestGateway.serving(configuration(collector.port(), mesh, accessLogging));
    }

    private void ask(int version, String host, String id) throws IOException {
        String parent = "00-" + TRACE + "-00f067aa0ba902b7-00";
        if (version == 2) {
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
                client.get("http", host, "/a", "x-id", id, "user-agent", "a \"b\" c", "traceparent", parent);
            }
        } else {
            RawClient.exchange(
                    gateway.port(80),
                    "GET /a HTTP/1.1\r\nHost: " + host + "\r\nX-Id: " + id
                            + "\r\nUser-Agent: a \"b\" c\r\nTraceparent: " + parent
                            + "\r\nConnection: close\r\n\r\n");
        }
    }

    private static List<String> bodies(List<LogRecord> records) {
        return records.stream()
                .map(record -> record.getBody().getStringValue())
                .sorted()
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aProviderGetsARecordOfEachRequest(int version) throws Exception {
        serve(
                "",
                "accessLogging: [{providers: [{name: otel}]}]\n"
                        + "tracing: [{providers: [{name: traces}], randomSamplingPercentage: 0}]");

        ask(version, "shop.example", "one");
        LogRecord record = collector.awaitRecords(1).getFirst();
        ask(version, "other.example", "two");

        assertThat(bodies(collector.awaitRecords(2))).containsExactly("one 200", "two 404");
        assertThat(TestCollector.attributes(record.getAttributesList()))
                .isEqualTo(Map.of("agent", "by a \"b\" c", "type", "-", "method", "GET"));
        assertThat(HexFormat.of().formatHex(record.getTraceId().toByteArray())).isEqualTo(TRACE);
        assertThat(record.getSpanId().isEmpty()).isTrue();
        assertThat(record.getFlags()).isZero();
        assertThat(TestCollector.attributes(collector
                        .logs()
                        .getFirst()
                        .getResourceLogs(0)
                        .getResource()
                        .getAttributesList()))
                .containsEntry("log_name", "edge")
                .containsKey("service.name");
        assertThat(collector.spans()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void withoutAFormatTheLineIsTheUsualOne(int version) throws Exception {
        serve("defaultProviders: {accessLogging: [usual]}", "{}");

        ask(version, "shop.example", "one");

        LogRecord record = collector.awaitRecords(1).getFirst();
        assertThat(record.getBody().getStringValue())
                .contains(" \"GET /a HTTP/" + (version == 1 ? "1.1" : "2") + "\" 200 - via_upstream ")
                .doesNotContain("\n");
        assertThat(record.getAttributesCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aFilterSaysWhichRequestsAreRecorded(int version) throws Exception {
        serve("", """
                accessLogging:
                - providers: [{name: otel}]
                  filter: {expression: "response.code >= 400 && request.headers['x-id'] == 'two'"}
                - providers: [{name: usual}]
                  match: {mode: SERVER}
                """);

        ask(version, "shop.example", "two");
        ask(version, "other.example", "one");
        ask(version, "other.example", "two");

        assertThat(bodies(collector.awaitRecords(1))).containsExactly("two 404");
    }

    @Test
    void twoProvidersAtOneServiceGetTheirOwn() throws Exception {
        serve("", "accessLogging: [{providers: [{name: otel}, {name: usual}]}]");

        ask(1, "shop.example", "one");

        assertThat(collector.awaitRecords(2)).hasSize(2);
        assertThat(collector.logs())
                .flatExtracting(request -> request.getResourceLogsList())
                .extracting(each -> TestCollector.attributes(each.getResource().getAttributesList())
                        .get("log_name"))
                .containsExactlyInAnyOrder("edge", "otel_envoy_accesslog");
    }

    @Test
    void aConnectionIsRecordedAtItsEnd() throws Exception {
        String http = Yaml.httpGateway("*")
                + Yaml.service("shop.internal", service.port())
                + Yaml.forwardAll("shop.example", "shop.internal");
        gateway =
                TestGateway.serving(configuration(collector.port(), "", "accessLogging: [{providers: [{name: usual}]}]")
                                .replace(http, "")
                        + "---\n"
                        + Yaml.service("bytes.internal", "TCP", service.port())
                        + Yaml.forwardBytes("bytes.internal"));

        try (RawClient client = new RawClient(gateway.port(9000))) {
            client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").readResponse();
        }

        assertThat(collector.awaitRecords(1).getFirst().getBody().getStringValue())
                .contains("outbound|80||bytes.internal");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void requestsAreAnsweredWhileTheCollectorRefuses(int version) throws Exception {
        collector.refusing(1);
        serve("", "accessLogging: [{providers: [{name: otel}]}]");

        ask(version, "shop.example", "one");
        ask(version, "shop.example", "two");

        assertThat(bodies(collector.awaitRecords(2))).containsExactly("one 200", "two 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"away", "black hole", "garbage"})
    void aCollectorThatDoesNotAnswerCostsRequestsNothing(String how) throws Exception {
        try (RawUpstream broken = RawUpstream.start(connection -> {
            if (how.equals("garbage")) {
                connection.write("\u0015\u0003\u0001 not gRPC at all\r\n\r\n");
            }
            while (connection.read() >= 0) {
                continue;
            }
        })) {
            if (how.equals("away")) {
                broken.close();
            }
            gateway = TestGateway.serving(
                    configuration(broken.port(), "", "accessLogging: [{providers: [{name: otel}]}]"));

            // More than wait for a collector.
            try (RawClient client = new RawClient(gateway.port(80));
                    RawHttp2Client http2 = new RawHttp2Client(gateway.port(80))) {
                for (int i = 0; i < 1_500; i++) {
                    assertThat(client.send("GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n")
                                    .readResponse())
                            .startsWith("HTTP/1.1 200 ");
                }
                assertThat(http2.get("http", "shop.example", "/a").status()).hasToString("200");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aProviderThatIsTurnedOffGetsNothing(int version) throws Exception {
        serve("", """
                accessLogging:
                - providers: [{name: otel}, {name: usual}]
                - providers: [{name: otel}]
                  disabled: true
                """);

        ask(version, "shop.example", "one");

        assertThat(bodies(collector.awaitRecords(1))).allMatch(body -> body.contains("via_upstream"));
    }
}
