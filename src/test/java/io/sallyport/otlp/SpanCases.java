package io.sallyport.otlp;

import io.netty.util.AsciiString;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.EgressFacts;
import io.sallyport.outcome.Facts;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.outcome.SpanOptions;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Requests of every kind, and their spans as text.
final class SpanCases {
    static final Instance INSTANCE = new Instance(
            "edge", Map.of("region", "n\u00f6rd", "service.name", "other"), "default", "edge", "latest", "mesh1", "c1");

    private SpanCases() {}

    static Map<String, RequestFacts> all() {
        Map<String, RequestFacts> all = new LinkedHashMap<>();
        all.put("forwarded", traced(Facts.forwarded(), true));
        all.put("without Istio's tags", traced(Facts.forwarded(), false));
        all.put("refused", traced(Facts.refused(), true));
        all.put("a connection", connection());
        all.put("a tunnel", traced(Facts.letOut(), true));
        all.put("a chain of attempts", attempts());
        all.put("gRPC", grpc("0"));
        all.put("gRPC that failed", grpc("14"));
        all.put("gRPC with no number", grpc("x"));
        all.put("what clients may send", hostile());
        all.put("a copy", copy());
        all.put("states", states());
        all.put("tags of the configuration", tags());
        return all;
    }

    private static RequestFacts traced(RequestFacts facts, boolean istioTags) {
        RequestTrace trace = new RequestTrace(new SpanOptions("", istioTags, 16));
        trace.high = 0x4bf92f3577b34da6L;
        trace.low = 0xa3ce929d0e0e4736L;
        trace.spanId = 0x00f067aa0ba902b7L;
        trace.sampled = true;
        facts.scheme = "https";
        trace.route = "/v1/*";
        facts.trace = trace;
        if (facts.endpoint.address() != null && !facts.method.isEmpty()) {
            trace.attempt(7, facts.startNanos + 1_000);
            trace.attemptConnected(facts.endpoint.address());
        }
        return facts;
    }

    private static RequestFacts connection() {
        RequestFacts facts = traced(Facts.connection(), true);
        facts.client =
                Facts.between(new InetSocketAddress("2001:db8::9", 51000), new InetSocketAddress("2001:db8::1", 9000));
        facts.flag = ResponseFlag.UC;
        return facts;
    }

    private static RequestFacts attempts() {
        RequestFacts facts = traced(Facts.refused(), true);
        facts.startNanos = 1_000_000;
        facts.durationNanos = 90_000_000;
        facts.status = 503;
        facts.flag = ResponseFlag.UF;
        facts.retryFlag = ResponseFlag.URX;
        facts.details = "upstream_reset_before_response_started";
        facts.policy = facts.policy.tried("rbac_access_denied_matched_policy[ns/p]");
        facts.client = Facts.secured(facts.client, null, false);
        RequestTrace trace = facts.trace;
        trace.parentId = 0x1122334455667788L;
        trace.encrypted = true;
        trace.attempt(21, 2_000_000);
        trace.attemptFailed(12_000_000, "[2001:db8::2]:443", ResponseFlag.UC, "upstream_reset");
        trace.attempt(22, 13_000_000);
        trace.attemptConnected("10.0.0.4:8080");
        trace.attemptRepeated(20_000_000, 502, null);
        trace.attempt(23, 21_000_000);
        trace.attemptConnected("no-port");
        return facts;
    }

    private static RequestFacts grpc(String status) {
        RequestFacts facts = traced(Facts.forwarded(), true);
        facts.grpc = true;
        facts.grpcStatus = status;
        return facts;
    }

    /// Bytes that are no UTF-8, long texts, halves of characters.
    private static RequestFacts hostile() {
        RequestFacts facts = traced(Facts.forwarded(), true);
        facts.method = "P\u00fc\u0142T";
        facts.path = "/" + "\ud83d\ude00".repeat(20) + "?q=" + "y".repeat(3_000);
        facts.authority = "evil_%00.example:99999";
        facts.userAgent = new AsciiString(new byte[] {'a', (byte) 0xff, (byte) 0x80, 'b'});
        facts.requestId = "i".repeat(3_000);
        facts.forwardedFor = "";
        facts.details = "\u2028\n\ud800";
        facts.egress = new EgressFacts("shop.example", 0, null, null, null, null);
        facts.destination =
                new DestinationFacts(facts.destination.cluster(), "other.example", "v1", facts.destination.service());
        facts.trace.clientTraceId = new AsciiString("c".repeat(2_000));
        return facts;
    }

    private static RequestFacts copy() {
        RequestFacts facts = traced(Facts.forwarded(), true);
        RequestTrace copied = facts.trace.copy();
        copied.attempt(31, 5_000_000);
        facts.trace = copied;
        return facts;
    }

    private static RequestFacts states() {
        RequestFacts facts = traced(Facts.forwarded(), true);
        facts.trace.state = new AsciiString(
                "a=1,b= 2 ,C=3,=4,d,e=f=g, t@v=x , k\u0080=1,long=" + "v".repeat(300) + ",z=\ty,last=9");
        return facts;
    }

    private static RequestFacts tags() {
        RequestFacts facts = traced(Facts.forwarded(), true);
        facts.trace.tags = List.of(
                Map.entry("own", "b"),
                Map.entry("n\u00e4me", "v\u00e4lue"),
                Map.entry("component", "mine"),
                Map.entry("istio.mesh_id", "mine, too"));
        return facts;
    }

    /// All that a collector sees of it, in the order of names.
    static String text(ResourceSpans of) {
        var text = new StringBuilder();
        attributes(of.getResource().getAttributesList(), "  resource ", text);
        of.getScopeSpansList().forEach(scope -> {
            text.append("  scope ").append(scope.getScope().getName()).append('\n');
            scope.getSpansList().forEach(span -> span(span, text));
        });
        return text.toString();
    }

    private static void span(Span span, StringBuilder text) {
        HexFormat hex = HexFormat.of();
        text.append("  span ").append(span.getName()).append('\n');
        text.append("    ids ")
                .append(hex.formatHex(span.getTraceId().toByteArray()))
                .append(' ')
                .append(hex.formatHex(span.getSpanId().toByteArray()))
                .append(' ')
                .append(hex.formatHex(span.getParentSpanId().toByteArray()))
                .append(' ')
                .append(Integer.toHexString(span.getFlags()))
                .append('\n');
        text.append("    state ").append(span.getTraceState()).append('\n');
        text.append("    ")
                .append(span.getKind())
                .append(' ')
                .append(span.getStatus().getCode())
                .append(' ')
                .append(span.getStartTimeUnixNano())
                .append(' ')
                .append(span.getEndTimeUnixNano())
                .append('\n');
        attributes(span.getAttributesList(), "    ", text);
    }

    private static void attributes(List<KeyValue> all, String indent, StringBuilder text) {
        Map<String, String> sorted = new TreeMap<>();
        for (KeyValue each : all) {
            String value = each.getValue().hasIntValue()
                    ? Long.toString(each.getValue().getIntValue())
                    : '"' + each.getValue().getStringValue() + '"';
            if (sorted.put(each.getKey(), value) != null) {
                throw new AssertionError(each.getKey() + " is there twice");
            }
        }
        sorted.forEach((name, value) -> text.append(indent)
                .append(name)
                .append(" = ")
                .append(value.replace("\n", "\\n"))
                .append('\n'));
    }
}
