package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.RequestHead;
import io.sallyport.http.WebSocketHandshake;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.MatchedRoute;
import io.sallyport.snapshot.FilterChain;
import io.sallyport.snapshot.HttpHost;
import org.jspecify.annotations.Nullable;

/// Decisions on a request's way to its route, the same for `serve` and `explain`.
public final class Routing {
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");

    private Routing() {}

    /// `application/grpc`, with a suffix such as `+proto` or none, but not `application/grpc-web`.
    public static boolean isGrpc(@Nullable AsciiString contentType) {
        return contentType != null
                && contentType.startsWith(GRPC)
                && (contentType.length() == GRPC.length()
                        || contentType.byteAt(GRPC.length()) == '+'
                        || contentType.byteAt(GRPC.length()) == ';');
    }

    /// @throws ProxyException 405 for TRACE, which would show a client's credentials to a script (RFC 9110, 9.3.8), and
    ///     for CONNECT, which would make a tunnel of an ingress
    public static void checkMethod(String method) throws ProxyException {
        if (method.equals("TRACE") || method.equals("CONNECT")) {
            throw ProxyException.downstream(ResponseFlag.DPE, 405, "method_not_allowed");
        }
    }

    /// Whether a browser asks for leave to make a request, which has no credentials yet (Fetch, 3.2.2).
    public static boolean isPreflight(RequestHead head) {
        return head.method.equals("OPTIONS")
                && isPresent(head.headers.get(HeaderNames.ORIGIN))
                && isPresent(head.headers.get(HeaderNames.ACCESS_CONTROL_REQUEST_METHOD));
    }

    private static boolean isPresent(@Nullable AsciiString value) {
        return value != null && !value.isEmpty();
    }

    /// @throws ProxyException as [#checkMethod], and for upgrades that are not served
    static void check(RequestHead head) throws ProxyException {
        checkMethod(head.method);
        checkUpgrade(head);
    }

    /// WebSocket is what a connection may be switched to, as at Istio's gateways. Another protocol is not asked for:
    /// the request goes on without its `Upgrade`, which a server may ignore (RFC 9110, 7.8). An extended CONNECT of
    /// HTTP/2 has no such other meaning.
    ///
    /// @throws ProxyException 400 for a WebSocket handshake that no endpoint may accept (RFC 6455, 4.2.1), 403
    ///     for an extended CONNECT to another protocol
    private static void checkUpgrade(RequestHead head) throws ProxyException {
        if (!WebSocketHandshake.isRequested(head)) {
            if (head.isExtendedConnect()) {
                throw upgradeFailed();
            }
            head.upgrade = null;
            return;
        }
        String problem = WebSocketHandshake.problem(head);
        if (problem != null) {
            throw ProxyException.downstream(ResponseFlag.DPE, 400, problem);
        }
    }

    /// As Envoy answers an upgrade that is not allowed.
    static ProxyException upgradeFailed() {
        return ProxyException.downstream(ResponseFlag.DPE, 403, "upgrade_failed");
    }

    /// Another chain of the listener owns the host; the client may ask again on a connection of its own (RFC 9110,
    /// 15.5.20).
    public static ProxyException misdirected() {
        return ProxyException.downstream(ResponseFlag.NR, 421, "misdirected_request");
    }

    public static ProxyException hostNotFound() {
        return ProxyException.gateway(ResponseFlag.NR, "virtual_host_not_found");
    }

    /// @throws ProxyException 404 where the chain has no virtual host for the request's host
    public static HttpHost host(FilterChain.Http http, RoutingContext request) throws ProxyException {
        HttpHost host = http.hosts().lookup(request.host());
        if (host == null) {
            throw hostNotFound();
        }
        return host;
    }

    /// @throws ProxyException 404 where no route of the host matches
    public static MatchedRoute route(HttpHost host, RoutingContext request) throws ProxyException {
        MatchedRoute matched = host.routes().find(request);
        if (matched == null) {
            throw ProxyException.gateway(ResponseFlag.NR, "route_not_found");
        }
        return matched;
    }
}
