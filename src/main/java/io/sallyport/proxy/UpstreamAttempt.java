package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.cluster.Endpoint;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.route.RetryCause;
import io.sallyport.upstream.Acquisition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One attempt at sending the request to an endpoint: waits for a connection, opens a stream, relays the response.
/// The endpoint's accounting is completed exactly once, by whichever end comes first.
final class UpstreamAttempt extends Acquisition implements ResponseListener, Runnable {
    /// How the details of a stream begin that the endpoint has reset while its connection goes on.
    private static final String REMOTE_RESET = "http2.remote_reset";

    private final Forwarding forwarding;
    private final Exchange exchange;
    private @Nullable ClientStream stream;
    private @Nullable Endpoint endpoint;
    private final Duration longest;
    private final Deadline timeout = new Deadline();
    private boolean reused;
    private boolean responded;
    private boolean ended;
    private long sentNanos;
    /// What the response says of the endpoint; for gRPC, too, as an HTTP status.
    private int status;

    /// @param longest until the response's head; zero for no bound
    UpstreamAttempt(Forwarding forwarding, Exchange exchange, Duration longest) {
        this.forwarding = forwarding;
        this.exchange = exchange;
        this.longest = longest;
    }

    /// While a connection is awaited, and anew from the request's end (Envoy's `per_try_timeout` has only the latter).
    void startTimeout() {
        timeout.stop();
        if (!ended && !responded) {
            timeout.start(exchange.downstream.eventLoop(), longest.toNanos(), this);
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
        forwarding.failed(
                ProxyException.upstream(ResponseFlag.UT, "upstream_per_try_timeout", !sent), tried, cause, false);
    }

    boolean isReused() {
        return reused;
    }

    boolean isOpen() {
        return stream != null;
    }

    @Override
    protected void onReady(ClientConnection connection, Endpoint chosen, boolean reusedConnection) {
        endpoint = chosen;
        reused = reusedConnection;
        exchange.facts.upstreamHost = chosen.name();
        exchange.facts.upstreamLocal = connection.channel().localAddress();
        exchange.facts.transportFailure = null;
        if (!exchange.requestEnded()) {
            timeout.stop();
        }
        forwarding.ready();
        boolean end = !forwarding.hasBodyToCome();
        sentNanos = System.nanoTime();
        stream = connection.open(exchange.head, end, this);
        if (ended) {
            // Refused as it was opened: what follows is another attempt's.
            return;
        }
        forwarding.opened(this, connection);
        flush();
    }

    @Override
    protected void onFailure(ProxyException failure, @Nullable Endpoint tried) {
        ended = true;
        timeout.stop();
        exchange.facts.transportFailure = failure.details();
        forwarding.failed(failure, tried, failure.retryable() ? RetryCause.NOT_CONNECTED : null, false);
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
            exchange.downstream.pauseReading();
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

    /// @param because DC, a client that went away, tells nothing about the endpoint
    /// @return the endpoint that it was about
    private @Nullable Endpoint end(ResponseFlag because) {
        ended = true;
        timeout.stop();
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
            exchange.downstream.writeInformational(code, headers);
            exchange.downstream.flush();
        }
    }

    @Override
    public void onHead(ResponseHead response, boolean end) {
        status = exchange.facts.grpc ? GrpcStatus.asHttp(response.headers, response.status) : response.status;
        long serviceNanos = System.nanoTime() - sentNanos;
        AsciiString grpcStatus = response.headers.get(HeaderNames.GRPC_STATUS);
        long pause = forwarding.pauseAfter(response, grpcStatus);
        if (pause != Retries.NONE) {
            giveWay(end, pause);
            return;
        }
        responded = true;
        timeout.stop();
        exchange.facts.upstreamServiceNanos = serviceNanos;
        exchange.facts.grpcStatus = grpcStatus;
        forwarding.editResponse(response);
        ResponseFields.upstreamServiceTime(response.headers, serviceNanos);
        if (end) {
            close();
        }
        exchange.respond(response, end);
    }

    /// The response is not passed on: another try follows.
    private void giveWay(boolean end, long pause) {
        ended = true;
        timeout.stop();
        Endpoint tried = endpoint;
        settle();
        if (stream != null && !(end && exchange.requestEnded())) {
            stream.reset(StreamError.CANCEL);
        }
        forwarding.exclude(tried);
        forwarding.tryAgain(pause);
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        if (end) {
            close();
        }
        exchange.responseData(data, end);
        if (!end && !exchange.ended() && stream != null && !exchange.downstream.isWritable()) {
            stream.pauseReading();
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        if (exchange.facts.grpc) {
            status = GrpcStatus.asHttp(trailers, status);
        }
        close();
        exchange.responseTrailers(trailers);
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (ended) {
            return;
        }
        ended = true;
        timeout.stop();
        ProxyException failure = Failures.ofStream(error, details);
        boolean unsent = error == StreamError.HEAD_REFUSED || error == StreamError.UNSUPPORTED;
        Endpoint tried = endpoint;
        if (tried != null && unsent) {
            tried.released();
        } else if (tried != null) {
            tried.failed(failure.flag());
        }
        if (responded) {
            forwarding.attemptEnded();
            exchange.cut(failure.flag(), failure.details());
        } else {
            boolean refused = error == StreamError.REFUSED;
            boolean gone =
                    refused ? !details.startsWith(REMOTE_RESET) : reused && error == StreamError.CONNECTION_CLOSED;
            RetryCause cause = unsent ? null : refused ? RetryCause.NOT_PROCESSED : RetryCause.RESET;
            forwarding.failed(failure, unsent ? null : tried, cause, gone);
        }
    }

    @Override
    public void onWritable() {
        exchange.downstream.resumeReading();
    }

    @Override
    public void onReadComplete() {
        if (!exchange.ended()) {
            exchange.downstream.flush();
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
        if (status == 101 && !exchange.requestEnded()) {
            return;
        }
        ended = exchange.requestEnded();
        if (ended) {
            forwarding.attemptEnded();
        }
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
