package io.sallyport.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.sallyport.format.FormatParser;
import io.sallyport.format.SpanTags;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.SpanOptions;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestSpansTest {
    private final RequestSpans spans = new RequestSpans(SpanCases.INSTANCE);

    /// The file was made of what OpenTelemetry's own encoder wrote for the same requests, but for the name of the SDK.
    @Test
    void spansSayWhatOpenTelemetrysEncoderSaid() throws Exception {
        var text = new StringBuilder();
        for (Map.Entry<String, RequestFacts> each : SpanCases.all().entrySet()) {
            Batch batch = new Batch();
            spans.addTo(batch, each.getValue());
            ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(bytes(batch));
            assertThat(request.getResourceSpansList()).hasSize(1);
            assertThat(batch.count())
                    .isEqualTo(request.getResourceSpans(0).getScopeSpans(0).getSpansCount());
            text.append(each.getKey()).append('\n').append(SpanCases.text(request.getResourceSpans(0)));
        }

        try (InputStream expected = RequestSpansTest.class.getResourceAsStream("/otlp/spans.txt")) {
            assertThat(text.toString()).isEqualTo(new String(expected.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /// The collector would choose one of two.
    @Test
    void aTagTakesThePlaceOfAnAttributeOfItsName() throws Exception {
        RequestFacts facts = Facts.forwarded();
        facts.trace = new RequestTrace(new SpanOptions(
                "",
                true,
                256,
                new SpanTags(Map.of(
                        "http.method", FormatParser.headerValue("<%REQ(:METHOD)%>"),
                        "response_flags", FormatParser.headerValue("%RESPONSE_FLAGS_LONG%x"),
                        "none", FormatParser.headerValue("%REQ(X-NONE)%"),
                        "own", FormatParser.headerValue("%RESPONSE_CODE%")))));
        facts.trace.sampled = true;
        Batch batch = new Batch();
        spans.addTo(batch, facts);

        String text =
                SpanCases.text(ExportTraceServiceRequest.parseFrom(bytes(batch)).getResourceSpans(0));

        assertThat(text)
                .contains("    http.method = \"<GET>\"\n", "    own = \"200\"\n", "    response_flags = \"x\"\n")
                .doesNotContain("none =");
    }

    @Test
    void whatCannotBeWrittenLeavesTheOthersAsTheyAre() throws Exception {
        Batch undisturbed = new Batch();
        spans.addTo(undisturbed, SpanCases.all().get("forwarded"));
        byte[] before = bytes(undisturbed);
        Batch batch = new Batch();
        spans.addTo(batch, SpanCases.all().get("forwarded"));
        Resource other = new Resource(Map.of("a", "b"));

        assertThatThrownBy(() -> batch.add(other, span -> {
                    span.text(1, "half");
                    throw new IllegalStateException("a defect");
                }))
                .hasMessage("a defect");

        assertThat(batch.count()).isEqualTo(2);
        ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(bytes(batch));
        assertThat(request.getResourceSpans(0).toByteArray())
                .isEqualTo(ExportTraceServiceRequest.parseFrom(before)
                        .getResourceSpans(0)
                        .toByteArray());
        assertThat(request.getResourceSpans(1).getScopeSpans(0).getSpansList()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "a=1|a=1",
                "a=1,b=2|a=1,b=2",
                " a = 1 ,\tb=2\t|a=1,b=2",
                "a=1,,b=2,|a=1,b=2",
                "A=1,a=2|a=2",
                "0a=1,_a=2,a_-*/=3|0a=1,a_-*/=3",
                "t@s=1,@s=2,t@=3,t@s@u=4|t@s=1",
                "a==1,b=x=y,c=|",
                "a=\u00fc,b=\u007f,c=~|c=~",
                "x|",
            })
    void theStateHasTheMembersThatAreWellFormed(String header, String state) {
        assertThat(TraceStateText.of(header)).isEqualTo(state == null ? "" : state);
    }

    @Test
    void theStateIsBounded() {
        String many = IntStream.range(0, 40).mapToObj(i -> "k" + i + "=v").collect(Collectors.joining(","));

        assertThat(TraceStateText.of(many).split(","))
                .hasSize(32)
                .startsWith("k0=v")
                .endsWith("k31=v");
        assertThat(TraceStateText.of("a=" + "v".repeat(257))).isEmpty();
        assertThat(TraceStateText.of("a".repeat(257) + "=v")).isEmpty();
        assertThat(TraceStateText.of("a@" + "s".repeat(15) + "=v")).isEmpty();
        assertThat(TraceStateText.of("a".repeat(256) + "=" + "v".repeat(256))).hasSize(513);
        assertThat(TraceStateText.of(null)).isEmpty();
    }

    @Test
    void aBatchHasAllOfThemBehindOneResource() throws Exception {
        Batch batch = new Batch();
        int count = 0;
        for (int i = 0; i < 50; i++) {
            for (RequestFacts facts : SpanCases.all().values()) {
                spans.addTo(batch, facts);
            }
            count = batch.count();
        }

        byte[] bytes = bytes(batch);
        ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(bytes);

        assertThat(request.getResourceSpansCount()).isOne();
        assertThat(request.getResourceSpans(0).getScopeSpans(0).getSpansCount()).isEqualTo(count);
        assertThat(request.getSerializedSize()).as("the shortest encoding").isEqualTo(bytes.length);

        batch.clear();
        assertThat(batch.count()).isZero();
        assertThat(bytes(batch)).isEmpty();
    }

    /// Attributes that were written before are copied.
    @Test
    void spansAreWrittenAlikeAgain() throws Exception {
        Random random = new Random(7);
        List<RequestFacts> cases = List.copyOf(SpanCases.all().values());
        for (int i = 0; i < 2_000; i++) {
            RequestFacts facts = cases.get(random.nextInt(cases.size()));
            if (facts.trace != null && !facts.method.isEmpty()) {
                facts.destination = new DestinationFacts(
                        "outbound|" + random.nextInt(3, 90) + "||service-" + random.nextInt(700) + ".example",
                        "service-" + random.nextInt(3) + ".example",
                        null,
                        null);
                facts.authority = random.nextBoolean() ? "b\u00fccher.example" : random.nextInt(3) + ".example:8443";
                facts.details = "d".repeat(random.nextInt(300));
                facts.bytesReceived = random.nextInt(1_000);
            }
            Batch batch = new Batch();
            Batch afresh = new Batch();

            spans.addTo(batch, facts);
            new RequestSpans(SpanCases.INSTANCE).addTo(afresh, facts);

            assertThat(bytes(batch)).isEqualTo(bytes(afresh));
        }
    }

    @Test
    void aMessageThatIsStillInUseStaysAsItIs() {
        Batch batch = new Batch();
        spans.addTo(batch, SpanCases.all().get("forwarded"));
        ByteBuf inUse = batch.message().retainedDuplicate();
        byte[] before = ByteBufUtil.getBytes(inUse);

        batch.clear();
        spans.addTo(batch, SpanCases.all().get("refused"));

        assertThat(ByteBufUtil.getBytes(inUse)).isEqualTo(before);
        assertThat(bytes(batch)).isNotEqualTo(before);
        assertThat(inUse.release()).isTrue();
    }

    private static byte[] bytes(Batch batch) {
        return ByteBufUtil.getBytes(batch.message());
    }
}
