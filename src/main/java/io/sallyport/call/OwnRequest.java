package io.sallyport.call;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ScheduledFuture;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.Acquisition;
import io.sallyport.upstream.UpstreamLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One request of the gateway's own on its way: waits for a connection, sends, and reports what comes back, until the
/// first of the response's end, a failure, the deadline and [#abort].
///
/// What is whole before [#start] is sent once more where no endpoint can have looked at it: a kept connection
/// turned out to be closed, or the peer refused the stream. So a question may arrive twice, if seldom.
final class OwnRequest extends Acquisition implements ResponseListener, RequestContext, Runnable {
    /// The response code details of a call that took too long.
    static final String TIMEOUT = "call_timeout";

    /// What the response is reported to.
    interface Listener {
        void onHead(ResponseHead head);

        /// @param data taken over
        void onData(ByteBuf data);

        /// The response is complete.
        ///
        /// @param trailers null where there are none
        void onEnd(@Nullable Headers trailers);

        /// Instead of [#onEnd].
        ///
        /// @param error of the stream; null where there was no connection, and at the deadline
        void onFailed(ProxyException failure, @Nullable StreamError error);

        /// More may be written without memory growing.
        void onWritable();
    }

    private final UpstreamLoop loop;
    private final Cluster cluster;
    private final HttpQuestion question;
    private final boolean grpc;
    private final Duration timeout;
    private final Listener listener;
    /// What was written before there was a stream, as it came.
    private final CompositeByteBuf held = Unpooled.compositeBuffer(Integer.MAX_VALUE);

    private @Nullable ScheduledFuture<?> deadline;
    private @Nullable ClientStream stream;
    private @Nullable Endpoint endpoint;
    /// The whole message was written before there was a stream.
    private boolean whole;

    private boolean finished;
    private boolean reused;
    private boolean repeated;
    private boolean answered;
    private boolean ended;
    private int status;

    /// @param grpc over HTTP/2, whatever the cluster speaks
    /// @param timeout zero for none
    OwnRequest(
            UpstreamLoop loop,
            Cluster cluster,
            HttpQuestion question,
            boolean grpc,
            Duration timeout,
            Listener listener) {
        this.loop = loop;
        this.cluster = cluster;
        this.question = question;
        this.grpc = grpc;
        this.timeout = timeout;
        this.listener = listener;
    }

    void start() {
        if (ended) {
            return;
        }
        whole = finished;
        if (!timeout.isZero()) {
            deadline = loop.eventLoop().schedule(this, timeout.toNanos(), TimeUnit.NANOSECONDS);
        }
        loop.acquire(cluster, this, this);
    }

    /// @param part taken over
    /// @param last nothing follows
    void write(ByteBuf part, boolean last) {
        if (ended || finished) {
            part.release();
            return;
        }
        finished = last;
        ClientStream to = stream;
        if (to == null) {
            held.addComponent(true, part);
        } else {
            to.writeData(part, last);
            to.flush();
        }
    }

    boolean isWritable() {
        return !ended && stream != null && stream.isWritable();
    }

    boolean hasEnded() {
        return ended;
    }

    /// Nothing is reported any more.
    void abort() {
        if (ended) {
            return;
        }
        end();
        if (stream == null) {
            cancel();
            return;
        }
        stream.reset(StreamError.CANCEL);
        if (endpoint != null) {
            endpoint.released();
        }
    }

    /// It has taken too long.
    @Override
    public void run() {
        if (ended) {
            return;
        }
        end();
        if (stream == null) {
            giveUp(ResponseFlag.UT);
        } else {
            stream.reset(StreamError.CANCEL);
            if (endpoint != null) {
                endpoint.failed(ResponseFlag.UT);
            }
        }
        listener.onFailed(ProxyException.upstream(ResponseFlag.UT, TIMEOUT, false), null);
    }

    private void end() {
        ended = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        held.release();
    }

    // Of the connection.

    @Override
    protected void onReady(
            ClientConnection connection, Endpoint chosen, EndpointFacts reached, boolean reusedConnection) {
        endpoint = chosen;
        reused = reusedConnection;
        RequestHead head = new RequestHead(
                connection.version(),
                question.method(),
                cluster.spec().tls() == null ? "http" : "https",
                question.authority(),
                question.path(),
                question.headers().copy());
        boolean empty = finished && !held.isReadable();
        head.contentLength = !finished || grpc ? RequestHead.UNKNOWN_LENGTH : held.readableBytes();
        ClientStream opened = connection.open(head, empty, this);
        if (ended || endpoint == null) {
            // Refused as it was opened.
            return;
        }
        stream = opened;
        if (held.isReadable()) {
            opened.writeData(held.retainedDuplicate(), finished);
        }
        opened.flush();
    }

    @Override
    protected void onFailure(ProxyException failure, @Nullable Endpoint tried) {
        end();
        listener.onFailed(failure, null);
    }

    // Of the response.

    @Override
    public void onInformational(int code, Headers headers) {}

    @Override
    public void onHead(ResponseHead head, boolean last) {
        answered = true;
        status = head.status;
        listener.onHead(head);
        if (last) {
            complete(null);
        }
    }

    @Override
    public void onData(ByteBuf data, boolean last) {
        if (ended) {
            data.release();
            return;
        }
        listener.onData(data);
        if (last) {
            complete(null);
        }
    }

    @Override
    public void onTrailers(Headers trailers) {
        complete(trailers);
    }

    private void complete(@Nullable Headers trailers) {
        if (ended) {
            return;
        }
        end();
        if (!finished && stream != null) {
            stream.reset(StreamError.CANCEL);
        }
        if (endpoint != null) {
            endpoint.finished(status);
        }
        listener.onEnd(trailers);
    }

    @Override
    public void onReset(StreamError error, String details) {
        if (ended) {
            return;
        }
        ProxyException failure = failure(error, details);
        Endpoint used = endpoint;
        endpoint = null;
        if (used != null) {
            used.failed(failure.flag());
        }
        boolean unread = error == StreamError.REFUSED || reused && error == StreamError.CONNECTION_CLOSED;
        if (unread && whole && !answered && !repeated) {
            repeated = true;
            stream = null;
            loop.eventLoop().execute(this::repeat);
            return;
        }
        end();
        listener.onFailed(failure, error);
    }

    /// In a turn of its own: the pool that reports the failure is still at work.
    private void repeat() {
        if (!ended) {
            loop.acquire(cluster, this, this);
        }
    }

    private static ProxyException failure(StreamError error, String details) {
        ResponseFlag flag =
                switch (error) {
                    case CONNECTION_CLOSED -> ResponseFlag.UC;
                    case REFUSED, CANCEL, INTERNAL_ERROR, BODY_TOO_LARGE -> ResponseFlag.UR;
                    case PROTOCOL_ERROR, HEAD_TOO_LARGE, HEAD_REFUSED, UNSUPPORTED -> ResponseFlag.UPE;
                    case TIMEOUT -> ResponseFlag.UT;
                };
        return ProxyException.upstream(flag, details, error == StreamError.REFUSED);
    }

    @Override
    public void onWritable() {
        if (!ended) {
            listener.onWritable();
        }
    }

    @Override
    public void onReadComplete() {}

    // What the choice of an endpoint asks.

    @Override
    public String host() {
        return cluster.spec().host();
    }

    @Override
    public int port() {
        return cluster.spec().port();
    }

    @Override
    public HttpVersion downstreamVersion() {
        return grpc ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1;
    }

    @Override
    public boolean excludes(Endpoint candidate) {
        return false;
    }

    @Override
    public boolean switchesProtocol() {
        return false;
    }

    @Override
    public boolean isGrpc() {
        return grpc;
    }

    @Override
    public boolean needsHttp2() {
        return grpc;
    }
}
