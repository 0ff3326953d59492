package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.format.CapturedFields.Captured;
import io.sallyport.format.LogPlan;
import io.sallyport.format.MetricPlan;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.net.AddressLiteral;
import io.sallyport.outcome.CapturedValues;
import io.sallyport.outcome.EgressFacts;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.SpanOptions;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Fills in what is known of a request at its two ends.
final class FactSheet {
    private FactSheet() {}

    /// What stands for a request whose head could not be read.
    static RequestHead unreadable(ConnectionInfo info) {
        return new RequestHead(HttpVersion.HTTP_1_1, "-", info.scheme(), "-", "-", new Headers(0));
    }

    /// @param plan how it is to be logged; null where nothing is said
    /// @param metrics how it is to be counted, likewise
    static void begin(
            RequestFacts facts,
            HttpConnection connection,
            RequestHead head,
            @Nullable LogPlan plan,
            @Nullable MetricPlan metrics) {
        ConnectionInfo info = connection.info;
        facts.startMillis = connection.loop.clockMillis.getAsLong();
        facts.startNanos = System.nanoTime();
        facts.method = head.method;
        facts.path = head.path;
        facts.scheme = info.scheme();
        facts.authority = head.authority;
        facts.protocol = head.version.text();
        facts.userAgent = head.headers.get(HeaderNames.USER_AGENT);
        facts.requestId = head.headers.get(HeaderNames.X_REQUEST_ID);
        facts.forwardedFor = head.headers.get(HeaderNames.X_FORWARDED_FOR);
        // Who asks for another protocol would take the 200 of a gRPC error for the switch.
        facts.grpc = !head.isExtendedConnect() && Routing.isGrpc(head.headers.get(HeaderNames.CONTENT_TYPE));
        facts.client = connection.facts;
        facts.metrics = metrics;
        if (plan != null) {
            facts.log = details(plan, connection);
        }
        if (metrics != null && metrics.hasExpressions()) {
            details(facts, connection).counted = new CapturedValues(metrics.captured());
        }
    }

    /// Envoy has the client's address without its port, too (`use_remote_address`, `xff_num_trusted_hops`).
    ///
    /// @param address another than the peer's
    static void client(RequestFacts facts, AsciiString address) {
        facts.client = facts.client.through(new InetSocketAddress(AddressLiteral.parse(address), 0));
    }

    /// What formats want of a request and its connection, from now on.
    static LoggedFields details(RequestFacts facts, HttpConnection connection) {
        LoggedFields log = facts.log == null ? details((LogPlan) null, connection) : facts.log;
        facts.log = log;
        return log;
    }

    private static LoggedFields details(@Nullable LogPlan plan, HttpConnection connection) {
        LoggedFields log = new LoggedFields(plan);
        ConnectionInfo info = connection.info;
        log.peer = info.peer();
        log.connectionId = info.id();
        log.filterChain = connection.chainName;
        ConnectionInfo.Tls tls = info.tls();
        if (tls != null) {
            log.peerCertificate = tls.peerCertificate();
            log.tlsVersion = tls.protocol();
            log.tlsCipher = tls.cipherSuite();
        }
        return log;
    }

    /// It belongs to that trace.
    static void trace(RequestFacts facts, HttpConnection connection, RequestTrace trace) {
        facts.trace = trace;
        SpanOptions report = trace.report;
        if (report != null && trace.hasLateTags()) {
            details(facts, connection).traced = new CapturedValues(report.tags().captured());
        }
    }

    /// What the log, metrics and spans want of a request's fields, as they are sent on.
    static void request(LoggedFields log, Headers headers) {
        request(log.logged, log.withheld, headers);
        request(log.counted, log.withheld, headers);
        request(log.traced, log.withheld, headers);
    }

    private static void request(@Nullable CapturedValues to, List<AsciiString> withheld, Headers headers) {
        if (to != null) {
            for (Captured each : to.wanted().request()) {
                to.set(each.place(), withheld.contains(each.name()) ? null : headers.get(each.name()));
            }
        }
    }

    /// What they want of a response's, as they are sent to the client.
    static void response(LoggedFields log, Headers headers) {
        response(log.logged, headers);
        response(log.counted, headers);
        response(log.traced, headers);
    }

    private static void response(@Nullable CapturedValues to, Headers headers) {
        if (to != null) {
            capture(to, to.wanted().response(), headers);
        }
    }

    /// What they want of its trailers.
    static void trailers(LoggedFields log, Headers trailers) {
        trailers(log.logged, trailers);
        trailers(log.counted, trailers);
        trailers(log.traced, trailers);
    }

    private static void trailers(@Nullable CapturedValues to, Headers trailers) {
        if (to != null) {
            capture(to, to.wanted().trailers(), trailers);
        }
    }

    private static void capture(CapturedValues to, List<Captured> wanted, Headers from) {
        for (Captured each : wanted) {
            to.set(each.place(), from.get(each.name()));
        }
    }

    /// What is answered instead of forwarding.
    static void refused(RequestFacts facts, ProxyException failure) {
        facts.flag = failure.flag();
        facts.details = failure.details();
        EgressFacts egress = facts.egress;
        if (egress.host() != null && egress.denial() == null && failure.explanation() != null) {
            facts.egress =
                    egress.denied("egress denied: " + failure.explanation().strip());
        }
    }

    static void end(RequestFacts facts) {
        facts.durationNanos = System.nanoTime() - facts.startNanos;
    }
}
