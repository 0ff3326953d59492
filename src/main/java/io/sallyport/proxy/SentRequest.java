package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.jwt.Claims;
import io.sallyport.net.HostName;
import io.sallyport.policy.Caller;
import io.sallyport.policy.PolicyRequest;
import io.sallyport.route.Forward;
import io.sallyport.route.HeaderOps;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.PathNormalizer;
import io.sallyport.route.RequestTarget;
import io.sallyport.route.WeightedCluster;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request with what its route changes of it, path, authority and fields; all else is as it arrived. What denies this
/// denies the request, whatever the client has sent: sidecars and waypoints behind a gateway see nothing else.
public final class SentRequest implements PolicyRequest {
    private final RoutingContext routing;
    private final RequestHead head;
    private final String path;
    private final String host;
    private final boolean sameAuthority;
    private @Nullable List<String> pathReadings;

    private SentRequest(RoutingContext routing, RequestHead head, PathNormalizer paths) {
        this.routing = routing;
        this.head = head;
        sameAuthority = head.authority.equals(routing.sentAuthority());
        host = sameAuthority ? routing.host() : HostName.parse(head.authority).host();
        String sent = RequestTarget.withoutQuery(head.path);
        RequestTarget target = paths.normalize(sent);
        // What a client could not have sent is judged as it is.
        path = target.isRejected() ? sent : target.path();
    }

    /// What would keep the request from being sent, as a credential that is missing, is no matter here.
    ///
    /// @param copy of the request, which is changed
    /// @param editor of its fields
    public static PolicyRequest of(
            RequestHead copy,
            Forward route,
            WeightedCluster destination,
            RoutingContext routing,
            MatchedRoute matched,
            PathNormalizer paths,
            HeaderOps.Editor<Headers> editor) {
        UpstreamRequest.change(copy, route, destination, routing.target(), matched, editor);
        return new SentRequest(routing, copy, paths);
    }

    /// @param head as it is sent
    static PolicyRequest of(RequestHead head, RoutingContext routing, PathNormalizer paths) {
        return new SentRequest(routing, head, paths);
    }

    /// What is sent.
    RequestHead head() {
        return head;
    }

    @Override
    public Caller caller() {
        return routing.caller();
    }

    @Override
    public int policyPort() {
        return routing.policyPort();
    }

    @Override
    public @Nullable InetSocketAddress remote() {
        return routing.remote();
    }

    @Override
    public String method() {
        return head.method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public List<String> pathReadings() {
        if (pathReadings == null) {
            pathReadings = PolicyRequest.super.pathReadings();
        }
        return pathReadings;
    }

    @Override
    public int port() {
        return routing.port();
    }

    @Override
    public String sentAuthority() {
        return head.authority;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public Claims claims() {
        return routing.claims();
    }

    @Override
    public @Nullable CharSequence header(AsciiString lowerCaseName) {
        return switch (lowerCaseName.toString()) {
            case ":path" -> head.path;
            case ":authority", "host" -> sameAuthority ? routing.header(lowerCaseName) : head.authority;
            case ":method", ":scheme", "upgrade" -> routing.header(lowerCaseName);
            default -> head.headers.joined(lowerCaseName);
        };
    }
}
