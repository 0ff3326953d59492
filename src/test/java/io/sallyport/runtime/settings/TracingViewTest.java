package io.sallyport.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.otlp.CollectorEndpoint;
import io.sallyport.otlp.Instance;
import io.sallyport.trace.Collector;
import io.sallyport.trace.Propagation.Format;
import io.sallyport.trace.Sampler;
import io.sallyport.trace.TraceDefaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// OpenTelemetry's variables, as its specification has them, and the settings that stand for them.
class TracingViewTest {
    private static Settings otel(String... namesAndValues) throws SettingsException {
        Map<String, String> environment = new java.util.HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put("OTEL_" + namesAndValues[i], namesAndValues[i + 1]);
        }
        return SettingsLoader.load(Map.of(), environment, List.of());
    }

    private static CollectorEndpoint collector(String... namesAndValues) throws SettingsException {
        return Objects.requireNonNull(TracingView.collector(otel(namesAndValues)));
    }

    @Test
    void withoutAnEndpointNobodyGetsSpans() throws Exception {
        assertThat(TracingView.collector(otel())).isNull();
        assertThat(TracingView.defaults(otel()))
                .isEqualTo(new TraceDefaults(true, false, TraceDefaults.NONE.propagation(), Sampler.DEFAULT));
    }

    @ParameterizedTest
    @CsvSource({
        "ENDPOINT, http://collector:4317, grpc, collector:4317, collector, 4317, false, /v1/traces",
        "ENDPOINT, http://collector:4318, http/protobuf, collector:4318, collector, 4318, false, /v1/traces",
        "ENDPOINT, http://collector:4318/otlp/, http/protobuf, collector:4318, collector, 4318, false, /otlp/v1/traces",
        "TRACES_ENDPOINT, https://collector/as/it-is, http/protobuf, collector, collector, 443, true, /as/it-is",
        "TRACES_ENDPOINT, http://Collector, grpc, Collector, collector, 80, false, /",
        "TRACES_ENDPOINT, http://[::1]:4317, grpc, [::1]:4317, ::1, 4317, false, /",
    })
    void anEndpointIsAUrl(
            String name, String url, String protocol, String authority, String host, int port, boolean tls, String path)
            throws Exception {
        CollectorEndpoint endpoint = collector("EXPORTER_OTLP_" + name, url, "EXPORTER_OTLP_PROTOCOL", protocol);
        assertThat(endpoint.collector().authority()).isEqualTo(authority);
        assertThat(endpoint.collector().path()).isEqualTo(path);
        assertThat(endpoint.collector().protocol() == Collector.Protocol.GRPC).isEqualTo(protocol.equals("grpc"));
        assertThat(endpoint.host()).isEqualTo(host);
        assertThat(endpoint.port()).isEqualTo(port);
        assertThat(endpoint.tls()).isEqualTo(tls);
    }

    @Test
    void whatIsSaidOfTracesWinsOverWhatIsSaidOfAll() throws Exception {
        String[] all = {
            "EXPORTER_OTLP_ENDPOINT", "http://all:4317",
            "EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4318/x",
            "EXPORTER_OTLP_PROTOCOL", "grpc",
            "EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf",
            "EXPORTER_OTLP_HEADERS", "a=1",
            "EXPORTER_OTLP_TRACES_HEADERS", "Api-Key=a%20b+c%3D, x-t=2",
            "EXPORTER_OTLP_TIMEOUT", "1000",
            "EXPORTER_OTLP_TRACES_TIMEOUT", "2000",
            "EXPORTER_OTLP_TRACES_COMPRESSION", "gzip",
            "EXPORTER_OTLP_TRACES_CERTIFICATE", "/roots.pem"
        };
        CollectorEndpoint endpoint = collector(all);
        assertThat(endpoint.host()).isEqualTo("traces");
        assertThat(endpoint.roots()).isEqualTo(Path.of("/roots.pem"));
        assertThat(endpoint.collector())
                .isEqualTo(new Collector(
                        "",
                        "",
                        Collector.Protocol.HTTP_PROTOBUF,
                        "traces:4318",
                        "/x",
                        List.of(Map.entry("api-key", "a b+c="), Map.entry("x-t", "2")),
                        Duration.ofSeconds(2),
                        true));
    }

    @ParameterizedTest
    @CsvSource({"500, PT0.5S", "500ms, PT0.5S", "10s, PT10S", "2m, PT2M"})
    void timeoutsAreMillisecondsOrHaveAUnit(String text, Duration timeout) throws Exception {
        assertThat(collector("EXPORTER_OTLP_ENDPOINT", "http://c:1", "EXPORTER_OTLP_TIMEOUT", text)
                        .collector()
                        .timeout())
                .isEqualTo(timeout);
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', 1, true",
        "'', 0.25, 25, true",
        "always_on, '', 100, false",
        "always_off, 0.5, 0, false",
        "traceidratio, '', 100, false",
        "traceidratio, 0.0001, 0.01, false",
        "parentbased_always_on, 0.5, 100, true",
        "parentbased_always_off, '', 0, true",
        "parentbased_traceidratio, 0.5, 50, true",
    })
    void samplersAreOpenTelemetrys(String sampler, String argument, double percent, boolean asksCaller)
            throws Exception {
        TraceDefaults defaults = TracingView.defaults(otel(
                "EXPORTER_OTLP_ENDPOINT", "http://c:1", "TRACES_SAMPLER", sampler, "TRACES_SAMPLER_ARG", argument));
        assertThat(defaults.sampler()).isEqualTo(new Sampler(percent, asksCaller));
        assertThat(defaults.hasCollector()).isTrue();
    }

    @Test
    void propagatorsAreReadInTheirOrder() throws Exception {
        assertThat(TracingView.defaults(otel("PROPAGATORS", "b3multi, baggage,tracecontext,b3,b3"))
                        .propagation()
                        .formats())
                .containsExactly(Format.B3MULTI, Format.TRACECONTEXT, Format.B3);
        assertThat(TracingView.defaults(otel("PROPAGATORS", "none"))
                        .propagation()
                        .formats())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"SDK_DISABLED, true, false", "TRACES_EXPORTER, none, true"})
    void anExporterThatIsOffGetsNothing(String name, String value, boolean enabled) throws Exception {
        Settings settings = otel("EXPORTER_OTLP_ENDPOINT", "http://c:1", name, value);
        assertThat(TracingView.collector(settings)).isNull();
        assertThat(TracingView.defaults(settings).enabled()).isEqualTo(enabled);
    }

    @Test
    void theReportingServiceHasANameAndAttributes() throws Exception {
        Instance named = TracingView.instance(
                otel("SERVICE_NAME", "edge", "RESOURCE_ATTRIBUTES", "service.name=other,deployment.environment=a%2Cb"));
        assertThat(named.service()).isEqualTo("edge");
        assertThat(named.attributes()).containsExactly(Map.entry("deployment.environment", "a,b"));
        assertThat(TracingView.instance(otel("RESOURCE_ATTRIBUTES", "service.name=other"))
                        .service())
                .isEqualTo("other");
        assertThat(TracingView.instance(otel()).service()).isEqualTo("sallyport");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TRACES_EXPORTER | zipkin | tracing.exporter | must be otlp or none",
                "EXPORTER_OTLP_ENDPOINT | collector:4317 | tracing.base-endpoint | must be http://host:port",
                "EXPORTER_OTLP_ENDPOINT | ftp://c | tracing.base-endpoint | must be http://host:port",
                "EXPORTER_OTLP_ENDPOINT | http://u:p@c:1 | tracing.base-endpoint | must be http://host:port",
                "EXPORTER_OTLP_TRACES_ENDPOINT | http://c:99999 | tracing.endpoint | must be http://host:port",
                "EXPORTER_OTLP_TRACES_ENDPOINT | http://c/?q | tracing.endpoint | must be http://host:port",
                "EXPORTER_OTLP_PROTOCOL | http/json | tracing.protocol | must be grpc or http/protobuf",
                "EXPORTER_OTLP_HEADERS | a | tracing.headers | \"a\" is not key=value",
                "EXPORTER_OTLP_HEADERS | a b=c | tracing.headers | is not a header",
                "EXPORTER_OTLP_HEADERS | a=%0d%0ab | tracing.headers | is not a header",
                "EXPORTER_OTLP_HEADERS | a=%zz | tracing.headers | Illegal hex",
                "EXPORTER_OTLP_TIMEOUT | soon | tracing.timeout | must be milliseconds",
                "EXPORTER_OTLP_TIMEOUT | 0 | tracing.timeout | must be milliseconds",
                "EXPORTER_OTLP_COMPRESSION | zstd | tracing.compression | must be gzip or none",
                "RESOURCE_ATTRIBUTES | =b | tracing.resource-attributes | is not key=value",
                "TRACES_SAMPLER | jaeger_remote | tracing.sampler | must be always_on",
                "TRACES_SAMPLER_ARG | 2 | tracing.sampler-arg | must be a number from 0 to 1",
                "TRACES_SAMPLER_ARG | NaN | tracing.sampler-arg | must be a number from 0 to 1",
                "PROPAGATORS | xray | tracing.propagators | \"xray\" is not supported",
            })
    void aWrongOneIsNamed(String name, String value, String key, String reason) {
        try {
            otel(name, value);
        } catch (SettingsException refused) {
            assertThat(refused.problems()).singleElement().satisfies(problem -> {
                assertThat(problem.key()).isEqualTo("sallyport." + key);
                assertThat(problem.reason()).contains(reason);
            });
            return;
        }
        throw new AssertionError(name + "=" + value + " was taken");
    }
}
