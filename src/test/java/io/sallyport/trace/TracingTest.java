package io.sallyport.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.SpanOptions;
import io.sallyport.trace.Propagation.Format;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TracingTest {
    private static final AsciiString TRACEPARENT = AsciiString.of("traceparent");
    private static final String SAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final String UNSAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    private final SplittableRandom random = new SplittableRandom(42);

    private static Tracing tracing(double percent, boolean asksCaller, CustomTag... tags) {
        return new Tracing(
                new Propagation(List.of(Format.TRACECONTEXT)),
                new Sampler(percent, asksCaller),
                true,
                List.of(tags),
                new SpanOptions("", true, 256));
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0.01, 30, 180", "1, 9500, 10500", "50, 497500, 502500", "100, 1000000, 1000000"})
    void soManyOfAMillionAreSampled(double percent, int least, int most) {
        Tracing tracing = tracing(percent, true);
        int sampled = 0;
        for (int i = 0; i < 1_000_000; i++) {
            sampled += tracing.begin(new Headers(4), false, random).sampled ? 1 : 0;
        }
        assertThat(sampled).isBetween(least, most);
    }

    @ParameterizedTest
    @CsvSource({
        "0, true, " + SAMPLED + ", true",
        "100, true, " + UNSAMPLED + ", false",
        "0, false, " + SAMPLED + ", false",
        "100, false, " + UNSAMPLED + ", true",
    })
    void theCallersDecisionIsRespectedWhereTheSamplerAsks(
            double percent, boolean asksCaller, String traceparent, boolean sampled) {
        Headers headers = new Headers().add(TRACEPARENT, traceparent);
        RequestTrace trace = tracing(percent, asksCaller).begin(headers, false, random);
        assertThat(trace.sampled).isEqualTo(sampled);
    }

    @Test
    void connectionsHaveTheTagsThatNeedNoRequest() {
        CustomTag[] tags = {
            new CustomTag("zone", null, "a"), new CustomTag("tenant", AsciiString.of("x-tenant"), "nobody")
        };
        assertThat(tracing(100, true, tags).begin(random).tags).containsExactly(Map.entry("zone", "a"));
        assertThat(tracing(0, true, tags).begin(random).tags).isEmpty();
    }

    @Test
    void whatIsNotSampledPassesAsItCame() {
        Tracing tracing = tracing(100, true);
        Headers headers = new Headers().add(TRACEPARENT, UNSAMPLED);
        RequestTrace trace = tracing.begin(headers, false, random);

        tracing.inject(trace, headers);

        assertThat(headers.get(TRACEPARENT).toString()).isEqualTo(UNSAMPLED);
        assertThat(trace.spanId).isEqualTo(trace.parentId);
    }

    @Test
    void aRequestOfNoTraceGetsOneThatIsNotSampled() {
        Tracing tracing = tracing(0, true);
        Headers headers = new Headers();
        RequestTrace trace = tracing.begin(headers, false, random);
        assertThat(headers.isEmpty()).isTrue();

        tracing.inject(trace, headers);

        assertThat(headers.get(TRACEPARENT).toString()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
    }

    @ParameterizedTest
    @CsvSource({
        "x-envoy-force-trace, true, true",
        "x-client-trace-id, true, true",
        "x-envoy-force-trace, false, false",
        "x-client-trace-id, false, false",
        "x-other, true, false",
    })
    void trustedPeersMayForceATrace(String header, boolean trusted, boolean sampled) {
        Headers headers = new Headers().add(AsciiString.of(header), "1");
        RequestTrace trace = tracing(0, true).begin(headers, trusted, random);
        assertThat(trace.sampled).isEqualTo(sampled);
        assertThat(trace.clientTraceId != null).isEqualTo(sampled && header.equals("x-client-trace-id"));
    }

    @Test
    void nothingIsPassedOnWhereThatIsOff() {
        Tracing tracing = new Tracing(
                new Propagation(List.of(Format.TRACECONTEXT)), new Sampler(100, true), false, List.of(), null);
        Headers headers = new Headers()
                .add(TRACEPARENT, SAMPLED)
                .add(AsciiString.of("tracestate"), "a=1")
                .add(AsciiString.of("b3"), "1")
                .add(AsciiString.of("x-b3-traceid"), "1")
                .add(AsciiString.of("baggage"), "a=1");
        RequestTrace trace = tracing.begin(headers, false, random);

        tracing.inject(trace, headers);

        assertThat(headers.toString()).isEqualTo("baggage: a=1\n");
        assertThat(trace.isReported()).isFalse();
    }

    @Test
    void customTagsAreReadFromTheRequest() {
        Headers headers =
                new Headers().add(AsciiString.of("x-user"), "ann").add(AsciiString.of("x-long"), "l".repeat(5000));
        RequestTrace trace = tracing(
                        100,
                        true,
                        new CustomTag("env", null, "prod"),
                        new CustomTag("user", AsciiString.of("x-user"), ""),
                        new CustomTag("tenant", AsciiString.of("x-tenant"), "nobody"),
                        new CustomTag("none", AsciiString.of("x-none"), ""),
                        new CustomTag("long", AsciiString.of("x-long"), ""))
                .begin(headers, false, random);
        assertThat(trace.tags)
                .containsExactly(
                        Map.entry("env", "prod"),
                        Map.entry("user", "ann"),
                        Map.entry("tenant", "nobody"),
                        Map.entry("long", "l".repeat(1024)));
        assertThat(trace.weight()).isEqualTo(4 + 3 + 6 + 1024);
    }
}
