package io.sallyport.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.trace.Propagation.Format;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What headers say of a trace, and what is passed on. Shapes from W3C Trace Context's own test suite and from
/// openzipkin/b3-propagation.
class PropagationTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";
    private static final String OTHER = "ffffffffffffffff";

    private final RequestTrace trace = new RequestTrace(null);

    private static Headers headers(String... namesAndValues) {
        Headers headers = new Headers();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(AsciiString.of(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return headers;
    }

    private Found read(Format format, String... namesAndValues) {
        return new Propagation(List.of(format)).read(headers(namesAndValues), trace);
    }

    private String traceId() {
        return HexFormat.of().toHexDigits(trace.high) + HexFormat.of().toHexDigits(trace.low);
    }

    private String parentId() {
        return HexFormat.of().toHexDigits(trace.parentId);
    }

    @ParameterizedTest
    @CsvSource({
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, true",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00, false",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff, true",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-fe, false",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, true",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-says, true",
    })
    void aTraceparentIsTakenOver(String value, boolean sampled) {
        assertThat(read(Format.TRACECONTEXT, "traceparent", value)).isEqualTo(Found.DECIDED_CONTEXT);
        assertThat(traceId()).isEqualTo(TRACE);
        assertThat(parentId()).isEqualTo(SPAN);
        assertThat(trace.sampled).isEqualTo(sampled);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "-",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.",
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 01",
                " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            })
    void aTraceparentThatIsNotWellFormedIsNone(String value) {
        assertThat(read(Format.TRACECONTEXT, "traceparent", value)).isEqualTo(Found.NOTHING);
    }

    @Test
    void twoTraceparentsAreNone() {
        String value = "00-" + TRACE + "-" + SPAN + "-01";
        assertThat(read(Format.TRACECONTEXT, "traceparent", value, "traceparent", value))
                .isEqualTo(Found.NOTHING);
    }

    static Stream<Arguments> states() {
        return Stream.of(
                Arguments.of("a=1", true),
                Arguments.of("a=1,b=2", true),
                Arguments.of("a=" + "x".repeat(512), true),
                Arguments.of("a=" + "x".repeat(10 << 10), false),
                Arguments.of("a=1,".repeat(33), false),
                Arguments.of("a=\u00e9", false));
    }

    @ParameterizedTest
    @MethodSource("states")
    void aTracestateThatCannotBeTakenOverLeavesTheTraceAsItIs(String state, boolean kept) {
        Headers headers = headers("traceparent", "00-" + TRACE + "-" + SPAN + "-01", "tracestate", state);
        Propagation propagation = new Propagation(List.of(Format.TRACECONTEXT));

        assertThat(propagation.read(headers, trace)).isEqualTo(Found.DECIDED_CONTEXT);
        propagation.write(trace, 1, headers);

        assertThat(traceId()).isEqualTo(TRACE);
        assertThat(headers.contains(AsciiString.of("tracestate"))).isEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1, DECIDED_CONTEXT, true, false",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0, DECIDED_CONTEXT, false, false",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-d, DECIDED_CONTEXT, true, true",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1-ffffffffffffffff, DECIDED_CONTEXT, true, false",
        "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7, CONTEXT, false, false",
        "4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-1, DECIDED_CONTEXT, true, false",
    })
    void aB3HeaderIsTakenOver(String value, Found found, boolean sampled, boolean debug) {
        assertThat(read(Format.B3, "b3", value)).isEqualTo(found);
        assertThat(traceId()).isEqualTo(TRACE);
        assertThat(parentId()).isEqualTo(SPAN);
        assertThat(trace.sampled).isEqualTo(sampled);
        assertThat(trace.debug).isEqualTo(debug);
    }

    @Test
    void aB3TraceMayHaveHalfAnId() {
        assertThat(read(Format.B3, "b3", "a3ce929d0e0e4736-00f067aa0ba902b7-1")).isEqualTo(Found.DECIDED_CONTEXT);
        assertThat(traceId()).isEqualTo("0000000000000000a3ce929d0e0e4736");
        Headers headers = headers();
        new Propagation(List.of(Format.B3, Format.B3MULTI, Format.TRACECONTEXT)).write(trace, 255, headers);
        assertThat(headers.toString())
                .contains("b3: a3ce929d0e0e4736-00000000000000ff-1\n")
                .contains("x-b3-traceid: a3ce929d0e0e4736\n")
                .contains("traceparent: 00-0000000000000000a3ce929d0e0e4736-00000000000000ff-01\n");
    }

    @ParameterizedTest
    @CsvSource({"0, false, false", "1, true, false", "d, true, true"})
    void aB3HeaderMayDecideOnly(String value, boolean sampled, boolean debug) {
        assertThat(read(Format.B3, "b3", value)).isEqualTo(Found.DECISION);
        assertThat(trace.sampled).isEqualTo(sampled);
        assertThat(trace.debug).isEqualTo(debug);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "2",
                "true",
                "--",
                "4bf92f3577b34da6a3ce929d0e0e4736",
                "4bf92f3577b34da6a3ce929d0e0e4736-",
                "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b",
                "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-",
                "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-2",
                "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1-",
                "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1-ffff",
                "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1-ffffffffffffffff-",
                "4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-1",
                "4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-1",
                "00000000000000000000000000000000-00f067aa0ba902b7-1",
                "4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-1",
            })
    void aB3HeaderThatIsNotWellFormedIsNone(String value) {
        assertThat(read(Format.B3, "b3", value)).isEqualTo(Found.NOTHING);
        assertThat(trace.sampled).isFalse();
    }

    static Stream<Arguments> multi() {
        return Stream.of(
                Arguments.of(Found.DECIDED_CONTEXT, true, List.of("traceid", TRACE, "spanid", SPAN, "sampled", "1")),
                Arguments.of(
                        Found.DECIDED_CONTEXT, false, List.of("traceid", TRACE, "spanid", SPAN, "sampled", "false")),
                Arguments.of(Found.DECIDED_CONTEXT, true, List.of("traceid", TRACE, "spanid", SPAN, "flags", "1")),
                Arguments.of(Found.CONTEXT, false, List.of("traceid", TRACE, "spanid", SPAN)),
                Arguments.of(Found.DECISION, false, List.of("sampled", "0")),
                Arguments.of(Found.DECISION, true, List.of("sampled", "true")),
                Arguments.of(Found.DECISION, true, List.of("flags", "1")),
                Arguments.of(Found.NOTHING, false, List.of("flags", "0")),
                Arguments.of(Found.NOTHING, false, List.of("traceid", TRACE)),
                Arguments.of(Found.NOTHING, false, List.of("spanid", SPAN, "sampled", "1")),
                Arguments.of(Found.NOTHING, false, List.of("traceid", TRACE, "spanid", "12", "sampled", "1")),
                Arguments.of(Found.NOTHING, false, List.of("traceid", "x" + TRACE, "spanid", SPAN)),
                Arguments.of(Found.NOTHING, false, List.of("traceid", TRACE, "spanid", SPAN, "sampled", "yes")),
                Arguments.of(Found.NOTHING, false, List.of("traceid", TRACE, "traceid", TRACE, "spanid", SPAN)));
    }

    @ParameterizedTest
    @MethodSource("multi")
    void theHeadersOfB3AreReadTogether(Found found, boolean sampled, List<String> fields) {
        String[] named = fields.toArray(String[]::new);
        for (int i = 0; i < named.length; i += 2) {
            named[i] = "x-b3-" + named[i];
        }
        assertThat(read(Format.B3MULTI, named)).isEqualTo(found);
        assertThat(trace.sampled).isEqualTo(sampled);
    }

    @Test
    void allFormatsAreWritten() {
        trace.high = 1;
        trace.low = 2;
        trace.spanId = 4;
        trace.sampled = true;
        Headers headers = headers("x-b3-parentspanid", OTHER, "x-b3-flags", "1", "tracestate", "of=another");

        new Propagation(List.of(Format.TRACECONTEXT, Format.B3, Format.B3MULTI)).write(trace, 3, headers);

        assertThat(Arrays.asList(headers.toString().split("\n")))
                .containsExactlyInAnyOrder(
                        "traceparent: 00-00000000000000010000000000000002-0000000000000003-01",
                        "b3: 00000000000000010000000000000002-0000000000000003-1",
                        "x-b3-traceid: 00000000000000010000000000000002",
                        "x-b3-spanid: 0000000000000003",
                        "x-b3-parentspanid: 0000000000000004",
                        "x-b3-sampled: 1");
    }

    @Test
    void theFirstFormatThatIsWellFormedCounts() {
        Headers headers = headers("traceparent", "broken", "b3", TRACE + "-" + SPAN + "-1");

        Found found = new Propagation(List.of(Format.TRACECONTEXT, Format.B3)).read(headers, trace);

        assertThat(found).isEqualTo(Found.DECIDED_CONTEXT);
        assertThat(traceId()).isEqualTo(TRACE);
    }

    /// Whatever bytes there are: what was read can be written and read again.
    @Test
    void garbageIsNeverTakenOver() {
        SplittableRandom random = new SplittableRandom(7);
        String good = "00-" + TRACE + "-" + SPAN + "-01";
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int length = random.nextInt(bytes.length + 1);
            AsciiString value = new AsciiString(bytes, 0, length, true);
            for (String name : List.of("traceparent", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled")) {
                Headers headers = new Headers().add(AsciiString.of(name), value);
                RequestTrace read = new RequestTrace(null);
                Found found = new Propagation(List.of(Format.values())).read(headers, read);
                if (found.hasIds()) {
                    assertThat(read.parentId).isNotZero();
                    assertThat(read.high | read.low).isNotZero();
                }
            }
        }
    }
}
