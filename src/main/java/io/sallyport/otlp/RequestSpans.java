package io.sallyport.otlp;

import io.netty.util.NetUtil;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TraceStateBuilder;
import io.opentelemetry.exporter.internal.marshal.Marshaler;
import io.opentelemetry.exporter.internal.otlp.traces.TraceRequestMarshaler;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.sallyport.format.FieldValues;
import io.sallyport.format.SpanTags;
import io.sallyport.net.HostName;
import io.sallyport.operators.ComposedText;
import io.sallyport.outcome.CapturedValues;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.RequestTrace.Attempt;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.outcome.SpanOptions;
import io.sallyport.telemetry.ServerFailure;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the spans of a request that has ended: one of the server's side, and below it one of the client's side
/// for each attempt. A tunnel and a connection have one span.
final class RequestSpans implements Signal<SpanData> {
    /// Any other method is one that nobody may count by (OpenTelemetry, HTTP conventions).
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private static final int LONGEST_TEXT = 1024;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final StatusData FAILED = StatusData.create(StatusCode.ERROR, "");
    private static final HexFormat HEX = HexFormat.of();

    private final Resource resource;
    private final Attributes istioTags;

    RequestSpans(Instance instance) {
        resource = instance.resource();
        istioTags = instance.tags();
    }

    @Override
    public String title() {
        return "Spans";
    }

    @Override
    public String thread() {
        return "sallyport-spans";
    }

    @Override
    public String method() {
        return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    }

    @Override
    public Marshaler encoder(List<SpanData> batch) {
        return TraceRequestMarshaler.create(batch);
    }

    /// @param facts of a request whose trace is reported
    @Override
    public long addTo(List<SpanData> spans, RequestFacts facts) {
        RequestTrace trace = facts.trace;
        SpanOptions options = trace == null ? null : trace.report;
        if (trace == null || options == null) {
            return 0;
        }
        TraceState state = state(trace.state);
        SpanContext own = context(trace, trace.spanId, state, false);
        if (!trace.copy) {
            SpanContext parent =
                    trace.parentId == 0 ? SpanContext.getInvalid() : context(trace, trace.parentId, state, true);
            spans.add(server(facts, trace, options, own, parent));
        }
        int number = 0;
        for (Attempt each = trace.attempt; each != null; each = each.before) {
            number++;
        }
        for (Attempt each = trace.attempt; each != null; each = each.before) {
            spans.add(client(facts, trace, options, each, --number, own, state));
        }
        return facts.weight();
    }

    private static SpanContext context(RequestTrace trace, long span, TraceState state, boolean remote) {
        String id = trace.idText();
        String spanId = HEX.toHexDigits(span);
        return remote
                ? SpanContext.createFromRemoteParent(id, spanId, TraceFlags.getSampled(), state)
                : SpanContext.create(id, spanId, TraceFlags.getSampled(), state);
    }

    /// A member that is not well formed is left out.
    private static TraceState state(@Nullable CharSequence header) {
        if (header == null) {
            return TraceState.getDefault();
        }
        TraceStateBuilder builder = TraceState.builder();
        // The builder puts what comes last in front.
        for (String member : List.of(header.toString().split(",")).reversed()) {
            int equals = member.indexOf('=');
            if (equals > 0) {
                builder.put(
                        member.substring(0, equals).strip(),
                        member.substring(equals + 1).strip());
            }
        }
        return builder.build();
    }

    // The server's side.

    private FinishedSpan server(
            RequestFacts facts, RequestTrace trace, SpanOptions options, SpanContext own, SpanContext parent) {
        AttributesBuilder to = Attributes.builder();
        boolean request = !facts.method.isEmpty();
        if (request) {
            request(to, facts, options);
            put(to, Names.URL_SCHEME, trace.scheme);
            authority(to, facts.authority);
            put(to, Names.ROUTE, trace.route);
            put(to, Names.USER_AGENT, cut(facts.userAgent));
            put(to, Names.ENVOY_USER_AGENT, cut(facts.userAgent));
            put(to, Names.CLIENT_TRACE_ID, cut(trace.clientTraceId));
            response(to, facts, facts.status, facts.grpcStatus);
            to.put(Names.REQUEST_BODY_SIZE, facts.bytesReceived);
            to.put(Names.RESPONSE_BODY_SIZE, facts.bytesSent);
        }
        peer(to, facts);
        to.put(Names.REQUEST_SIZE, Long.toString(facts.bytesReceived));
        to.put(Names.RESPONSE_SIZE, Long.toString(facts.bytesSent));
        common(to, facts, trace, options);
        to.put(Names.RESPONSE_FLAGS, facts.flags());
        put(to, Names.RESPONSE_CODE_DETAILS, facts.details);
        put(to, Names.UPSTREAM_ADDRESS, facts.upstreamHost);
        if (facts.policyTrial != null) {
            to.put(Names.DRY_RUN_RESULT, "denied");
            to.put(Names.DRY_RUN_NAME, facts.policyTrial);
        }
        boolean failed = facts.status >= 500
                || (facts.flag != null && (facts.status < 400 || !request))
                || (facts.grpc && ServerFailure.isGrpc(number(facts.grpcStatus)));
        error(to, failed, facts.status, facts.flag, facts.grpcStatus);
        return span(name(facts, trace), SpanKind.SERVER, own, parent, failed, facts, 0, facts.durationNanos, to);
    }

    /// `GET /api`, by the route and never by the path, of which there are too many.
    private static String name(RequestFacts facts, RequestTrace trace) {
        if (facts.method.isEmpty()) {
            return "TCP " + (facts.destinationHost == null ? facts.port : operation(facts));
        }
        String method = METHODS.contains(facts.method) ? facts.method : "HTTP";
        return trace.route == null ? method : method + ' ' + trace.route;
    }

    /// `payments.default.svc.cluster.local:80/*`, as Istio names what a route leads to.
    private static String operation(RequestFacts facts) {
        String cluster = facts.cluster == null ? "" : facts.cluster;
        int first = cluster.indexOf('|');
        int second = cluster.indexOf('|', first + 1);
        String host = facts.egressHost == null ? facts.destinationHost : facts.egressHost;
        if (first < 0 || second < 0 || host == null) {
            return cluster;
        }
        return host + ':' + cluster.substring(first + 1, second) + "/*";
    }

    private static void peer(AttributesBuilder to, RequestFacts facts) {
        if (facts.downstreamRemote instanceof InetSocketAddress remote && remote.getAddress() != null) {
            String address = NetUtil.toAddressString(remote.getAddress());
            to.put(Names.CLIENT_ADDRESS, address);
            to.put(Names.PEER_ADDRESS, address);
            to.put(Names.PEER_PORT, (long) remote.getPort());
            to.put(Names.ENVOY_PEER, address);
        }
        if (facts.downstreamLocal instanceof InetSocketAddress local && facts.method.isEmpty()) {
            to.put(Names.SERVER_PORT, (long) local.getPort());
        }
    }

    // The client's side.

    private FinishedSpan client(
            RequestFacts facts,
            RequestTrace trace,
            SpanOptions options,
            Attempt attempt,
            int repetition,
            SpanContext parent,
            TraceState state) {
        boolean last = attempt.endNanos == 0;
        int status = last ? facts.status : attempt.status;
        ResponseFlag flag = last ? facts.flag : attempt.flag;
        CharSequence grpcStatus = last ? facts.grpcStatus : attempt.grpcStatus;
        // What the gateway itself answered is no response of the endpoint.
        boolean answered = !last || facts.upstreamServiceNanos >= 0 || trace.copy;
        status = answered ? status : 0;
        AttributesBuilder to = Attributes.builder();
        request(to, facts, options);
        String scheme = trace.encrypted ? "https://" : "http://";
        to.put(Names.URL_FULL, scheme + facts.authority + cut(facts.path, options.longestPath()));
        destination(to, facts);
        if (attempt.endpoint != null) {
            endpoint(to, attempt.endpoint);
        }
        if (repetition > 0) {
            to.put(Names.RESEND_COUNT, (long) repetition);
        }
        response(to, facts, status, answered ? grpcStatus : null);
        common(to, facts, trace, options);
        to.put(Names.RESPONSE_FLAGS, flag == null ? "-" : flag.name());
        put(to, Names.RESPONSE_CODE_DETAILS, last ? facts.details : attempt.details);
        boolean failed = status >= 400 || flag != null || (facts.grpc && answered && number(grpcStatus) > 0);
        error(to, failed, status, flag, answered ? grpcStatus : null);
        return span(
                operation(facts),
                SpanKind.CLIENT,
                context(trace, attempt.spanId, state, false),
                parent,
                failed,
                facts,
                attempt.startNanos - facts.startNanos,
                last ? facts.durationNanos : attempt.endNanos - facts.startNanos,
                to);
    }

    private static void destination(AttributesBuilder to, RequestFacts facts) {
        String operation = operation(facts);
        int colon = operation.lastIndexOf(':');
        if (colon > 0 && operation.endsWith("/*")) {
            to.put(Names.SERVER_ADDRESS, operation.substring(0, colon));
            port(to, Names.SERVER_PORT, operation.substring(colon + 1, operation.length() - 2));
        }
    }

    private static void endpoint(AttributesBuilder to, String name) {
        to.put(Names.UPSTREAM_ADDRESS, name);
        to.put(Names.ENVOY_PEER, name);
        int colon = name.lastIndexOf(':');
        if (colon > 0) {
            String host = name.substring(0, colon);
            boolean bracketed = host.startsWith("[") && host.endsWith("]");
            to.put(Names.PEER_ADDRESS, bracketed ? host.substring(1, host.length() - 1) : host);
            port(to, Names.PEER_PORT, name.substring(colon + 1));
        }
    }

    // Both.

    private void common(AttributesBuilder to, RequestFacts facts, RequestTrace trace, SpanOptions options) {
        to.put(Names.COMPONENT, "proxy");
        to.put(Names.DOWNSTREAM_CLUSTER, "-");
        put(to, Names.REQUEST_ID, cut(facts.requestId));
        put(to, Names.UPSTREAM_CLUSTER, facts.cluster);
        put(to, Names.UPSTREAM_CLUSTER_NAME, facts.cluster);
        if (options.istioTags()) {
            to.putAll(istioTags);
        }
        for (Map.Entry<String, String> tag : trace.tags) {
            to.put(tag.getKey(), tag.getValue());
        }
        for (SpanTags.Tag tag : options.tags().all()) {
            FieldValues fields = CapturedValues.from(tag.place(), facts.log == null ? null : facts.log.traced);
            put(
                    to,
                    AttributeKey.stringKey(tag.name()),
                    ComposedText.ofEnded(tag.value(), facts, fields, LONGEST_TEXT, ""));
        }
    }

    private static void request(AttributesBuilder to, RequestFacts facts, SpanOptions options) {
        to.put(Names.REQUEST_METHOD, METHODS.contains(facts.method) ? facts.method : "_OTHER");
        to.put(Names.HTTP_METHOD, cut(facts.method, LONGEST_TEXT));
        int question = facts.path.indexOf('?');
        to.put(
                Names.URL_PATH,
                cut(question < 0 ? facts.path : facts.path.substring(0, question), options.longestPath()));
        if (question >= 0) {
            to.put(Names.URL_QUERY, cut(facts.path.substring(question + 1), options.longestPath()));
        }
        String scheme = facts.downstreamTls ? "https" : "http";
        to.put(Names.HTTP_URL, scheme + "://" + facts.authority + cut(facts.path, options.longestPath()));
        to.put(Names.HTTP_PROTOCOL, facts.protocol);
        int slash = facts.protocol.indexOf('/');
        if (slash > 0) {
            to.put(Names.PROTOCOL_NAME, "http");
            to.put(Names.PROTOCOL_VERSION, facts.protocol.substring(slash + 1));
        }
    }

    private static void response(
            AttributesBuilder to, RequestFacts facts, int status, @Nullable CharSequence grpcStatus) {
        if (status > 0) {
            to.put(Names.STATUS_CODE, (long) status);
        }
        to.put(Names.HTTP_STATUS_CODE, Integer.toString(status));
        if (facts.grpc) {
            to.put(Names.RPC_SYSTEM, "grpc");
            int number = number(grpcStatus);
            if (number >= 0) {
                to.put(Names.RPC_STATUS, (long) number);
                to.put(Names.GRPC_STATUS_CODE, Integer.toString(number));
            }
        }
    }

    private static void error(
            AttributesBuilder to,
            boolean failed,
            int status,
            @Nullable ResponseFlag flag,
            @Nullable CharSequence grpcStatus) {
        if (failed) {
            to.put(Names.ERROR, "true");
            int number = number(grpcStatus);
            String type = flag != null ? flag.name() : Integer.toString(status >= 400 || number < 0 ? status : number);
            to.put(Names.ERROR_TYPE, type);
        }
    }

    private FinishedSpan span(
            String name,
            SpanKind kind,
            SpanContext own,
            SpanContext parent,
            boolean failed,
            RequestFacts facts,
            long from,
            long until,
            AttributesBuilder attributes) {
        long start = facts.startMillis * NANOS_PER_MILLI;
        return new FinishedSpan(
                resource,
                name,
                kind,
                own,
                parent,
                failed ? FAILED : StatusData.unset(),
                start + from,
                start + Math.max(from, until),
                attributes.build());
    }

    private static void authority(AttributesBuilder to, String authority) {
        HostName host = HostName.parse(authority);
        if (!host.isRejected()) {
            to.put(Names.SERVER_ADDRESS, host.host());
            if (host.port() > 0) {
                to.put(Names.SERVER_PORT, (long) host.port());
            }
        }
    }

    private static void port(AttributesBuilder to, AttributeKey<Long> key, String text) {
        int port = number(text);
        if (port > 0) {
            to.put(key, (long) port);
        }
    }

    /// @return -1 where it is none
    private static int number(@Nullable CharSequence text) {
        if (text == null || text.isEmpty() || text.length() > 5) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    private static void put(AttributesBuilder to, AttributeKey<String> key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            to.put(key, value);
        }
    }

    private static @Nullable String cut(@Nullable CharSequence text) {
        return text == null ? null : cut(text.toString(), LONGEST_TEXT);
    }

    private static String cut(String text, int longest) {
        return text.length() > longest ? text.substring(0, longest) : text;
    }
}
