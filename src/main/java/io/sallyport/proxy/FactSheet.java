package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.telemetry.RequestFacts;
import org.jspecify.annotations.Nullable;

/// Fills in what is known of a request at its two ends.
final class FactSheet {
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");

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
        facts.grpc = isGrpc(head.headers.get(HeaderNames.CONTENT_TYPE));
        facts.downstreamRemote = info.remote();
        facts.downstreamLocal = info.local();
        facts.port = connection.port;
        ConnectionInfo.Tls tls = info.tls();
        if (tls != null) {
            facts.downstreamTls = true;
            facts.requestedServerName = tls.sni();
            facts.downstreamPrincipal = tls.peerIdentity();
        }
    }

    /// `application/grpc`, with a suffix such as `+proto` or none, but not `application/grpc-web`.
    private static boolean isGrpc(@Nullable AsciiString contentType) {
        return contentType != null
                && contentType.startsWith(GRPC)
                && (contentType.length() == GRPC.length()
                        || contentType.byteAt(GRPC.length()) == '+'
                        || contentType.byteAt(GRPC.length()) == ';');
    }

    static void end(RequestFacts facts) {
        facts.durationNanos = System.nanoTime() - facts.startNanos;
    }
}
