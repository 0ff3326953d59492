package io.sallyport.otlp;

import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import io.sallyport.format.FieldValues;
import io.sallyport.format.SpanTags;
import io.sallyport.http.grpc.ProtoWriter;
import io.sallyport.net.HostName;
import io.sallyport.operators.ComposedText;
import io.sallyport.outcome.CapturedValues;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.RequestTrace.Attempt;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.outcome.SpanOptions;
import io.sallyport.telemetry.ServerFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Makes the spans of a request that has ended: one of the server's side, and below it one of the client's side
/// for each attempt. A tunnel and a connection have one span. One thread uses it.
final class RequestSpans implements Signal {
    /// Any other method is one that nobody may count by (OpenTelemetry, HTTP conventions).
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private static final AsciiString HTTP = AsciiString.cached("http://");
    private static final AsciiString HTTPS = AsciiString.cached("https://");
    private static final int LONGEST_TEXT = 1024;
    private static final long NANOS_PER_MILLI = 1_000_000;

    // `Span` (opentelemetry-proto `trace.proto`).
    private static final int TRACE_ID = 1;
    private static final int SPAN_ID = 2;
    private static final int TRACE_STATE = 3;
    private static final int PARENT_SPAN_ID = 4;
    private static final int NAME = 5;
    private static final int KIND = 6;
    private static final int START = 7;
    private static final int END = 8;
    private static final int ATTRIBUTES = 9;
    private static final int STATUS = 15;
    private static final int FLAGS = 16;
    private static final int SERVER = 2;
    private static final int CLIENT = 3;
    /// Of `Status`.
    private static final int CODE = 3;

    private static final int ERROR = 2;
    /// Sampled, and it is known whether the parent is another process's.
    private static final int OF_HERE = 0x101;
    /// It is.
    private static final int REMOTE_PARENT = 0x200;

    private final Instance instance;
    private final Resource resource;
    /// Attributes that are the same in every span, and those with Istio's tags.
    private final byte[] constant;

    private final byte[] withIstioTags;
    private final WrittenParts ofServers = new WrittenParts();
    private final WrittenParts ofClients = new WrittenParts();
    /// Attributes of the request at hand that the configuration adds to each of its spans.
    private final ProtoWriter added = new ProtoWriter();
    /// Of the last request.
    private @Nullable InetAddress lastPeer;
    private String lastPeerText = "";

    RequestSpans(Instance instance) {
        this.instance = instance;
        resource = instance.resource(Map.of());
        constant = constants(false);
        withIstioTags = constants(true);
    }

    private byte[] constants(boolean istioTags) {
        ProtoWriter out = new ProtoWriter();
        constants(new Attributes(out, ATTRIBUTES), istioTags);
        return out.toBytes();
    }

    private void constants(Attributes to, boolean istioTags) {
        to.put(Names.COMPONENT, "proxy");
        if (istioTags) {
            instance.tags(to);
        }
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

    /// @param facts of a request whose trace is reported
    @Override
    public void addTo(Batch batch, RequestFacts facts) {
        RequestTrace trace = facts.trace;
        SpanOptions options = trace == null ? null : trace.report;
        if (trace == null || options == null) {
            return;
        }
        String state = TraceStateText.of(trace.state);
        Set<String> replaced = replaced(trace, options);
        writeAdded(facts, trace, options, replaced);
        if (!trace.copy) {
            batch.add(resource, span -> {
                ids(span, trace, state, trace.spanId, trace.parentId);
                span.fixed32(FLAGS, trace.parentId == 0 ? OF_HERE : OF_HERE | REMOTE_PARENT);
                server(span, facts, trace, options, replaced);
            });
        }
        int attempts = 0;
        for (Attempt each = trace.attempt; each != null; each = each.before) {
            attempts++;
        }
        for (Attempt each = trace.attempt; each != null; each = each.before) {
            Attempt attempt = each;
            int repetition = --attempts;
            batch.add(resource, span -> {
                ids(span, trace, state, attempt.spanId, trace.spanId);
                span.fixed32(FLAGS, OF_HERE);
                client(span, facts, trace, options, attempt, repetition, replaced);
            });
        }
    }

    /// Known attributes that tags of the configuration have in another way.
    private static Set<String> replaced(RequestTrace trace, SpanOptions options) {
        if (trace.tags.isEmpty() && options.tags().all().isEmpty()) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        trace.tags.forEach(tag -> names.add(tag.getKey()));
        options.tags().all().forEach(tag -> names.add(tag.name()));
        names.removeIf(name -> !Names.isKnown(name));
        return names;
    }

    private static void ids(ProtoWriter span, RequestTrace trace, String state, long own, long parent) {
        int traceId = span.open(TRACE_ID);
        span.bigEndian(trace.high);
        span.bigEndian(trace.low);
        span.close(traceId);
        id(span, SPAN_ID, own);
        span.text(TRACE_STATE, state);
        if (parent != 0) {
            id(span, PARENT_SPAN_ID, parent);
        }
    }

    private static void id(ProtoWriter span, int field, long id) {
        int start = span.open(field);
        span.bigEndian(id);
        span.close(start);
    }

    // The server's side.

    private void server(
            ProtoWriter span, RequestFacts facts, RequestTrace trace, SpanOptions options, Set<String> replaced) {
        Attributes to = new Attributes(span, ATTRIBUTES, replaced);
        boolean request = !facts.method.isEmpty();
        span.copy(added);
        to.put(Names.REQUEST_ID, facts.requestId, LONGEST_TEXT);
        if (request) {
            path(to, facts, options);
            to.put(Names.USER_AGENT, facts.userAgent, LONGEST_TEXT);
            to.put(Names.ENVOY_USER_AGENT, facts.userAgent, LONGEST_TEXT);
            to.put(Names.CLIENT_TRACE_ID, trace.clientTraceId, LONGEST_TEXT);
            to.put(Names.REQUEST_BODY_SIZE, facts.bytesReceived);
            to.put(Names.RESPONSE_BODY_SIZE, facts.bytesSent);
        }
        ports(to, facts);
        to.digits(Names.REQUEST_SIZE, facts.bytesReceived);
        to.digits(Names.RESPONSE_SIZE, facts.bytesSent);
        if (facts.policy.trial() != null) {
            to.put(Names.DRY_RUN_RESULT, "denied");
            to.put(Names.DRY_RUN_NAME, facts.policy.trial());
        }
        times(span, facts, 0, facts.durationNanos);

        boolean failed = facts.status >= 500
                || (facts.flag != null && (facts.status < 400 || !request))
                || (facts.grpc && ServerFailure.isGrpc(number(facts.grpcStatus)));
        String peer = peerText(facts);
        String client = clientText(facts, peer);
        @Nullable
        String[] values = {
            facts.method,
            facts.protocol,
            facts.scheme,
            facts.authority,
            trace.route,
            peer,
            client,
            facts.destination.cluster(),
            facts.flags(),
            facts.details,
            facts.endpoint.address()
        };
        int number = number(facts.status, failed, options);
        shared(ofServers, span, facts, replaced, number, values, () -> {
            if (request) {
                protocol(to, facts);
                to.put(Names.HTTP_METHOD, facts.method, LONGEST_TEXT);
                to.put(Names.URL_SCHEME, facts.scheme);
                authority(to, facts.authority);
                to.put(Names.ROUTE, trace.route);
                response(to, facts, facts.status, facts.grpcStatus);
            }
            to.put(Names.CLIENT_ADDRESS, client);
            to.put(Names.PEER_ADDRESS, peer);
            to.put(Names.ENVOY_PEER, peer);
            to.put(Names.DOWNSTREAM_CLUSTER, "-");
            common(to, facts, options, replaced);
            to.put(Names.RESPONSE_FLAGS, facts.flags());
            to.put(Names.RESPONSE_CODE_DETAILS, facts.details);
            to.put(Names.UPSTREAM_ADDRESS, facts.endpoint.address());
            error(to, failed, facts.status, facts.flag, facts.grpcStatus);
            name(span, facts, trace);
            kind(span, SERVER, failed);
        });
    }

    /// Writes the part of a span that has neither times, ids, paths nor sizes, or copies it as it was written for a
    /// request like this one.
    ///
    /// @param written those of this kind of span
    /// @param number and values that the part is made of
    private static void shared(
            WrittenParts written,
            ProtoWriter span,
            RequestFacts facts,
            Set<String> replaced,
            int number,
            @Nullable String[] values,
            Runnable writing) {
        if (!replaced.isEmpty() || facts.grpc || !METHODS.contains(facts.method)) {
            writing.run();
            return;
        }
        byte[] known = written.find(number, values);
        if (known != null) {
            span.raw(known);
            return;
        }
        int start = span.size();
        writing.run();
        written.keep(number, values, span.toBytes(start));
    }

    private static int number(int status, boolean failed, SpanOptions options) {
        return status << 2 | (failed ? 2 : 0) | (options.istioTags() ? 1 : 0);
    }

    /// `GET /api`, by the route and never by the path, of which there are too many.
    private static void name(ProtoWriter span, RequestFacts facts, RequestTrace trace) {
        int start = span.open(NAME);
        if (!facts.method.isEmpty()) {
            span.utf8(METHODS.contains(facts.method) ? facts.method : "HTTP");
            if (trace.route != null) {
                span.utf8(" ");
                span.utf8(trace.route);
            }
        } else {
            span.utf8("TCP ");
            if (facts.destination.host() == null) {
                span.decimal(facts.client.port());
            } else {
                operation(span, facts);
            }
        }
        span.close(start);
    }

    /// `payments.default.svc.cluster.local:80/*`, as Istio names what a route leads to.
    private static void operation(ProtoWriter text, RequestFacts facts) {
        String cluster = facts.destination.cluster() == null ? "" : facts.destination.cluster();
        String host = destination(facts);
        int first = cluster.indexOf('|');
        int second = cluster.indexOf('|', first + 1);
        if (first < 0 || second < 0 || host == null) {
            text.utf8(cluster);
        } else {
            text.utf8(host);
            text.utf8(":");
            text.utf8(cluster, first + 1, second);
            text.utf8("/*");
        }
    }

    private static @Nullable String destination(RequestFacts facts) {
        return facts.egress.host() == null ? facts.destination.host() : facts.egress.host();
    }

    private static @Nullable SocketAddress peer(RequestFacts facts) {
        return facts.client.peer() == null ? facts.client.remote() : facts.client.peer();
    }

    private @Nullable String peerText(RequestFacts facts) {
        if (peer(facts) instanceof InetSocketAddress peer && peer.getAddress() != null) {
            InetAddress address = peer.getAddress();
            if (!address.equals(lastPeer)) {
                lastPeerText = NetUtil.toAddressString(address);
                lastPeer = address;
            }
            return lastPeerText;
        }
        return null;
    }

    private static @Nullable String clientText(RequestFacts facts, @Nullable String peer) {
        return facts.client.peer() != null
                        && facts.client.remote() instanceof InetSocketAddress client
                        && client.getAddress() != null
                ? NetUtil.toAddressString(client.getAddress())
                : peer;
    }

    private static void ports(Attributes to, RequestFacts facts) {
        if (peer(facts) instanceof InetSocketAddress peer && peer.getAddress() != null) {
            to.put(Names.PEER_PORT, peer.getPort());
        }
        if (facts.client.local() instanceof InetSocketAddress local && facts.method.isEmpty()) {
            to.put(Names.SERVER_PORT, local.getPort());
        }
    }

    // The client's side.

    private void client(
            ProtoWriter span,
            RequestFacts facts,
            RequestTrace trace,
            SpanOptions options,
            Attempt attempt,
            int repetition,
            Set<String> replaced) {
        boolean last = attempt.endNanos == 0;
        // What the gateway itself answered is no response of the endpoint.
        boolean answered = facts.upstreamServiceNanos >= 0 || trace.copy;
        int status = last ? (answered ? facts.status : 0) : attempt.status;
        ResponseFlag flag = last ? facts.flag : attempt.flag;
        CharSequence grpcStatus = last ? (answered ? facts.grpcStatus : null) : attempt.grpcStatus;
        Attributes to = new Attributes(span, ATTRIBUTES, replaced);
        span.copy(added);
        url(to, Names.URL_FULL, trace.encrypted, facts, options);
        if (repetition > 0) {
            to.put(Names.RESEND_COUNT, repetition);
        }
        times(
                span,
                facts,
                attempt.startNanos - facts.startNanos,
                last ? facts.durationNanos : attempt.endNanos - facts.startNanos);

        boolean failed = status >= 400 || flag != null || (facts.grpc && number(grpcStatus) > 0);
        String flags = flag == null ? "-" : flag.name();
        String details = last ? facts.details : attempt.details;
        @Nullable
        String[] values = {
            facts.method,
            facts.protocol,
            facts.destination.cluster(),
            destination(facts),
            attempt.endpoint,
            flags,
            details
        };
        int number = number(status, failed, options);
        shared(ofClients, span, facts, replaced, number, values, () -> {
            protocol(to, facts);
            destination(to, facts);
            if (attempt.endpoint != null) {
                endpoint(to, attempt.endpoint);
            }
            response(to, facts, status, grpcStatus);
            common(to, facts, options, replaced);
            to.put(Names.RESPONSE_FLAGS, flags);
            to.put(Names.RESPONSE_CODE_DETAILS, details);
            error(to, failed, status, flag, grpcStatus);
            if (facts.destination.cluster() != null
                    && !facts.destination.cluster().isEmpty()) {
                int name = span.open(NAME);
                operation(span, facts);
                span.close(name);
            }
            kind(span, CLIENT, failed);
        });
    }

    private static void destination(Attributes to, RequestFacts facts) {
        String host = destination(facts);
        String cluster = facts.destination.cluster();
        if (host != null && cluster != null) {
            int first = cluster.indexOf('|');
            int second = cluster.indexOf('|', first + 1);
            if (first >= 0 && second >= 0) {
                to.put(Names.SERVER_ADDRESS, host);
                port(to, Names.SERVER_PORT, cluster, first + 1, second);
            }
        }
    }

    private static void endpoint(Attributes to, String name) {
        to.put(Names.UPSTREAM_ADDRESS, name);
        to.put(Names.ENVOY_PEER, name);
        int colon = name.lastIndexOf(':');
        if (colon > 0) {
            boolean bracketed = name.charAt(0) == '[' && name.charAt(colon - 1) == ']';
            to.always(Names.PEER_ADDRESS, name, bracketed ? 1 : 0, bracketed ? colon - 1 : colon);
            port(to, Names.PEER_PORT, name, colon + 1, name.length());
        }
    }

    // Both.

    private void common(Attributes to, RequestFacts facts, SpanOptions options, Set<String> replaced) {
        if (replaced.isEmpty()) {
            to.copy(options.istioTags() ? withIstioTags : constant);
        } else {
            constants(to, options.istioTags());
        }
        to.put(Names.UPSTREAM_CLUSTER, facts.destination.cluster());
        to.put(Names.UPSTREAM_CLUSTER_NAME, facts.destination.cluster());
    }

    private void writeAdded(RequestFacts facts, RequestTrace trace, SpanOptions options, Set<String> replaced) {
        added.truncate(0);
        Attributes to = new Attributes(added, ATTRIBUTES, replaced);
        for (Map.Entry<String, String> tag : trace.tags) {
            to.instead(tag.getKey(), tag.getValue());
        }
        for (SpanTags.Tag tag : options.tags().all()) {
            FieldValues fields = CapturedValues.from(tag.place(), facts.log == null ? null : facts.log.traced);
            String value = ComposedText.ofEnded(tag.value(), facts, fields, LONGEST_TEXT, "");
            if (!value.isEmpty()) {
                to.instead(tag.name(), value);
            }
        }
    }

    private static void protocol(Attributes to, RequestFacts facts) {
        to.put(Names.REQUEST_METHOD, METHODS.contains(facts.method) ? facts.method : "_OTHER");
        to.put(Names.HTTP_PROTOCOL, facts.protocol);
        int slash = facts.protocol.indexOf('/');
        if (slash > 0) {
            to.put(Names.PROTOCOL_NAME, "http");
            to.always(Names.PROTOCOL_VERSION, facts.protocol, slash + 1, facts.protocol.length());
        }
    }

    private static void path(Attributes to, RequestFacts facts, SpanOptions options) {
        String path = facts.path;
        int question = path.indexOf('?');
        int end = question < 0 ? path.length() : question;
        to.always(Names.URL_PATH, path, 0, Math.min(end, options.longestPath()));
        if (question >= 0) {
            int from = question + 1;
            to.always(Names.URL_QUERY, path, from, Math.min(path.length(), from + options.longestPath()));
        }
        url(to, Names.HTTP_URL, facts.client.tls(), facts, options);
    }

    private static void url(
            Attributes to, AttributeName name, boolean encrypted, RequestFacts facts, SpanOptions options) {
        int end = Math.min(facts.path.length(), options.longestPath());
        to.always(name, encrypted ? HTTPS : HTTP, facts.authority, facts.path, 0, end);
    }

    private static void response(Attributes to, RequestFacts facts, int status, @Nullable CharSequence grpcStatus) {
        if (status > 0) {
            to.put(Names.STATUS_CODE, status);
        }
        to.digits(Names.HTTP_STATUS_CODE, status);
        if (facts.grpc) {
            to.put(Names.RPC_SYSTEM, "grpc");
            int number = number(grpcStatus);
            if (number >= 0) {
                to.put(Names.RPC_STATUS, number);
                to.digits(Names.GRPC_STATUS_CODE, number);
            }
        }
    }

    private static void error(
            Attributes to, boolean failed, int status, @Nullable ResponseFlag flag, @Nullable CharSequence grpcStatus) {
        if (failed) {
            to.put(Names.ERROR, "true");
            int number = number(grpcStatus);
            String type = flag != null ? flag.name() : Integer.toString(status >= 400 || number < 0 ? status : number);
            to.put(Names.ERROR_TYPE, type);
        }
    }

    /// @param from nanoseconds since the request began, as `until`
    private static void times(ProtoWriter span, RequestFacts facts, long from, long until) {
        long start = facts.startMillis * NANOS_PER_MILLI;
        span.fixed64(START, start + from);
        span.fixed64(END, start + Math.max(from, until));
    }

    private static void kind(ProtoWriter span, int kind, boolean failed) {
        span.number(KIND, kind);
        if (failed) {
            span.message(STATUS, status -> status.number(CODE, ERROR));
        }
    }

    private static void authority(Attributes to, String authority) {
        HostName server = HostName.parse(authority);
        if (!server.isRejected()) {
            to.put(Names.SERVER_ADDRESS, server.host());
            if (server.port() > 0) {
                to.put(Names.SERVER_PORT, server.port());
            }
        }
    }

    private static void port(Attributes to, AttributeName key, String text, int from, int end) {
        int port = number(text, from, end);
        if (port > 0) {
            to.put(key, port);
        }
    }

    /// @return -1 where it is none
    private static int number(@Nullable CharSequence text) {
        return text == null ? -1 : number(text, 0, text.length());
    }

    private static int number(CharSequence text, int from, int end) {
        if (from == end || end - from > 5) {
            return -1;
        }
        int number = 0;
        for (int i = from; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
