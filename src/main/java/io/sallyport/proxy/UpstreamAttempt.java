package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.RetryCause;
import io.sallyport.tunnel.Linger;
import io.sallyport.upstream.Acquisition;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One attempt at sending the request to an endpoint: waits for a connection, opens a stream, relays the response.
/// The endpoint's accounting is completed exactly once, by whichever end comes first.
final class UpstreamAttempt extends Acquisition implements ResponseListener, Runnable {
    /// Whom the attempt reports to.
    interface Owner {
        /// There is a connection, and the head is about to be sent.
        ///
        /// @return whether a body follows it
        boolean onConnected();

        /// The stream is open: what waits of the body may be sent, and the client may send on.
        void onOpened(UpstreamAttempt attempt, ClientConnection connection);

        /// A response's head has come, of which the client has seen nothing yet.
        ///
        /// @return nanoseconds after which to try again instead of passing it on, or [Retries#NONE]
        long pauseAfter(ResponseHead response, @Nullable AsciiString grpcStatus);

        /// Another attempt follows in place of the response.
        ///
        /// @param longestPause before it, nanoseconds
        void onRepeated(@Nullable Endpoint tried, long longestPause);

        void onHead(ResponseHead response, boolean end);

        void onData(ByteBuf data, boolean end);

        void onTrailers(Headers trailers);

        /// The response was cut after its head had been passed on.
        void onCut(ResponseFlag flag, String details);

        /// The attempt failed without a response.
        ///
        /// @param tried the endpoint to be avoided; null for none
        /// @param cause null where no other attempt would help
        /// @param gone the connection had ended, most likely before the endpoint could read the request
        void onFailed(ProxyException failure, @Nullable Endpoint tried, @Nullable RetryCause cause, boolean gone);
    }

    /// How the details of a stream begin that the endpoint has reset while its connection goes on.
    private static final String REMOTE_RESET = "http2.remote_reset";

    private final Owner owner;
    private final ClientExchange request;
    private final Duration longest;
    private @Nullable ScheduledFuture<?> timeout;
    private @Nullable ClientStream stream;
    private @Nullable Endpoint endpoint;
    private boolean reused;
    private boolean responded;
    /// The endpoint has sent all of a tunnel, whose other direction may go on.
    private boolean answered;
    private boolean ended;
    private long sentNanos;
    /// What the response says of the endpoint; for gRPC, too, as an HTTP status.
    private int status;

    /// @param longest until the response's head; zero for no bound
    UpstreamAttempt(Owner owner, ClientExchange request, Duration longest) {
        this.owner = owner;
        this.request = request;
        this.longest = longest;
        startTimeout();
    }

    /// While a connection is awaited, and anew from the request's end (Envoy's `per_try_timeout` has only the latter).
    void startTimeout() {
        stopTimeout();
        if (!ended && !responded && !longest.isZero()) {
            timeout = request.downstream.eventLoop().schedule(this, longest.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void stopTimeout() {
        if (timeout != null) {
            timeout.cancel(false);
            timeout = null;
        }
    }

    /// It has taken too long.
    @Override
    public void run() {
        if (ended || responded) {
            return;
        }
        boolean sent = stream != null;
        Endpoint tried = end(ResponseFlag.UT);
        RetryCause cause = sent ? RetryCause.TIMED_OUT : RetryCause.NOT_CONNECTED;
        owner.onFailed(
                ProxyException.upstream(ResponseFlag.UT, "upstream_per_try_timeout", !sent), tried, cause, false);
    }

    /// Whether its connection has carried requests before, and so may turn out to be closed already.
    boolean isReused() {
        return reused;
    }

    boolean isOpen() {
        return stream != null;
    }

    @Override
    protected void onReady(
            ClientConnection connection, Endpoint chosen, EndpointFacts reached, boolean reusedConnection) {
        endpoint = chosen;
        reused = reusedConnection;
        request.facts.connected(reached);
        if (request.facts.log != null) {
            request.facts.log.upstreamProtocol = connection.version().text();
        }
        if (!request.requestEnded) {
            stopTimeout();
        }
        boolean end = !owner.onConnected();
        sentNanos = System.nanoTime();
        stream = connection.open(request.head, end, this);
        if (ended) {
            // Refused as it was opened: what follows is another attempt's.
            return;
        }
        owner.onOpened(this, connection);
        flush();
    }

    @Override
    protected void onFailure(ProxyException failure, @Nullable Endpoint tried) {
        ended = true;
        stopTimeout();
        request.facts.notConnected(tried == null ? null : tried.name(), failure);
        owner.onFailed(failure, tried, failure.retryable() ? RetryCause.NOT_CONNECTED : null, false);
    }

    // Towards the endpoint.

    void send(HeldBody held, SentBody sent) {
        if (stream != null) {
            held.writeTo(stream, sent);
        }
    }

    void requestData(ByteBuf data, boolean end) {
        ClientStream to = stream;
        if (ended || to == null) {
            data.release();
            return;
        }
        to.writeData(data, end);
        if (!to.isWritable()) {
            request.downstream.pauseReading();
        }
    }

    void requestTrailers(Headers trailers) {
        if (!ended && stream != null) {
            stream.writeTrailers(trailers);
        }
    }

    void flush() {
        if (!ended && stream != null) {
            stream.flush();
        }
    }

    void resumeResponse() {
        if (!ended && stream != null) {
            stream.resumeReading();
        }
    }

    /// Nobody waits any more: leaves the queue, or cuts the stream.
    void abort(ResponseFlag because) {
        if (!ended) {
            end(because);
        }
    }

    /// @param because DC, a client that went away, says nothing about the endpoint
    /// @return the endpoint that it was about
    private @Nullable Endpoint end(ResponseFlag because) {
        ended = true;
        stopTimeout();
        if (stream == null) {
            if (because != ResponseFlag.DC) {
                return giveUp(because);
            }
            cancel();
            return null;
        }
        stream.reset(StreamError.CANCEL);
        Endpoint used = endpoint;
        endpoint = null;
        if (used != null && because == ResponseFlag.DC) {
            used.released();
        } else if (used != null) {
            used.failed(because);
        }
        return used;
    }

    // What the endpoint sends.

    @Override
    public void onInformational(int code, Headers headers) {
        if (code != 100) {
            request.downstream.writeInformational(code, headers);
            request.downstream.flush();
        }
    }

    @Override
    public void onHead(ResponseHead response, boolean end) {
        status = request.facts.grpc ? GrpcStatus.asHttp(response.headers, response.status) : response.status;
        long serviceNanos = System.nanoTime() - sentNanos;
        AsciiString grpcStatus = response.headers.get(HeaderNames.GRPC_STATUS);
        long pause = owner.pauseAfter(response, grpcStatus);
        if (pause != Retries.NONE) {
            giveWay(end, pause);
            return;
        }
        responded = true;
        stopTimeout();
        if (request.facts.log != null) {
            request.facts.log.responseHeadNanos = sentNanos + serviceNanos;
        }
        request.facts.responded(serviceNanos, grpcStatus);
        if (end) {
            close();
        }
        owner.onHead(response, end);
    }

    /// The response is not passed on: another try follows.
    private void giveWay(boolean end, long pause) {
        ended = true;
        stopTimeout();
        Endpoint tried = endpoint;
        settle();
        if (stream != null && !(end && request.requestEnded)) {
            stream.reset(StreamError.CANCEL);
        }
        owner.onRepeated(tried, pause);
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        if (end) {
            answered = status == 101;
            close();
        }
        owner.onData(data, end);
        if (!end && !request.ended() && stream != null && !request.downstream.isWritable()) {
            stream.pauseReading();
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        if (request.facts.grpc) {
            status = GrpcStatus.asHttp(trailers, status);
        }
        close();
        owner.onTrailers(trailers);
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (ended) {
            return;
        }
        ended = true;
        stopTimeout();
        if (answered) {
            // The endpoint takes nothing more. The client may still be reading what it has sent.
            settle();
            request.downstream.resumeReading();
            linger(Failures.ofStream(error, details));
            return;
        }
        ProxyException failure = Failures.ofStream(error, details);
        boolean unsent = error == StreamError.HEAD_REFUSED || error == StreamError.UNSUPPORTED;
        Endpoint tried = endpoint;
        if (tried != null && unsent) {
            tried.released();
        } else if (tried != null) {
            tried.failed(failure.flag());
        }
        if (responded) {
            owner.onCut(failure.flag(), failure.details());
        } else {
            boolean refused = error == StreamError.REFUSED;
            boolean gone =
                    refused ? !details.startsWith(REMOTE_RESET) : reused && error == StreamError.CONNECTION_CLOSED;
            RetryCause cause = unsent ? null : refused ? RetryCause.NOT_PROCESSED : RetryCause.RESET;
            owner.onFailed(failure, unsent ? null : tried, cause, gone);
        }
    }

    private void linger(ProxyException reason) {
        Linger.start(
                request.downstream.eventLoop(),
                request::ended,
                request.downstream::bareChannel,
                () -> owner.onCut(reason.flag(), reason.details()));
    }

    @Override
    public void onWritable() {
        request.downstream.resumeReading();
    }

    @Override
    public void onReadComplete() {
        if (!request.ended()) {
            request.downstream.flush();
        }
    }

    /// A tunnel whose both directions have ended: what is queued still goes out.
    void complete() {
        flush();
        ended = true;
        settle();
    }

    /// The response is complete. Where the request is complete too, the stream has ended on its own.
    private void close() {
        if (status == 101 && !request.requestEnded) {
            return;
        }
        ended = request.requestEnded;
        settle();
    }

    void settle() {
        Endpoint used = endpoint;
        endpoint = null;
        if (used != null) {
            used.finished(status);
        }
    }
}
