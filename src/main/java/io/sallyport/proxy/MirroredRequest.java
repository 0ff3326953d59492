package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.DescriptorLimit;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.jwt.TokenRules;
import io.sallyport.outcome.DestinationFacts;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.MirrorOutcome;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.RequestTrace;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.trace.Tracing;
import io.sallyport.upstream.Acquisition;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The copy of a request on its way to one mirror: sent once, its answer is read and dropped. The request never
/// waits for it and does not learn its result; the copy may outlive the request.
final class MirroredRequest extends Acquisition implements ResponseListener, Runnable {
    /// Bytes that may wait in front of one mirror, which must never make the request wait.
    private static final int LONGEST_BACKLOG = 256 * 1024;

    /// Many small parts hold more memory than they carry: each keeps the buffer that it was read into.
    private static final int COST_OF_A_PART = 512;

    /// How long an answer is waited for where the route does not say.
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final ProxyLoop loop;
    private final EventLoop eventLoop;
    private final String clusterName;
    private final @Nullable Cluster cluster;
    private final RequestHead head;
    private final long timeoutNanos;
    /// What of the body waits for the stream.
    private final HeldBody held = new HeldBody();

    /// Bytes that wait in front of the mirror, in [#held] or in the stream.
    private long backlog;

    private Deadline deadline = Deadline.NONE;
    private @Nullable ClientStream stream;
    private @Nullable Endpoint endpoint;
    private final boolean grpc;
    private final TokenRules tokens;
    /// What the response says of the endpoint.
    private int status;

    private int responseStatus;
    private boolean begun;
    private boolean requestEnded;
    private boolean ended;
    private final @Nullable Tracing tracing;
    /// The copy's own; null where the request is not traced.
    private final @Nullable RequestTrace trace;

    private final RequestFacts original;
    private @Nullable ProxyException failure;

    /// @param tokens the rules that its head has passed
    MirroredRequest(
            ClientExchange request, String clusterName, RequestHead head, TokenRules tokens, long timeoutNanos) {
        loop = request.connection.loop;
        eventLoop = request.downstream.eventLoop();
        cluster = request.snapshot.clusters().cluster(clusterName);
        requestEnded = request.requestEnded;
        grpc = request.facts.grpc;
        this.clusterName = clusterName;
        this.head = head;
        this.tokens = tokens;
        this.timeoutNanos = timeoutNanos == 0 ? PATIENCE_NANOS : timeoutNanos;
        tracing = request.tracing;
        original = request.facts;
        trace = original.trace == null ? null : original.trace.copy();
        if (trace != null && cluster != null) {
            trace.encrypted = cluster.spec().tls() != null;
        }
    }

    void begin(RoutingContext context) {
        if (ended) {
            return;
        }
        begun = true;
        if (cluster == null) {
            end(MirrorOutcome.FAILED);
            return;
        }
        if (trace != null && trace.isReported()) {
            trace.attempt(Tracing.id(loop.random), System.nanoTime());
        }
        loop.connections.acquire(cluster, context, this);
        awaitAnswer();
    }

    @Override
    protected void onReady(ClientConnection connection, Endpoint chosen, EndpointFacts reached, boolean reused) {
        endpoint = chosen;
        passTraceOn(chosen);
        ClientStream opened = connection.open(head, requestEnded && held.isEmpty(), this);
        if (ended) {
            return;
        }
        stream = opened;
        held.writeTo(opened, null);
        opened.flush();
        onWritable();
    }

    private void passTraceOn(Endpoint to) {
        if (tracing != null && trace != null) {
            trace.attemptConnected(to.name());
            tracing.inject(trace, head.headers);
        }
    }

    @Override
    protected void onFailure(ProxyException because, @Nullable Endpoint tried) {
        failed(because);
    }

    private void failed(ProxyException because) {
        failure = because;
        end(MirrorOutcome.FAILED);
    }

    // Of the request.

    /// The buffer stays the caller's.
    void requestData(ByteBuf data, boolean last) {
        if (ended) {
            return;
        }
        requestEnded |= last;
        ByteBuf view = data.retainedDuplicate();
        int cost = view.readableBytes() + COST_OF_A_PART;
        boolean fits = backlog(stream != null && stream.isWritable() ? 0 : backlog + cost);
        if (stream == null) {
            held.add(view, last);
        } else {
            stream.writeData(view, last);
        }
        if (!fits) {
            giveUp(ResponseFlag.DC, MirrorOutcome.CUT);
        }
        awaitAnswer();
    }

    /// @param now waits in front of the mirror
    /// @return false where that is too much, for this copy or for all
    private boolean backlog(long now) {
        long more = now - backlog;
        backlog = now;
        boolean fits = more == 0 || HeldMemory.MIRRORS.add(more) || more < 0;
        return fits && now <= LONGEST_BACKLOG;
    }

    void requestTrailers(Headers trailers) {
        if (ended) {
            return;
        }
        requestEnded = true;
        Headers own = trailers.copy();
        tokens.removeFromTrailers(own);
        if (stream == null) {
            held.addTrailers(own);
        } else {
            stream.writeTrailers(own);
        }
        awaitAnswer();
    }

    void flush() {
        if (!ended && stream != null) {
            stream.flush();
        }
    }

    /// A copy of half a request is of no use.
    void exchangeEnded() {
        if (!begun || !requestEnded) {
            giveUp(ResponseFlag.DC, MirrorOutcome.CUT);
        }
    }

    private void awaitAnswer() {
        if (begun && requestEnded && !ended) {
            deadline = deadline.start(eventLoop, timeoutNanos, this);
        }
    }

    /// The time for an answer is over.
    @Override
    public void run() {
        giveUp(ResponseFlag.UT, MirrorOutcome.FAILED);
    }

    /// @param because UT is the endpoint's doing, DC is not
    private void giveUp(ResponseFlag because, MirrorOutcome outcome) {
        if (ended) {
            return;
        }
        if (stream == null) {
            cancel();
        } else {
            stream.reset(StreamError.CANCEL);
        }
        Endpoint used = endpoint;
        if (used != null && because == ResponseFlag.UT) {
            used.failed(because);
        } else if (used != null) {
            used.released();
        }
        end(outcome);
    }

    private void end(MirrorOutcome outcome) {
        ended = true;
        endpoint = null;
        deadline.stop();
        held.release();
        backlog(0);
        loop.mirrors.end(clusterName);
        loop.descriptors.giveBack(DescriptorLimit.Use.MIRRORS);
        if (begun) {
            loop.observer.onMirrorEnd(clusterName, outcome);
            if (trace != null && trace.isReported()) {
                loop.observer.onCopyEnd(facts(trace));
            }
        }
    }

    private RequestFacts facts(RequestTrace own) {
        RequestFacts facts = new RequestFacts();
        facts.startMillis = original.startMillis;
        facts.startNanos = original.startNanos;
        facts.durationNanos = System.nanoTime() - original.startNanos;
        facts.method = head.method;
        facts.authority = head.authority;
        facts.path = original.path;
        facts.protocol = original.protocol;
        facts.requestId = original.requestId;
        facts.grpc = grpc;
        facts.status = responseStatus;
        facts.destination = cluster == null ? DestinationFacts.unknown(clusterName) : cluster.facts();
        facts.trace = own;
        if (failure != null) {
            facts.cut(failure.flag(), failure.details());
        }
        return facts;
    }

    // Of the endpoint: nobody reads it.

    @Override
    public void onInformational(int code, Headers headers) {}

    @Override
    public void onHead(ResponseHead response, boolean last) {
        responseStatus = response.status;
        status = grpc ? GrpcStatus.asHttp(response.headers, response.status) : response.status;
        if (last) {
            answered();
        }
    }

    @Override
    public void onData(ByteBuf data, boolean last) {
        data.release();
        if (last) {
            answered();
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        status = grpc ? GrpcStatus.asHttp(trailers, status) : status;
        answered();
    }

    private void answered() {
        if (ended) {
            return;
        }
        if (!requestEnded && stream != null) {
            stream.reset(StreamError.CANCEL);
        }
        if (endpoint != null) {
            endpoint.finished(status);
        }
        end(MirrorOutcome.ANSWERED);
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (ended) {
            return;
        }
        ProxyException cause = Failures.ofStream(error, details);
        if (endpoint != null) {
            endpoint.failed(cause.flag());
        }
        failed(cause);
    }

    @Override
    public void onWritable() {
        if (!ended && stream != null && stream.isWritable()) {
            backlog(0);
        }
    }

    @Override
    public void onReadComplete() {}
}
