package io.sallyport.proxy;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.telemetry.ProxyException;
import io.sallyport.telemetry.ResponseFlag;
import io.sallyport.upstream.Acquisition;
import io.sallyport.upstream.Endpoint;
import org.jspecify.annotations.Nullable;

/// One attempt at sending the request to an endpoint: waits for a connection, opens a stream, relays the response.
/// The endpoint's books are closed exactly once, by whichever end comes first.
final class UpstreamAttempt extends Acquisition implements ResponseListener {
    private final Forwarding forwarding;
    private final Exchange exchange;
    private @Nullable ClientStream stream;
    private @Nullable Endpoint endpoint;
    private boolean reused;
    private boolean responded;
    private boolean ended;
    private long sentNanos;
    private int status;

    UpstreamAttempt(Forwarding forwarding, Exchange exchange) {
        this.forwarding = forwarding;
        this.exchange = exchange;
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
        boolean end = !forwarding.hasBodyToCome();
        sentNanos = System.nanoTime();
        stream = connection.open(exchange.head, end, this);
        if (ended) {
            // Refused as it was opened: what follows is another attempt's.
            return;
        }
        forwarding.opened(this);
        flush();
    }

    @Override
    protected void onFailure(ProxyException failure, @Nullable Endpoint tried) {
        ended = true;
        exchange.facts.transportFailure = failure.details();
        forwarding.failed(failure, tried, false);
    }

    // Towards the endpoint.

    void send(HeldBody held) {
        if (stream != null) {
            held.writeTo(stream);
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
        if (ended) {
            return;
        }
        ended = true;
        if (stream == null) {
            cancel();
            return;
        }
        stream.reset(StreamError.CANCEL);
        if (endpoint != null) {
            endpoint.failed(because);
        }
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
        responded = true;
        status = response.status;
        long serviceNanos = System.nanoTime() - sentNanos;
        exchange.facts.upstreamServiceNanos = serviceNanos;
        exchange.facts.grpcStatus = response.headers.get(HeaderNames.GRPC_STATUS);
        forwarding.editResponse(response);
        ResponseFields.upstreamServiceTime(response.headers, serviceNanos);
        if (end) {
            close();
        }
        exchange.respond(response, end);
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        if (end) {
            close();
        }
        exchange.responseData(data, end);
        if (!end && stream != null && !exchange.downstream.isWritable()) {
            stream.pauseReading();
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        close();
        exchange.responseTrailers(trailers);
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (ended) {
            return;
        }
        ended = true;
        ProxyException failure = Failures.ofStream(error, details);
        Endpoint tried = endpoint;
        if (tried != null) {
            tried.failed(failure.flag());
        }
        if (responded) {
            forwarding.attemptEnded();
            exchange.cut(failure.flag(), failure.details());
        } else {
            boolean stale = reused && error == StreamError.CONNECTION_CLOSED;
            forwarding.failed(failure, tried, stale);
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
        closeBooks();
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
        closeBooks();
    }

    private void closeBooks() {
        Endpoint used = endpoint;
        endpoint = null;
        if (used != null) {
            used.finished(status);
        }
    }
}
