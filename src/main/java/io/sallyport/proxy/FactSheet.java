package io.sallyport.proxy;

import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;

/// Fills in what is known of a request at its two ends.
final class FactSheet {
    private FactSheet() {}

    /// What stands for a request whose head could not be read.
    static RequestHead unreadable(ConnectionInfo info) {
        return new RequestHead(HttpVersion.HTTP_1_1, "-", info.scheme(), "-", "-", new Headers(0));
    }

    static void begin(RequestFacts facts, HttpConnection connection, RequestHead head) {
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
