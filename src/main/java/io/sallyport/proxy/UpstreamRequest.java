package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.Forward;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.PathNormalizer;
import io.sallyport.route.RequestTarget;
import io.sallyport.route.RewrittenAuthority;
import io.sallyport.route.WeightedCluster;
import org.jspecify.annotations.Nullable;

/// Makes the head that is sent upstream of the one that came: the fields that say who called, then rewrites and header
/// operations. Works in place; a retry sends the same head again.
public final class UpstreamRequest {
    private UpstreamRequest() {}

    /// Before anything is decided by the head's fields: what the client claims about itself gives way to what is known.
    /// A route that looks at `x-forwarded-client-cert` must not be open to whoever writes one.
    static void identify(Exchange exchange) {
        RequestHead head = exchange.head;
        HttpConnection connection = exchange.connection;
        if (connection.isMesh()) {
            connection.loop.forwarded.applyOutbound(head, connection.info, connection.loop.requestIds);
            head.headers.remove(HeaderNames.X_FORWARDED_CLIENT_CERT);
        } else {
            connection.loop.forwarded.apply(head, connection.info, connection.peerAddress, connection.loop.requestIds);
            clientCertificate(head.headers, connection.clientCert());
        }
        exchange.facts.requestId = head.headers.get(HeaderNames.X_REQUEST_ID);
        exchange.facts.forwardedFor = head.headers.get(HeaderNames.X_FORWARDED_FOR);
    }

    static void prepare(
            Exchange exchange, Forward route, WeightedCluster destination, RoutingContext context, MatchedRoute matched)
            throws ProxyException {
        RequestHead head = exchange.head;
        Via via = exchange.connection.via;
        AsciiString written = via.written(head.headers);
        rewrite(head, route, destination, context, matched);
        via.addTo(head.headers, written, head.version);
        if (!FieldSyntax.isTarget(head.path) || !FieldSyntax.areValues(head.headers)) {
            throw Failures.unsendable("unsendable_request");
        }
    }

    /// What the route itself changes: header operations, path and authority.
    ///
    /// @throws ProxyException 400 where the rewrite would put a dot segment into the path
    public static void rewrite(
            RequestHead head, Forward route, WeightedCluster destination, RoutingContext context, MatchedRoute matched)
            throws ProxyException {
        route.editRequest(destination, head.headers, HeaderEditor.INSTANCE);
        head.path = path(route, context.target(), matched);
        RewrittenAuthority authority = route.authorityFor(destination);
        if (authority != null) {
            head.authority = authority.text();
            context.sendTo(authority.host());
        }
    }

    private static String path(Forward route, RequestTarget target, MatchedRoute matched) throws ProxyException {
        if (route.rewrite() == null) {
            return target.pathAndQuery();
        }
        String path = route.pathFor(target.path(), matched.match());
        if (PathNormalizer.hasDotSegment(path) && !PathNormalizer.hasDotSegment(target.path())) {
            throw ProxyException.downstream(ResponseFlag.DPE, 400, "rewritten_path_has_dot_segment");
        }
        return target.query() == null ? path : path + "?" + target.query();
    }

    /// A client's own x-forwarded-client-cert is never passed on: it would let anybody claim any identity.
    private static void clientCertificate(Headers headers, @Nullable AsciiString element) {
        if (element == null) {
            headers.remove(HeaderNames.X_FORWARDED_CLIENT_CERT);
        } else {
            headers.set(HeaderNames.X_FORWARDED_CLIENT_CERT, element);
        }
    }
}
