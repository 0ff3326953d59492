package io.sallyport.e2e;

import static io.sallyport.testing.TestCollector.attributes;
import static io.sallyport.testing.TestCollector.traceId;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.trace.v1.Span;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCollector;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Telemetry's `tracing`, with MeshConfig's providers.
class TelemetryTest {
    private static final String SAMPLED = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";

    private final TestCollector collector = TestCollector.grpc();
    private final TestCollector web = TestCollector.http();
    private final RawUpstream service = RawUpstream.ok("ok");
    private TestGateway gateway;

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
        service.close();
        collector.close();
        web.close();
    }

    private String configuration(String... telemetries) {
        return Yaml.httpGateway("*")
                + Yaml.service("shop.internal", service.port())
                + Yaml.forwardAll("shop.example", "shop.internal")
                + Yaml.service("otel.internal", "GRPC", collector.port())
                + Yaml.service("web.internal", web.port())
                + """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: istio, namespace: istio-system}
                data:
                  mesh: |
                    extensionProviders:
                    - name: otel
                      opentelemetry: {service: otel.internal, port: 80, grpc: {initialMetadata: [{name: X-Key, value: k}]}}
                    - name: web
                      opentelemetry: {service: web.internal, port: 80, maxTagLength: 8, http: {path: /here}}
                """
                + String.join("", telemetries);
    }

    private static String telemetry(String namespace, String attachment, String... fields) {
        return Yaml.telemetry(namespace, attachment, "tracing", "- " + String.join("\n  ", fields));
    }

    private void serve(String... telemetries) {
        gateway = TestGateway.builder()
                .tracing("sampler", "parentbased_always_off")
                .start(configuration(telemetries));
    }

    private void ask(String... fields) throws Exception {
        String request = "GET /a/long/path HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n"
                + String.join("", fields) + "\r\n";
        assertThat(RawClient.exchange(gateway.port(80), request)).startsWith("HTTP/1.1 200 ");
    }

    private static final String ALL = "randomSamplingPercentage: 100";
    private static final String OTEL = "providers: [{name: otel}]";

    @Test
    void aProviderIsAServiceOfTheMesh() throws Exception {
        serve(telemetry("default", "", OTEL, ALL));

        ask();

        assertThat(collector.awaitServers(1)).hasSize(1);
        assertThat(collector.metadata()).containsEntry("x-key", "k");
    }

    @Test
    void aProviderMayTakeSpansByHttp() throws Exception {
        serve(telemetry("default", "", "providers: [{name: web}]", ALL));

        ask();

        Span server = web.awaitServers(1).getFirst();
        assertThat(web.metadata()).containsEntry(":path", "/here");
        assertThat(attributes(server)).containsEntry("url.path", "/a/long/");
    }

    @Test
    void theNarrowerReplacesWhatTheWiderSays() throws Exception {
        serve(
                telemetry(
                        "istio-system",
                        "",
                        "providers: [{name: web}]",
                        ALL,
                        "customTags: {wide: {literal: {value: a}}}"),
                telemetry(
                        "default",
                        "",
                        "customTags: {own: {literal: {value: b}}, user: {header: {name: X-User}},"
                                + " home: {environment: {name: NO_SUCH_VARIABLE, defaultValue: c}}}"),
                telemetry(
                        "default", "selector: {matchLabels: {istio: ingressgateway}}", OTEL, "enableIstioTags: false"),
                telemetry("default", "selector: {matchLabels: {istio: other}}", "randomSamplingPercentage: 0"));

        ask("x-user: ann\r\n");

        Span server = collector.awaitServers(1).getFirst();
        assertThat(attributes(server))
                .containsAllEntriesOf(Map.of("own", "b", "user", "ann", "home", "c"))
                .doesNotContainKeys("wide", "istio.namespace");
        assertThat(web.spans()).isEmpty();
    }

    @Test
    void tagsMayBeSaidByTheOperatorsOfTheAccessLog() throws Exception {
        serve(telemetry(
                "default",
                "",
                OTEL,
                ALL,
                "customTags: {user: {formatter: {value: '<%REQ(X-USER)%>'}},"
                        + " agent: {formatter: {value: '%REQ(USER-AGENT)%'}},"
                        + " outcome: {formatter: {value: '%RESPONSE_CODE% %RESPONSE_CODE_DETAILS%'}},"
                        + " type: {formatter: {value: '%RESP(X-KIND)%'}},"
                        + " client: {formatter: {value: '%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%'}}}"));

        ask("x-user: ann \"a\" \\\r\n");

        assertThat(attributes(collector.awaitServers(1).getFirst()))
                .containsAllEntriesOf(
                        Map.of("user", "<ann \"a\" \\>", "outcome", "200 via_upstream", "client", "127.0.0.1"))
                .doesNotContainKeys("agent", "type");
        assertThat(attributes(collector.awaitClients(1).getFirst())).containsEntry("outcome", "200 via_upstream");
    }

    /// What is not sampled has nothing to say it of.
    @Test
    void tagsByOperatorsCostNothingWhereThereIsNoSpan() throws Exception {
        serve(telemetry(
                "default",
                "",
                OTEL,
                "randomSamplingPercentage: 0",
                "customTags: {user: {formatter: {value: '%REQ(X-USER)%'}}}"));

        ask("x-user: ann\r\n");

        assertThat(gateway.firstFacts().log).isNull();
    }

    @Test
    void aGatewayMayHaveItsOwn() throws Exception {
        String target = "targetRefs: [{group: networking.istio.io, kind: Gateway, name: edge}]";
        serve(
                telemetry("istio-system", "", "providers: [{name: web}]", "randomSamplingPercentage: 0"),
                telemetry("default", target, OTEL, ALL));

        ask();

        assertThat(collector.awaitServers(1)).hasSize(1);
        assertThat(web.spans()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"CLIENT, true", "CLIENT_AND_SERVER, true", "SERVER, false"})
    void aGatewayIsAClientOfWhatItForwardsTo(String mode, boolean traced) throws Exception {
        serve(telemetry("default", "", "match: {mode: " + mode + "}", OTEL, ALL));

        ask();

        assertThat(gateway.firstFacts().trace != null).isEqualTo(traced);
    }

    @Test
    void spansThatAreNotReportedLeaveTheTraceAsItCame() throws Exception {
        serve(telemetry("default", "", OTEL, ALL, "disableSpanReporting: true"));

        ask(SAMPLED);
        ask();

        assertThat(service.received()).contains(SAMPLED);
        assertThat(service.received().substring(service.received().indexOf("\r\n\r\n")))
                .containsPattern("traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\r\n");
        assertThat(collector.spans()).isEmpty();
    }

    @Test
    void anEgressGatewayMayKeepTheTraceToItself() throws Exception {
        serve(telemetry("default", "", OTEL, "disableContextPropagation: true"));

        ask(SAMPLED, "tracestate: a=1\r\n", "b3: 1\r\n", "baggage: a=1\r\n");

        assertThat(traceId(collector.awaitServers(1).getFirst())).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(service.received())
                .doesNotContain("traceparent")
                .doesNotContain("tracestate")
                .doesNotContain("b3:")
                .contains("baggage: a=1\r\n");
    }

    @Test
    void aChangeHoldsForTheNextRequest() throws Exception {
        serve(telemetry("default", "", OTEL, "randomSamplingPercentage: 0"));
        ask();
        assertThat(gateway.firstFacts().trace).isNotNull();

        assertThat(gateway.apply(configuration(telemetry("default", "", "providers: [{name: web}]", ALL)))
                        .applied())
                .isTrue();
        ask();
        assertThat(web.awaitServers(1)).hasSize(1);

        assertThat(gateway.apply(configuration()).applied()).isTrue();
        ask(SAMPLED);
        assertThat(service.received()).contains(SAMPLED);
        assertThat(web.awaitServers(1)).hasSize(1);
        assertThat(collector.spans()).isEmpty();
    }

    @Test
    void aProviderThatIsUnknownTracesNothing() throws Exception {
        serve(telemetry("default", "", "providers: [{name: nobody}]", ALL));

        ask("traceparent: as it is\r\n");

        assertThat(service.received()).contains("traceparent: as it is\r\n");
        assertThat(gateway.firstFacts().trace).isNull();
    }

    @Test
    void theMeshsDefaultProviderNeedsNoTelemetry() throws Exception {
        gateway = TestGateway.builder()
                .tracing("sampler", "always_on")
                .start(configuration()
                        .replace(
                                "    extensionProviders:",
                                "    defaultProviders: {tracing: [otel]}\n    extensionProviders:"));

        ask();

        assertThat(collector.awaitServers(1)).hasSize(1);
    }

    @Test
    void nothingIsTracedWhereTheSettingsSaySo() throws Exception {
        gateway = TestGateway.builder()
                .tracing("disabled", "true")
                .start(configuration(telemetry("default", "", OTEL, ALL)));

        ask("traceparent: as it is\r\n");

        assertThat(service.received()).contains("traceparent: as it is\r\n");
        assertThat(gateway.firstFacts().trace).isNull();
    }
}
