package io.sallyport.proxy;

import io.sallyport.format.LogPlan;
import io.sallyport.format.LogPlan.Captured;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.outcome.LoggedFields;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
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
    static void begin(RequestFacts facts, HttpConnection connection, RequestHead head, @Nullable LogPlan plan) {
        ConnectionInfo info = connection.info;
        facts.startMillis = connection.loop.clockMillis.getAsLong();
        facts.startNanos = System.nanoTime();
        facts.method = head.method;
        facts.path = head.path;
        facts.authority = head.authority;
        facts.protocol = head.version.text();
        facts.userAgent = head.headers.get(HeaderNames.USER_AGENT);
        facts.requestId = head.headers.get(HeaderNames.X_REQUEST_ID);
        facts.forwardedFor = head.headers.get(HeaderNames.X_FORWARDED_FOR);
        // Who asks for another protocol would take the 200 of a gRPC error for the switch.
        facts.grpc = !head.isExtendedConnect() && Routing.isGrpc(head.headers.get(HeaderNames.CONTENT_TYPE));
        facts.downstreamRemote = info.remote();
        facts.downstreamLocal = info.local();
        facts.port = connection.port;
        ConnectionInfo.Tls tls = info.tls();
        if (tls != null) {
            facts.downstreamTls = true;
            facts.requestedServerName = tls.sni();
            facts.downstreamPrincipal = tls.peerIdentity();
            facts.downstreamVerified = tls.peerCertificate() != null;
        }
        if (plan != null) {
            facts.log = details(plan, connection);
        }
    }

    /// What formats want of a connection.
    ///
    /// @param plan null where nothing is said of how requests are logged
    static LoggedFields details(@Nullable LogPlan plan, HttpConnection connection) {
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

    /// What the log wants of a request's fields, as they are sent on.
    static void request(LoggedFields log, Headers headers) {
        if (log.plan != null) {
            for (Captured each : log.plan.request()) {
                log.values[each.place()] = log.withheld.contains(each.name()) ? null : headers.get(each.name());
            }
        }
    }

    /// That of a response's, as they are sent to the client.
    static void response(LoggedFields log, Headers headers) {
        if (log.plan != null) {
            capture(log, log.plan.response(), headers);
        }
    }

    /// That of its trailers.
    static void trailers(LoggedFields log, Headers trailers) {
        if (log.plan != null) {
            capture(log, log.plan.trailers(), trailers);
        }
    }

    private static void capture(LoggedFields log, List<Captured> wanted, Headers from) {
        for (Captured each : wanted) {
            log.values[each.place()] = from.get(each.name());
        }
    }

    /// What is answered instead of forwarding.
    static void refused(RequestFacts facts, ProxyException failure) {
        facts.flag = failure.flag();
        facts.details = failure.details();
        if (facts.egressHost != null && facts.egressDenial == null && failure.explanation() != null) {
            facts.egressDenial = "egress denied: " + failure.explanation().strip();
        }
    }

    static void end(RequestFacts facts) {
        facts.durationNanos = System.nanoTime() - facts.startNanos;
    }
}
