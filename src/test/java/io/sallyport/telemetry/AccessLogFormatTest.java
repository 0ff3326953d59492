package io.sallyport.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.outcome.ClientFacts;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.WorkloadNames;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessLogFormatTest {
    private static final List<String> ISTIO_KEYS = List.of(
            "start_time",
            "method",
            "path",
            "protocol",
            "response_code",
            "response_flags",
            "response_code_details",
            "connection_termination_details",
            "upstream_transport_failure_reason",
            "bytes_received",
            "bytes_sent",
            "duration",
            "upstream_service_time",
            "x_forwarded_for",
            "user_agent",
            "request_id",
            "authority",
            "upstream_host",
            "upstream_cluster",
            "upstream_local_address",
            "downstream_local_address",
            "downstream_remote_address",
            "requested_server_name",
            "route_name");

    @Test
    void aForwardedRequestIsIstiosDefaultLine() {
        assertThat(text(Facts.forwarded()))
                .isEqualTo(
                        "[2026-05-01T12:00:00.007Z] \"GET /v1/pay?id=7 HTTP/2\" 200 - via_upstream - \"-\" 3 1234 12 11"
                                + " \"192.0.2.9\" \"curl/8.5.0\" \"6fa1c6a8-9a0e-4d0c-8f3b-2f7f5a3e9c11\" \"api.example.com\""
                                + " \"10.0.0.2:8080\" outbound|80|v1|payments.default.svc.cluster.local 10.0.0.1:40000"
                                + " [2001:db8::1]:8443 192.0.2.9:51000 api.example.com canary\n");
    }

    @Test
    void whatIsNotThereIsADash() {
        assertThat(text(Facts.refused()))
                .isEqualTo("[2026-05-01T12:00:00.000Z] \"GET / HTTP/1.1\" 404 NR route_not_found - \"-\" 0 0 0 -"
                        + " \"-\" \"-\" \"-\" \"nobody.example.com\" \"-\" - - 192.0.2.1:8080 192.0.2.9:51000 - -\n");
    }

    @Test
    void aMeshClientsLineEndsWithTheEntryThatLetItOut() {
        assertThat(text(Facts.letOut())).endsWith(" - - \"ServiceEntry default/partner\"\n");
        assertThat(text(Facts.denied()))
                .contains(" 403 RBAC egress_host_not_listed ")
                .endsWith(" - - \"-\"\n");
    }

    @Test
    void jsonOfAMeshClientNamesHostAndEntry() {
        assertThat(json(Facts.letOut()).getString("egress_host")).isEqualTo("api.partner.example");
        assertThat(json(Facts.letOut()).getString("egress_permit")).isEqualTo("ServiceEntry default/partner");
        assertThat(json(Facts.denied()).fieldNames()).contains("egress_permit");
        assertThat(json(Facts.denied()).getValue("egress_permit")).isNull();
        assertThat(json(Facts.denied()).getString("egress_host")).isEqualTo("evil.example");
    }

    @Test
    void jsonNamesIdentitiesAndWorkloadsWhereTheyAreKnown() {
        RequestFacts facts = Facts.forwarded();
        assertThat(json(facts).fieldNames())
                .doesNotContain(
                        "source_principal", "source_workload", "destination_workload", "connection_security_policy");
        facts.client = Facts.secured(facts.client, null, false);
        assertThat(json(facts).getString("connection_security_policy")).isEqualTo("none");
        facts.client = Facts.secured(facts.client, "spiffe://td/ns/web/sa/shop", true);
        facts.source = WorkloadNames.of(Map.of(), "web", null, WorkloadNames.account(facts.client.principal()));
        facts.endpoint = Facts.identified(
                facts.endpoint,
                "spiffe://td/ns/prod/sa/pay",
                null,
                WorkloadNames.of(Map.of("app", "pay"), null, null, null));

        JsonObject line = json(facts);
        assertThat(line.getString("connection_security_policy")).isEqualTo("mutual_tls");
        assertThat(line.getString("source_principal")).isEqualTo("spiffe://td/ns/web/sa/shop");
        assertThat(line.getString("source_workload")).isEqualTo("shop");
        assertThat(line.getString("source_workload_namespace")).isEqualTo("web");
        assertThat(line.getString("destination_principal")).isEqualTo("spiffe://td/ns/prod/sa/pay");
        assertThat(line.getString("destination_workload")).isEqualTo("pay");
        assertThat(line.getString("destination_workload_namespace")).isEqualTo("unknown");
    }

    @Test
    void aConnectionHasNeitherMethodNorStatus() {
        assertThat(text(Facts.connection()))
                .isEqualTo(
                        "[2026-05-01T12:00:00.000Z] \"- - -\" 0 - - - \"-\" 10 20 2000 -"
                                + " \"-\" \"-\" \"-\" \"-\" \"10.0.0.3:6379\" outbound|6379||redis.data.svc.cluster.local - - - - -\n");
    }

    @Test
    void jsonOfARequestThatWasSentAgainSaysHowOften() {
        RequestFacts facts = Facts.forwarded();
        assertThat(json(facts).fieldNames()).doesNotContain("upstream_request_attempt_count");
        facts.attempts = 3;
        assertThat(json(facts).getInteger("upstream_request_attempt_count")).isEqualTo(3);
    }

    @Test
    void jsonHasIstiosKeysAndTypes() {
        JsonObject line = json(Facts.forwarded());

        assertThat(line.fieldNames()).containsExactlyInAnyOrderElementsOf(ISTIO_KEYS);
        assertThat(line.getValue("response_code")).isEqualTo(200);
        assertThat(line.getInteger("upstream_service_time")).isEqualTo(11);
        assertThat(line.getValue("upstream_transport_failure_reason")).isNull();
        assertThat(line.getString("start_time")).isEqualTo("2026-05-01T12:00:00.007Z");
        assertThat(line.getString("downstream_local_address")).isEqualTo("[2001:db8::1]:8443");
    }

    @Test
    void jsonKeepsItsKeysWhereThereIsNoValue() {
        JsonObject line = json(Facts.connection());

        assertThat(line.fieldNames()).containsExactlyInAnyOrderElementsOf(ISTIO_KEYS);
        assertThat(line.getValue("method")).isNull();
        assertThat(line.getString("response_flags")).isEqualTo("-");
    }

    /// Whatever a client puts into a field, the line around it is the line of a harmless request.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\nb",
                "a\r\n[2026-05-01T12:00:00.000Z] \"GET /forged HTTP/1.1\" 200",
                "\" 200 - \"",
                "\\",
                "\\\" ",
                "\u001b[31mred",
                "\u0000",
                "\u007f\u0085\u2028\u202e",
                "\ud800",
                "ü😀",
            })
    void noTextOfAClientBreaksTheLine(String hostile) {
        String line = text(hostile(hostile));

        assertThat(line).matches("[\\x20-\\x7e]+\n");
        assertThat(fieldsOf(line)).hasSameSizeAs(fieldsOf(text(Facts.forwarded())));
        assertThat(line).startsWith("[2026-05-01T12:00:00.007Z] \"GET ").contains(" 200 - ");
        String json = format(new IstioJsonFormat(), hostile(hostile));
        assertThat(json).matches("[\\x20-\\x7e]+\n");
        JsonObject parsed = json(hostile(hostile));
        for (String key : List.of("path", "user_agent", "authority", "request_id", "x_forwarded_for")) {
            assertThat(parsed.getString(key)).isEqualTo(hostile);
        }
        assertThat(parsed.getInteger("response_code")).isEqualTo(200);
    }

    @Test
    void aVeryLongHeaderIsCut() {
        RequestFacts facts = Facts.forwarded();
        facts.userAgent = "a".repeat(60_000);

        assertThat(text(facts)).contains("\"" + "a".repeat(8192) + "...\"").hasSizeLessThan(9_000);
    }

    private static RequestFacts hostile(String text) {
        RequestFacts facts = Facts.forwarded();
        facts.path = text;
        facts.authority = text;
        facts.userAgent = text;
        facts.requestId = text;
        facts.forwardedFor = text;
        facts.details = text;
        facts.client = new ClientFacts(null, null, null, text, null, false, false, 0);
        facts.routeName = text;
        return facts;
    }

    /// As a reader splits it: at spaces outside of quotes, where a backslash quotes.
    private static List<String> fieldsOf(String line) {
        return java.util.regex.Pattern.compile("\"(\\\\.|[^\"\\\\])*\"|\\S+")
                .matcher(line)
                .results()
                .map(java.util.regex.MatchResult::group)
                .toList();
    }

    private static String text(RequestFacts facts) {
        return format(new IstioTextFormat(), facts);
    }

    private static JsonObject json(RequestFacts facts) {
        return new JsonObject(format(new IstioJsonFormat(), facts));
    }

    private static String format(AccessLogFormatter formatter, RequestFacts facts) {
        var out = new LineBuffer(16);
        formatter.format(facts, out);
        return out.toString();
    }
}
