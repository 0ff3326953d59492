package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.route.Forward;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.WeightedCluster;
import io.sallyport.telemetry.ProxyException;
import io.sallyport.telemetry.ResponseFlag;
import io.sallyport.upstream.Cluster;
import io.sallyport.upstream.Endpoint;
import org.jspecify.annotations.Nullable;

/// The upstream half of an [Exchange]: one cluster, and attempts at its endpoints until one takes the request.
///
/// An attempt is repeated only while the endpoint cannot have begun to work on it: no connection came about, or the
/// endpoint said so (REFUSED_STREAM, GOAWAY). Besides, a request without a body whose method is idempotent (RFC 9110,
/// 9.2.2) is sent again when a connection that had been idle turns out to be closed. At most [#RETRIES] times, at
/// endpoints not tried before where there are any (Istio's default retry policy), and within the cluster's budget.
final class Forwarding {
    private static final int RETRIES = 2;

    private final Exchange exchange;
    private final Forward route;
    private final RoutingContext request;
    private final WeightedCluster destination;
    private final Cluster cluster;
    private final HeldBody held = new HeldBody();
    private @Nullable UpstreamAttempt attempt;
    private boolean bodySent;
    private boolean retrying;

    /// @throws ProxyException NC where the route's cluster does not exist
    Forwarding(Exchange exchange, Forward route, RoutingContext request, MatchedRoute matched) throws ProxyException {
        this.exchange = exchange;
        this.route = route;
        this.request = request;
        this.destination = route.pick(exchange.connection.loop.random.nextInt());
        Cluster found = exchange.snapshot.clusters().cluster(destination.clusterName());
        exchange.facts.cluster = destination.clusterName();
        if (found == null) {
            throw ProxyException.gateway(ResponseFlag.NC, "cluster_not_found");
        }
        this.cluster = found;
        exchange.facts.destinationHost = found.spec().host();
        exchange.facts.destinationSubset = found.spec().subset();
        if (!route.websocketAllowed()) {
            exchange.head.upgrade = null;
        }
        UpstreamRequest.prepare(exchange, route, destination, request, matched);
    }

    long timeoutNanos() {
        return route.timeout().toNanos();
    }

    void attempt() {
        exchange.facts.attempts++;
        UpstreamAttempt next = new UpstreamAttempt(this, exchange);
        attempt = next;
        exchange.connection.loop.upstream.acquire(cluster, request, next);
    }

    /// The attempt has an open stream: what waited goes out, and the client may send on.
    void opened(UpstreamAttempt by) {
        bodySent |= !held.isEmpty();
        by.send(held);
        if (exchange.head.expectsContinue && !exchange.requestEnded()) {
            exchange.downstream.writeInformational(100, new Headers(0));
            exchange.downstream.flush();
            exchange.head.expectsContinue = false;
        }
        exchange.downstream.resumeReading();
    }

    boolean hasBodyToCome() {
        return !exchange.requestEnded() || !held.isEmpty();
    }

    void failed(ProxyException failure, @Nullable Endpoint tried, boolean staleConnection) {
        attempt = null;
        if (tried != null) {
            request.exclude(tried);
        }
        boolean again = failure.retryable() || (staleConnection && exchange.requestEnded() && isIdempotent());
        if (again && !bodySent && exchange.facts.attempts <= RETRIES && isWithinBudget(failure)) {
            attempt();
            return;
        }
        held.release();
        exchange.reject(failure);
    }

    /// Only what could not be connected counts: an endpoint that refuses a stream, or has closed an idle connection,
    /// has not been burdened.
    private boolean isWithinBudget(ProxyException failure) {
        if (failure.flag() == ResponseFlag.UF && !retrying) {
            retrying = cluster.beginRetry();
            return retrying;
        }
        return true;
    }

    private boolean isIdempotent() {
        return switch (exchange.head.method) {
            case "GET", "HEAD", "OPTIONS", "PUT", "DELETE" -> true;
            default -> false;
        };
    }

    // Events of the downstream side.

    void requestData(ByteBuf data, boolean end) {
        if (attempt == null || !attempt.isOpen()) {
            held.add(data, end);
        } else {
            bodySent = true;
            attempt.requestData(data, end);
        }
    }

    void requestTrailers(Headers trailers) {
        if (attempt == null || !attempt.isOpen()) {
            held.addTrailers(trailers);
        } else {
            attempt.requestTrailers(trailers);
        }
    }

    void flushRequest() {
        if (attempt != null) {
            attempt.flush();
        }
    }

    void resumeResponse() {
        if (attempt != null) {
            attempt.resumeResponse();
        }
    }

    /// The exchange ends before the endpoint is done.
    void abort(ResponseFlag because) {
        UpstreamAttempt current = attempt;
        attempt = null;
        if (current != null) {
            current.abort(because);
        }
    }

    /// The exchange has ended, however: nothing is held, and an endpoint that answered before it had the whole request
    /// is told that nobody waits for it.
    void release() {
        held.release();
        abort(ResponseFlag.DC);
        if (retrying) {
            retrying = false;
            cluster.endRetry();
        }
    }

    // Of the upstream side.

    void editResponse(ResponseHead response) {
        route.editResponse(destination, response.headers, HeaderEditor.INSTANCE);
        AsciiString cookie = request.newCookie();
        if (cookie != null) {
            response.headers.add(HeaderNames.SET_COOKIE, cookie);
        }
    }

    /// Both sides of the stream have ended on their own.
    void completed() {
        UpstreamAttempt current = attempt;
        attempt = null;
        if (current != null) {
            current.complete();
        }
    }

    void attemptEnded() {
        attempt = null;
    }
}
