package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.grpc.GrpcTimeout;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.Forward;
import io.sallyport.route.RetryCause;
import io.sallyport.trace.Tracing;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The upstream half of one request: one cluster, and attempts at its endpoints until one of them has a
/// response, within the route's time.
///
/// Whether an attempt is followed by another is for [Retries] to say. What of the body was sent is kept for it only
/// while it may be needed, and up to a bound ([ProxySettings#retryBodyBytes]): beyond it the request is not sent again.
final class Forwarding implements UpstreamAttempt.Owner, Runnable {
    /// Who gets the response, or the reason why there is none.
    interface Client {
        void onResponse(ResponseHead response, boolean end);

        void onResponseData(ByteBuf data, boolean end);

        void onResponseTrailers(Headers trailers);

        /// The response was cut after its head.
        void onResponseCut(ResponseFlag flag, String details);

        /// There is no response, and no attempt will follow.
        void onNoResponse(ProxyException failure);
    }

    private final Client client;
    private final ClientExchange request;
    private final Forward route;
    private final RoutingContext routing;
    private final Cluster cluster;
    private Deadline deadline = Deadline.NONE;
    /// What of the body could not be sent yet.
    private @Nullable HeldBody held;

    /// Null while there was nothing to decide on.
    private @Nullable Retries retries;

    private @Nullable SentBody sent;
    private @Nullable UpstreamAttempt attempt;
    private @Nullable ScheduledFuture<?> pause;
    private boolean responded;
    /// Holds a place among the tunnels, for it may become one.
    private boolean upgrades;

    /// @throws ProxyException UO where the request may become a tunnel, and there is no descriptor to spare for one
    Forwarding(Client client, ClientExchange request, Forward route, Cluster cluster, RoutingContext routing)
            throws ProxyException {
        this.client = client;
        this.request = request;
        this.route = route;
        this.routing = routing;
        this.cluster = cluster;
        if (request.head.upgrade != null) {
            if (!loop().descriptors.take(DescriptorLimit.Use.TUNNELS)) {
                throw ProxyException.upstream(ResponseFlag.UO, DescriptorLimit.REACHED, false);
            }
            upgrades = true;
        }
    }

    private ProxyLoop loop() {
        return request.connection.loop;
    }

    /// The request's time begins to run.
    void start() {
        if (request.facts.grpc) {
            long callerWaits = GrpcTimeout.parse(request.head.headers.get(HeaderNames.GRPC_TIMEOUT));
            deadline = deadline.limit(request.downstream.eventLoop(), callerWaits, this);
        }
        awaitConnection();
    }

    /// What is left of the request waits for a connection, which must be ready within the request's time.
    private void awaitConnection() {
        if (!request.requestEnded) {
            request.downstream.pauseReading();
        }
        startDeadline();
    }

    private void startDeadline() {
        deadline =
                deadline.start(request.downstream.eventLoop(), route.timeout().toNanos(), this);
    }

    void attempt() {
        if (request.authorization != null) {
            try {
                request.authorization.enforce();
            } catch (ProxyException denied) {
                client.onNoResponse(denied);
                return;
            }
        }
        request.facts.attempts++;
        RequestTrace trace = recorded();
        if (trace != null) {
            trace.attempt(Tracing.id(loop().random), System.nanoTime());
        }
        UpstreamAttempt next =
                new UpstreamAttempt(this, request, route.retries().perTryTimeout());
        attempt = next;
        loop().connections.acquire(cluster, routing, next);
    }

    /// The trace that keeps the attempts; null for none.
    private @Nullable RequestTrace recorded() {
        RequestTrace trace = request.facts.trace;
        return trace != null && trace.isReported() ? trace : null;
    }

    // What the client sends.

    void requestData(ByteBuf data, boolean end) {
        UpstreamAttempt current = attempt;
        if (current == null || !current.isOpen()) {
            held().add(data, end);
            return;
        }
        if (sent != null) {
            sent.add(data);
        }
        current.requestData(data, end);
    }

    /// What clients may not say in headers, they may not say in trailers either, which servers may read as
    /// headers: what Envoys say to each other, what the route decides on, and what only a verified token or an
    /// external authorizer says.
    void takeOutUntrusted(Headers trailers) {
        for (int i = trailers.size() - 1; i >= 0; i--) {
            if (ForwardedHeaders.isEnvoys(trailers.name(i))) {
                trailers.removeAt(i);
            }
        }
        route.removeNamed(trailers, UpstreamRequest.FieldEditor.INSTANCE);
        routing.tokenRules().forEach(rules -> rules.removeFromTrailers(trailers));
        routing.edits().forEach(edit -> trailers.remove(edit.name()));
    }

    void requestTrailers(Headers trailers) {
        UpstreamAttempt current = attempt;
        if (current == null || !current.isOpen()) {
            held().addTrailers(trailers);
            return;
        }
        if (sent != null) {
            sent.addTrailers(trailers);
        }
        current.requestTrailers(trailers);
    }

    private HeldBody held() {
        if (held == null) {
            held = new HeldBody();
        }
        return held;
    }

    /// The client has sent all of its request: its time runs from here, as Envoy's route timeout.
    void requestComplete() {
        startDeadline();
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

    /// The rest of the response is of no more use after this many nanoseconds.
    void finishWithin(long nanos) {
        deadline = deadline.start(request.downstream.eventLoop(), nanos, this);
    }

    /// What follows of the response is not wanted; the endpoint is judged by what has come.
    void responseSuffices() {
        if (attempt != null) {
            attempt.settle();
        }
    }

    /// Both directions of a connection that was switched have ended on their own.
    void completed() {
        UpstreamAttempt current = attempt;
        attempt = null;
        if (current != null) {
            current.complete();
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
    /// is notified that nobody waits for it.
    void release() {
        deadline.stop();
        if (held != null) {
            held.release();
        }
        if (sent != null) {
            sent.forget();
        }
        abort(ResponseFlag.DC);
        if (retries != null) {
            retries.giveBack();
        }
        if (upgrades) {
            upgrades = false;
            loop().descriptors.giveBack(DescriptorLimit.Use.TUNNELS);
        }
    }

    /// The request's time is over.
    @Override
    public void run() {
        if (request.ended()) {
            return;
        }
        abort(ResponseFlag.UT);
        String details = deadline.isLimit() ? LocalReply.CALLER_DEADLINE : "upstream_response_timeout";
        if (responded) {
            client.onResponseCut(ResponseFlag.UT, details);
        } else {
            client.onNoResponse(ProxyException.upstream(ResponseFlag.UT, details, false));
        }
    }

    // What the attempt reports.

    @Override
    public boolean onConnected() {
        UpstreamRequest.setAttemptCount(request.head.headers, request.facts.attempts);
        if (request.facts.attempts > 1 && request.head.headers.contains(HeaderNames.X_ENVOY_EXPECTED_RQ_TIMEOUT_MS)) {
            UpstreamRequest.setExpectedTimeout(
                    request.head.headers,
                    deadline.left(),
                    route.retries().perTryTimeout().toNanos());
        }
        if (request.tracing != null) {
            request.passTraceOn();
        }
        long left = request.facts.grpc ? deadline.left() : 0;
        if (left > 0) {
            request.head.headers.set(HeaderNames.GRPC_TIMEOUT, GrpcTimeout.of(left));
        }
        return hasBodyToCome();
    }

    private boolean hasBodyToCome() {
        return !request.requestEnded || (held != null && !held.isEmpty());
    }

    @Override
    public void onOpened(UpstreamAttempt by, ClientConnection connection) {
        if (hasBodyToCome()) {
            SentBody body = sent == null ? new SentBody(connection.channel().alloc()) : sent;
            sent = body;
            body.keep(mostToKeep(by.isReused(), connection.version() == HttpVersion.HTTP_2));
            by.send(held(), body);
        }
        if (!request.requestEnded) {
            if (request.head.expectsContinue) {
                request.downstream.writeInformational(100, new Headers(0));
                request.downstream.flush();
                request.head.expectsContinue = false;
            }
            // The time runs from the request's end, so not yet.
            deadline.lift();
        }
        request.downstream.resumeReading();
    }

    private int mostToKeep(boolean reused, boolean multiplexed) {
        int most = loop().settings.retryBodyBytes();
        return request.head.contentLength <= most && retries().mayReplay(reused, multiplexed) ? most : 0;
    }

    @Override
    public void onFailed(ProxyException failure, @Nullable Endpoint tried, @Nullable RetryCause cause, boolean gone) {
        attempt = null;
        exclude(tried);
        if (request.ended()) {
            return;
        }
        RequestTrace trace = recorded();
        if (trace != null) {
            String endpoint = tried == null ? null : tried.name();
            trace.attemptFailed(System.nanoTime(), endpoint, failure.flag(), failure.details());
        }
        long longestPause = retries().after(isReplayable() ? cause : null, gone);
        if (longestPause == Retries.NONE) {
            client.onNoResponse(failure);
        } else {
            tryAgain(longestPause);
        }
    }

    @Override
    public long pauseAfter(ResponseHead response, @Nullable AsciiString grpcStatus) {
        if (!isReplayable()) {
            if (retries != null) {
                retries.giveBack();
            }
            return Retries.NONE;
        }
        long longestPause = retries != null || Retries.judges(route.retries(), response, grpcStatus)
                ? retries().after(response, grpcStatus)
                : Retries.NONE;
        if (longestPause == Retries.NONE && sent != null) {
            sent.forget();
        }
        RequestTrace trace = longestPause == Retries.NONE ? null : recorded();
        if (trace != null) {
            trace.attemptRepeated(System.nanoTime(), response.status, grpcStatus);
        }
        return longestPause;
    }

    private Retries retries() {
        if (retries == null) {
            retries = new Retries(route.retries(), cluster, routing, request.head, request.facts);
        }
        return retries;
    }

    private boolean isReplayable() {
        return sent == null || sent.isComplete();
    }

    @Override
    public void onRepeated(@Nullable Endpoint tried, long longestPause) {
        exclude(tried);
        tryAgain(longestPause);
    }

    private void exclude(@Nullable Endpoint tried) {
        if (tried != null) {
            routing.exclude(tried, route.retries(), isHashed(), cluster);
        }
    }

    private boolean isHashed() {
        return route.clusters().size() == 1 && cluster.spec().balancing().hash() != null;
    }

    private void tryAgain(long longestPause) {
        attempt = null;
        if (sent != null) {
            sent.returnTo(held(), request.requestEnded);
        }
        awaitConnection();
        if (longestPause == 0) {
            attempt();
        } else {
            long nanos = loop().random.nextLong(longestPause);
            pause = request.downstream.eventLoop().schedule(this::pauseIsOver, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void pauseIsOver() {
        pause = null;
        attempt();
    }

    @Override
    public void onHead(ResponseHead response, boolean end) {
        responded = true;
        if (response.status == 101) {
            // How long the switched connection may last is not the route's to say.
            deadline.stop();
        }
        client.onResponse(response, end);
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        client.onResponseData(data, end);
    }

    @Override
    public void onTrailers(Headers trailers) {
        client.onResponseTrailers(trailers);
    }

    @Override
    public void onCut(ResponseFlag flag, String details) {
        client.onResponseCut(flag, details);
    }
}
