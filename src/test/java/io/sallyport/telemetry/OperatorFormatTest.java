package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.format.FormatException;
import io.sallyport.format.LogPlan;
import io.sallyport.format.LogSink;
import io.sallyport.format.ParsedFormat;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Formats of the user's, by Envoy's command operators.
class OperatorFormatTest {
    /// Istio's `EnvoyTextLogFormat` (pilot/pkg/model/telemetry_logging.go).
    private static final String ISTIO =
            "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
                    + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS%"
                    + " \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
                    + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\""
                    + " \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW%"
                    + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
                    + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

    @Test
    void istiosDefaultFormatIsTheUsualLine() throws FormatException {
        RequestFacts facts = Facts.forwarded();
        assertThat(line(ISTIO, facts, facts.forwardedFor, facts.userAgent, facts.requestId))
                .isEqualTo(usual(Facts.forwarded()));
        assertThat(line(ISTIO, Facts.refused())).isEqualTo(usual(Facts.refused()));
        assertThat(line(ISTIO, Facts.connection())).isEqualTo(usual(Facts.connection()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%START_TIME(%Y/%m/%dT%H:%M:%S%z %s)% | 2026/05/01T12:00:00+0000 1777636800",
                "%START_TIME(%s.%3f)% | 1777636800.007",
                "%START_TIME(%6f %1f %f)% | 007000 0 007000000",
                "%START_TIME(%F %T %a %A %b %B %e %j %I%p %Z %%)% | 2026-05-01 12:00:00 Fri Friday May May  1 121 12PM UTC %",
                "%EMIT_TIME(%3f)% | 019",
                "%PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG% | HTTP/2 200 UF UpstreamConnectionFailure",
                "%PATH% %PATH(NQ)% %PATH(WQ:ORIG)% | /v1/pay?id=7 /v1/pay /v1/pay?id=7",
                "%QUERY_PARAM(id)% %QUERY_PARAM(no)% %QUERY_PARAMS% | 7 - id=7",
                "%REQ(:PATH):3% %REQ(:METHOD):1% %REQ_WITHOUT_QUERY(:PATH)% | /v1 G /v1/pay",
                "%RESP(:STATUS)% %BYTES_SENT% %BYTES_RECEIVED% | 200 1234 3",
                "%UPSTREAM_HOST% %UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% %UPSTREAM_REMOTE_PORT% | 10.0.0.2:8080 10.0.0.2 8080",
                "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_LOCAL_PORT% | 2001:db8::1 8443",
                "%GRPC_STATUS% %GRPC_STATUS(SNAKE_STRING)% %GRPC_STATUS(NUMBER)% %GRPC_STATUS_NUMBER% | Unavailable UNAVAILABLE 14 14",
                "%DURATION% %RESPONSE_DURATION% %RESPONSE_TX_DURATION% %REQUEST_DURATION% %REQUEST_TX_DURATION% | 12 11 1 0 0",
                "%COMMON_DURATION(DS_RX_BEG:US_RX_BEG:us)% %COMMON_DURATION(US_TX_BEG:US_RX_BEG:ms)% | 11500 11",
                "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT% %DOWNSTREAM_DIRECT_REMOTE_PORT% | 10.0.0.9:4711 10.0.0.9 4711",
                "%CONNECTION_ID% %FILTER_CHAIN_NAME% %UPSTREAM_PROTOCOL% | 77 https-shop HTTP/2",
                "%DOWNSTREAM_PEER_CERT_V_START% %DOWNSTREAM_PEER_CERT_V_END(%Y)% %DOWNSTREAM_PEER_FINGERPRINT_1% | - - -",
                "%VIRTUAL_CLUSTER_NAME% %TRACE_ID% %SPAN_ID% %DOWNSTREAM_TLS_VERSION% %ENVIRONMENT(NO_SUCH_NAME)% | - - - - -",
                "100%% %STREAM_ID% ü | 100% 6fa1c6a8-9a0e-4d0c-8f3b-2f7f5a3e9c11 ü",
            })
    void operatorsStandForFacts(String format, String expected) throws FormatException {
        RequestFacts facts = Facts.forwarded();
        facts.flag = ResponseFlag.UF;
        facts.grpcStatus = "14";
        facts.startNanos = 1_000;
        LogSink plan = LogSink.of(false, format, "/dev/stdout");
        facts.log = new LoggedFields(new LogPlan(List.of(plan)));
        facts.log.requestEndNanos = 1_000;
        facts.log.peer = new InetSocketAddress("10.0.0.9", 4711);
        facts.log.connectionId = 77;
        facts.log.filterChain = "https-shop";
        facts.log.upstreamProtocol = "HTTP/2";
        facts.log.responseHeadNanos = 1_000 + 11_500_000;

        assertThat(new String(
                        format(plan.format(), facts).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1),
                        java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(expected + "\n");
    }

    @Test
    void jsonHasTypesAndNesting() throws FormatException {
        String format = "{\"code\":\"%RESPONSE_CODE%\",\"time\":\"%START_TIME%\",\"to\":\"%DOWNSTREAM_LOCAL_ADDRESS%\","
                + "\"none\":\"%REQ(X-NO)%\",\"mixed\":\"a %RESPONSE_CODE% %REQ(X-NO)%\",\"more\":{\"id\":\"%STREAM_ID%\","
                + "\"list\":[1,true,null,\"x\\\"%PROTOCOL%\"]}}";
        JsonObject line = new JsonObject(
                format(LogSink.of(true, format, LogSink.STANDARD_OUTPUT).format(), Facts.forwarded()));

        assertThat(line.getValue("code")).isEqualTo(200);
        assertThat(line.getString("time")).isEqualTo("2026-05-01T12:00:00.007Z");
        assertThat(line.getString("to")).isEqualTo("[2001:db8::1]:8443");
        assertThat(line.fieldNames()).contains("none");
        assertThat(line.getValue("none")).isNull();
        assertThat(line.getString("mixed")).isEqualTo("a 200 -");
        assertThat(line.getJsonObject("more").getJsonArray("list").getString(3)).isEqualTo("x\"HTTP/2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a\nb", "\" 200 \"", "\\", "\\\" ", "\u001b[31m", "\u0000", "\u2028", "\ud800", "ü😀", "a b"})
    void noTextOfAClientBreaksALine(String hostile) throws FormatException {
        String text = line("%REQ(X-A)% \"%REQ(X-A)%\" end", Facts.forwarded(), hostile);
        assertThat(text).matches("[\\x21-\\x7e]+ \"(\\\\.|[\\x20-\\x7e&&[^\"\\\\]])*\" end\n");

        RequestFacts facts = Facts.forwarded();
        LogSink plan = LogSink.of(true, "{\"a\":\"%REQ(X-A)%\",\"b\":\"<%REQ(X-A)%>\"}", "/dev/stdout");
        facts.log = new LoggedFields(new LogPlan(List.of(plan)));
        facts.log.logged.set(0, hostile);
        String json = format(plan.format(), facts);
        assertThat(json).matches("[\\x20-\\x7e]+\n");
        assertThat(new JsonObject(json).getString("a")).isEqualTo(hostile);
        assertThat(new JsonObject(json).getString("b")).isEqualTo("<" + hostile + ">");
    }

    @Test
    void requestsAreWrittenWhereTheirConfigurationSays(@TempDir Path directory) throws Exception {
        var usual = new ByteArrayOutputStream();
        AccessLog log = AccessLog.start(AccessLog.Format.TEXT, 64, usual);
        Path file = directory.resolve("a.log");
        RequestFacts facts = Facts.forwarded();
        facts.log = new LoggedFields(new LogPlan(List.of(LogSink.of(false, "%RESPONSE_CODE%", file.toString()))));
        log.onRequestEnd(facts);
        log.onRequestEnd(Facts.forwarded());
        RequestFacts lost = Facts.forwarded();
        lost.log = new LoggedFields(new LogPlan(List.of(LogSink.of(false, "", directory + "/no/such/a.log"))));
        log.onRequestEnd(lost);
        log.close();

        assertThat(file).hasContent("200");
        assertThat(usual.toString()).isEqualTo(usual(Facts.forwarded()));
        assertThat(log.dropped()).isEqualTo(1);
    }

    private static String usual(RequestFacts facts) {
        var out = new LineBuffer(16);
        new IstioTextFormat().format(facts, out);
        return out.toString();
    }

    private static String line(String format, RequestFacts facts, CharSequence... captured) throws FormatException {
        LogSink plan = LogSink.of(false, format, "/dev/stdout");
        facts.log = new LoggedFields(new LogPlan(List.of(plan)));
        for (int place = 0; place < captured.length; place++) {
            facts.log.logged.set(place, captured[place]);
        }
        return format(plan.format(), facts);
    }

    private static String format(ParsedFormat format, RequestFacts facts) {
        var out = new LineBuffer(16);
        new OperatorFormat(format, 0).format(facts, out);
        return new String(bytes(out), java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(LineBuffer buffer) {
        var out = new ByteArrayOutputStream();
        try {
            buffer.writeTo(out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }
}
