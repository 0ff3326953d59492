package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.ResponseHead;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.Forward;
import io.sallyport.route.MatchedRoute;
import io.sallyport.route.RetryCause;
import io.sallyport.route.WeightedCluster;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The upstream half of an [Exchange]: one cluster, and tries at its endpoints until one of them brings the response.
///
/// Whether a try is followed by another is for [Retries] to say. What of the body was sent is kept for it only while it
/// may be needed, and up to a bound ([ProxySettings#retryBodyBytes]): beyond it the request is not sent again.
final class Forwarding implements Runnable {
    private final Exchange exchange;
    private final Forward route;
    private final RoutingContext request;
    private final WeightedCluster destination;
    private final Cluster cluster;
    private final Retries retries;
    private final HeldBody held = new HeldBody();
    private @Nullable SentBody sent;
    private @Nullable UpstreamAttempt attempt;
    private @Nullable ScheduledFuture<?> pause;
    private boolean bodyEnded;
    /// Holds a place among the tunnels, for it may become one.
    private boolean upgrades;

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
        HttpConnection client = exchange.connection;
        boolean asksForTls = client.isMesh() && client.info.tls() == null && exchange.head.scheme.equals("https");
        if (asksForTls && found.spec().tls() == null) {
            throw ProxyException.denied(
                    "https_in_plain_text",
                    "%s was asked for by https, and would be sent on in plain text; ask for a tunnel to it (CONNECT), or order TLS in a DestinationRule"
                            .formatted(exchange.head.authority));
        }
        this.cluster = found;
        exchange.facts.destinationHost = found.spec().host();
        exchange.facts.destinationSubset = found.spec().subset();
        if (!route.websocketAllowed()) {
            if (exchange.head.isExtendedConnect()) {
                throw Routing.upgradeFailed();
            }
            exchange.head.upgrade = null;
        }
        GrpcWeb web = exchange.grpcWeb(found.spec().protocol() == UpstreamProtocol.GRPC_WEB);
        if (web != null) {
            web.translate(exchange.head, exchange.requestEnded());
        }
        UpstreamRequest.prepare(exchange, route, destination, request, matched);
        this.retries = new Retries(route.retries(), found, request, exchange.head, exchange.facts);
        this.bodyEnded = exchange.requestEnded();
        if (exchange.head.upgrade != null) {
            if (!exchange.connection.loop.descriptors.take(DescriptorLimit.Use.TUNNELS)) {
                throw ProxyException.upstream(ResponseFlag.UO, DescriptorLimit.REACHED, false);
            }
            upgrades = true;
        }
    }

    long timeoutNanos() {
        return route.timeout().toNanos();
    }

    /// How long the caller waits, as it says itself; 0 where it does not.
    long callerTimeoutNanos() {
        return exchange.facts.grpc ? GrpcTimeout.parse(exchange.head.headers.get(HeaderNames.GRPC_TIMEOUT)) : 0;
    }

    void attempt() {
        exchange.facts.attempts++;
        UpstreamAttempt next =
                new UpstreamAttempt(this, exchange, route.retries().perTryTimeout());
        attempt = next;
        next.startTimeout();
        exchange.connection.loop.upstream.acquire(cluster, request, next);
    }

    /// The pause before a retry is over.
    @Override
    public void run() {
        pause = null;
        attempt();
    }

    /// There is a connection: the head as this try sends it.
    void ready() {
        AttemptCount.set(exchange.head.headers, exchange.facts.attempts);
        long left = exchange.facts.grpc ? exchange.deadline.left() : 0;
        if (left > 0) {
            exchange.head.headers.set(HeaderNames.GRPC_TIMEOUT, GrpcTimeout.of(left));
        }
    }

    /// The attempt has an open stream: what waited goes out, and the client may send on.
    void opened(UpstreamAttempt by, ClientConnection connection) {
        if (hasBodyToCome()) {
            SentBody body = sent == null ? new SentBody(connection.channel().alloc()) : sent;
            sent = body;
            body.keep(mostToKeep(by.isReused(), connection.version() == HttpVersion.HTTP_2));
            by.send(held, body);
        }
        if (exchange.head.expectsContinue && !exchange.requestEnded()) {
            exchange.downstream.writeInformational(100, new Headers(0));
            exchange.downstream.flush();
            exchange.head.expectsContinue = false;
        }
        exchange.opened();
        exchange.downstream.resumeReading();
    }

    private int mostToKeep(boolean reused, boolean multiplexed) {
        int most = exchange.connection.loop.settings.retryBodyBytes();
        return exchange.head.contentLength <= most && retries.mayReplay(reused, multiplexed) ? most : 0;
    }

    boolean hasBodyToCome() {
        return !bodyEnded || !held.isEmpty();
    }

    /// A try brought no response.
    ///
    /// @param cause null where no other try would help
    /// @param gone the connection had ended, most likely before the endpoint could read the request
    void failed(ProxyException failure, @Nullable Endpoint tried, @Nullable RetryCause cause, boolean gone) {
        attempt = null;
        exclude(tried);
        if (exchange.ended()) {
            return;
        }
        long pauseNanos = retries.after(isReplayable() ? cause : null, gone);
        if (pauseNanos == Retries.NONE) {
            held.release();
            exchange.reject(failure);
        } else {
            tryAgain(pauseNanos);
        }
    }

    /// A response's head has come, of which the client has seen nothing yet.
    ///
    /// @return nanoseconds after which to [#tryAgain] instead of passing it on, or [Retries#NONE]
    long pauseAfter(ResponseHead response, @Nullable AsciiString grpcStatus) {
        long pauseNanos = isReplayable() ? retries.after(response, grpcStatus) : Retries.NONE;
        if (pauseNanos == Retries.NONE) {
            retries.giveBack();
            if (sent != null) {
                sent.forget();
            }
        }
        return pauseNanos;
    }

    private boolean isReplayable() {
        return sent == null || sent.isComplete();
    }

    void exclude(@Nullable Endpoint tried) {
        if (tried != null) {
            request.exclude(tried, route.retries(), isHashed(), cluster);
        }
    }

    private boolean isHashed() {
        return route.clusters().size() == 1 && cluster.spec().balancing().hash() != null;
    }

    /// @param longest of the pause before, nanoseconds
    void tryAgain(long longest) {
        attempt = null;
        if (sent != null) {
            sent.returnTo(held, bodyEnded);
        }
        exchange.awaitConnection();
        if (longest == 0) {
            attempt();
        } else {
            long nanos = exchange.connection.loop.random.nextLong(longest);
            pause = exchange.downstream.eventLoop().schedule(this, nanos, TimeUnit.NANOSECONDS);
        }
    }

    // Events of the downstream side.

    void requestData(ByteBuf data, boolean end) {
        bodyEnded |= end;
        UpstreamAttempt current = attempt;
        if (current == null || !current.isOpen()) {
            held.add(data, end);
            return;
        }
        if (sent != null) {
            sent.add(data);
        }
        current.requestData(data, end);
    }

    void requestTrailers(Headers trailers) {
        bodyEnded = true;
        UpstreamAttempt current = attempt;
        if (current == null || !current.isOpen()) {
            held.addTrailers(trailers);
            return;
        }
        if (sent != null) {
            sent.addTrailers(trailers);
        }
        current.requestTrailers(trailers);
    }

    /// The client has sent all of its request.
    void requestComplete() {
        if (attempt != null) {
            attempt.startTimeout();
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
        if (pause != null) {
            pause.cancel(false);
            pause = null;
        }
        if (current != null) {
            current.abort(because);
        }
    }

    /// The exchange has ended, however: nothing is held, and an endpoint that answered before it had the whole request
    /// is told that nobody waits for it.
    void release() {
        held.release();
        if (sent != null) {
            sent.forget();
        }
        abort(ResponseFlag.DC);
        retries.giveBack();
        if (upgrades) {
            upgrades = false;
            exchange.connection.loop.descriptors.giveBack(DescriptorLimit.Use.TUNNELS);
        }
    }

    // Of the upstream side.

    void editResponse(ResponseHead response) {
        AttemptCount.set(response.headers, exchange.facts.attempts);
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

    /// What follows of the response is not wanted; the endpoint is judged by what has come.
    void responseSuffices() {
        if (attempt != null) {
            attempt.settle();
        }
    }

    void attemptEnded() {
        attempt = null;
    }
}
