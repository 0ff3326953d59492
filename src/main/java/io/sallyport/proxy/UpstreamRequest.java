package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.grpc.GrpcTimeout;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.Forward;
import io.sallyport.route.HeaderOps;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.PathNormalizer;
import io.sallyport.route.RequestTarget;
import io.sallyport.route.RewrittenAuthority;
import io.sallyport.route.WeightedCluster;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// Makes the head that is sent upstream of the one that arrived: the route's rewrites and header operations, and `via`.
/// Works in place; a retry sends the same head again.
public final class UpstreamRequest {
    /// Of counts and of milliseconds, which are made for nearly every message.
    private static final AsciiString[] NUMBERS = IntStream.range(0, 64)
            .mapToObj(number -> AsciiString.cached(Integer.toString(number)))
            .toArray(AsciiString[]::new);

    private UpstreamRequest() {}

    /// Lets a route's header operations, which know no wire format, change a message's fields.
    public enum FieldEditor implements HeaderOps.Editor<Headers> {
        INSTANCE;

        @Override
        public void remove(Headers headers, AsciiString name) {
            headers.remove(name);
        }

        @Override
        public void set(Headers headers, AsciiString name, AsciiString value) {
            headers.set(name, value);
        }

        @Override
        public void add(Headers headers, AsciiString name, AsciiString value) {
            headers.add(name, value);
        }
    }

    /// Sets `x-envoy-attempt-count`: which attempt at the request this is, from 1 (Istio sets Envoy's
    /// `include_request_attempt_count`).
    static void setAttemptCount(Headers headers, int attempts) {
        headers.set(HeaderNames.X_ENVOY_ATTEMPT_COUNT, number(attempts));
    }

    /// Says on a response how many milliseconds the endpoint took, as Envoy does.
    static void report(Headers headers, RequestFacts facts) {
        headers.set(HeaderNames.X_ENVOY_UPSTREAM_SERVICE_TIME, number(facts.upstreamServiceNanos / 1_000_000));
    }

    private static AsciiString number(long number) {
        return number < NUMBERS.length ? NUMBERS[(int) number] : new AsciiString(Long.toString(number));
    }

    /// Says how long the endpoint has in milliseconds, as Envoy does (`FilterUtility::setTimeoutHeaders`).
    ///
    /// @param whole nanoseconds that the request may take from now; 0 for no bound
    /// @param perTry nanoseconds that one attempt may take; 0 for no bound
    static void setExpectedTimeout(Headers headers, long whole, long perTry) {
        long expected = perTry == 0 || (whole > 0 && whole < perTry) ? whole : perTry;
        if (expected > 0) {
            headers.set(
                    HeaderNames.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS,
                    number(Math.max(1, TimeUnit.NANOSECONDS.toMillis(expected))));
        }
    }

    /// Likewise before the first attempt, and before the route's header operations, which may take it out. A caller of
    /// gRPC says how long it waits.
    public static void setExpectedTimeout(RequestHead head, Forward route, boolean grpc) {
        long ofRoute = route.timeout().toNanos();
        long caller = grpc ? GrpcTimeout.parse(head.headers.get(HeaderNames.GRPC_TIMEOUT)) : 0;
        setExpectedTimeout(
                head.headers,
                ofRoute == 0 || (caller > 0 && caller < ofRoute) ? caller : ofRoute,
                route.retries().perTryTimeout().toNanos());
    }

    /// @throws ProxyException 400 where the rewrite would put a dot segment into the path, 500 where the result
    ///     must not be sent, 503 where a header's credential is missing
    static void prepare(
            ClientExchange exchange,
            Forward route,
            WeightedCluster destination,
            RoutingContext context,
            MatchedRoute matched)
            throws ProxyException {
        RequestHead head = exchange.head;
        Via via = exchange.connection.via;
        AsciiString written = via.written(head.headers);
        setExpectedTimeout(head, route, exchange.facts.grpc);
        rewrite(head, route, destination, context, matched, editor(exchange, head.headers, route, destination));
        if (exchange.facts.log != null) {
            exchange.facts.log.withheld = route.credentialNames(destination);
        }
        via.addTo(head.headers, written, head.version);
        if (!FieldSyntax.isTarget(head.path) || !FieldSyntax.areValues(head.headers)) {
            throw Failures.unsendable("unsendable_request");
        }
    }

    /// @param headers that it edits
    static HeaderOps.Editor<Headers> editor(
            ClientExchange exchange, Headers headers, Forward route, WeightedCluster destination) {
        return route.composesRequest(destination)
                ? new ComposedFields(exchange, headers, null, route.credentialNames(destination))
                : FieldEditor.INSTANCE;
    }

    /// What the route itself changes: header operations, path and authority. What is rewritten is said in
    /// `x-envoy-original-path`, with its query, and in `x-envoy-original-host`, as Envoy does
    /// (`finalizePathHeader`, `finalizeHostHeader`).
    ///
    /// @throws ProxyException 400 where the rewrite would put a dot segment into the path, 503 where a header's
    ///     credential is missing
    public static void rewrite(
            RequestHead head,
            Forward route,
            WeightedCluster destination,
            RoutingContext context,
            MatchedRoute matched,
            HeaderOps.Editor<Headers> editor)
            throws ProxyException {
        if (!change(head, route, destination, context.target(), matched, editor)) {
            throw ProxyException.gateway(ResponseFlag.UF, "jwt_svid_unavailable");
        }
        if (route.rewrite() != null
                && PathNormalizer.hasDotSegment(RequestTarget.withoutQuery(head.path))
                && !PathNormalizer.hasDotSegment(context.target().path())) {
            throw ProxyException.downstream(ResponseFlag.DPE, 400, "rewritten_path_has_dot_segment");
        }
        RewrittenAuthority authority = route.authorityFor(destination);
        if (authority != null) {
            context.sendTo(authority.host());
        }
    }

    /// The changes alone, whatever comes of them.
    ///
    /// @param target of the request as it came
    /// @return false where a header's credential is missing
    static boolean change(
            RequestHead head,
            Forward route,
            WeightedCluster destination,
            RequestTarget target,
            MatchedRoute matched,
            HeaderOps.Editor<Headers> editor) {
        boolean complete = route.editRequest(destination, head.headers, editor);
        String original = target.pathAndQuery();
        if (route.rewrite() == null || RequestTarget.isAsterisk(original)) {
            head.path = original;
        } else {
            String path = route.pathFor(target.path(), matched.match());
            head.path = target.query() == null ? path : path + "?" + target.query();
            head.headers.set(HeaderNames.X_ENVOY_ORIGINAL_PATH, new AsciiString(original));
        }
        RewrittenAuthority authority = route.authorityFor(destination);
        if (authority != null) {
            head.headers.set(HeaderNames.X_ENVOY_ORIGINAL_HOST, new AsciiString(head.authority));
            head.authority = authority.text();
        }
        return complete;
    }
}
