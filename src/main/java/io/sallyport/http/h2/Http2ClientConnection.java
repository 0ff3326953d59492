package io.sallyport.http.h2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.StreamError;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// An HTTP/2 connection to an endpoint: the last handler of its pipeline, after TLS agreed on `h2`, or with prior
/// knowledge over plain text. Requests can be opened as soon as the channel is active; until the endpoint's SETTINGS
/// say otherwise it is assumed to accept [HttpLimits#concurrentStreams()] at once.
public final class Http2ClientConnection extends AbstractHttp2Connection implements ClientConnection {
    /// What an endpoint may send besides data for each request: RST_STREAM behind its answer, a head and trailers that
    /// cross the gateway's own RST_STREAM, an update or a PING.
    private static final int CONTROL_FRAMES_PER_REQUEST = 4;

    private final Owner owner;
    private final @Nullable KeepAlivePings pings;
    /// The last stream that was opened before the endpoint said how many it allows; negative until it has.
    private int lastUnaware = -1;
    /// The endpoint supports the extended CONNECT (RFC 8441, 3).
    private boolean connectProtocol;
    private boolean draining;
    private boolean closing;

    private Http2ClientConnection(
            Http2Codec codec, Owner owner, HttpLimits limits, @Nullable KeepAlive keepAlive, LongSupplier nanoTime) {
        super(codec, limits, 0, nanoTime);
        this.owner = owner;
        pings = keepAlive == null ? null : new KeepAlivePings(transport, keepAlive);
    }

    /// The handler for a pipeline.
    ///
    /// @param keepAlive null for no pings
    public static Http2ClientConnection create(Owner owner, HttpLimits limits, @Nullable KeepAlive keepAlive) {
        return create(owner, limits, keepAlive, System::nanoTime);
    }

    /// @param nanoTime the clock of the time-outs, like [System#nanoTime()]
    public static Http2ClientConnection create(
            Owner owner, HttpLimits limits, @Nullable KeepAlive keepAlive, LongSupplier nanoTime) {
        return new Http2ClientConnection(Http2Codec.client(limits), owner, limits, keepAlive, nanoTime);
    }

    @Override
    void opened(ChannelHandlerContext ctx) throws Http2Exception {
        super.opened(ctx);
        if (pings != null) {
            pings.begin();
        }
    }

    @Override
    void receivePingAck(long data) {
        if (pings != null) {
            pings.acknowledged(data);
        }
    }

    @Override
    long checkDeadlines(long now) {
        long next = super.checkDeadlines(now);
        return pings == null ? next : Math.min(next, pings.check(now));
    }

    @Override
    public HttpVersion version() {
        return HttpVersion.HTTP_2;
    }

    @Override
    public int availableStreams() {
        if (draining || !channel().isActive()) {
            return 0;
        }
        int most = Math.min(connection().local().maxActiveStreams(), limits.concurrentStreams());
        return Math.max(0, most - activeStreams());
    }

    @Override
    public int activeStreams() {
        return connection().local().numActiveStreams();
    }

    @Override
    public ClientStream open(RequestHead head, boolean end, ResponseListener listener) {
        var local = connection().local();
        Http2Stream codecStream;
        try {
            codecStream = local.createStream(local.incrementAndGetNextStreamId(), false);
        } catch (Http2Exception e) {
            throw new IllegalStateException("No stream is available on " + channel(), e);
        }
        Http2ClientStream stream = new Http2ClientStream(this, codecStream, head, listener);
        transport.earn(CONTROL_FRAMES_PER_REQUEST);
        if (head.upgrade != null) {
            connect(stream, head, head.upgrade);
        } else {
            stream.beginWrite(end);
            transport.writeHeaders(codecStream, EncodedFields.request(head, end), end);
        }
        if (local.lastStreamCreated() >= Integer.MAX_VALUE - 2) {
            noMoreRequests();
        }
        return stream;
    }

    /// An endpoint that has not announced the extended CONNECT is not sent one, which would be a malformed request
    /// to it (RFC 8441, 3). That is reported in a turn of its own, because the caller does not have the stream
    /// yet.
    private void connect(Http2ClientStream stream, RequestHead head, String protocol) {
        if (connectProtocol) {
            transport.writeHeaders(stream.codecStream(), EncodedFields.extendedConnect(head, protocol), false);
        } else {
            context().executor().execute(stream::refuseSwitch);
        }
    }

    @Override
    void receiveHeaders(Http2Stream codecStream, DecodedFields fields, boolean end) {
        if (stream(codecStream) instanceof Http2ClientStream stream) {
            stream.receiveHeaders(fields, end);
        }
    }

    /// A stream that is refused because nobody knew the limit when it was opened is no sign of overload.
    @Override
    void receiveReset(Http2Stream codecStream, long code) {
        AbstractHttp2Stream stream = stream(codecStream);
        boolean unaware = codecStream.id() <= lastUnaware;
        if (stream != null && unaware && code == Http2Error.REFUSED_STREAM.code()) {
            stream.interrupt(StreamError.REFUSED, "http2.limit_not_known");
        } else {
            super.receiveReset(codecStream, code);
        }
    }

    @Override
    void receiveSettings(Http2Settings settings) {
        if (lastUnaware < 0) {
            lastUnaware = connection().local().lastStreamCreated();
        }
        Boolean announced = settings.connectProtocolEnabled();
        if (announced != null) {
            connectProtocol = announced;
        }
        if (availableStreams() > 0) {
            owner.onAvailable(this);
        }
    }

    @Override
    void receiveGoAway() {
        noMoreRequests();
    }

    private void noMoreRequests() {
        if (!draining) {
            draining = true;
            owner.onDraining(this);
        }
    }

    @Override
    StreamError closeReason(int streamId) {
        boolean refused =
                connection().goAwayReceived() && streamId > connection().local().lastStreamKnownByPeer();
        return refused ? StreamError.REFUSED : StreamError.CONNECTION_CLOSED;
    }

    @Override
    void streamClosed(Http2Stream codecStream) {
        super.streamClosed(codecStream);
        if (availableStreams() > 0) {
            owner.onAvailable(this);
            return;
        }
        if (activeStreams() == 0) {
            // The endpoint allows none any more; those that wait for one must not wait for this connection.
            noMoreRequests();
        }
        closeIfDone();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        super.channelReadComplete(ctx);
        closeIfDone();
    }

    private void closeIfDone() {
        if (draining && activeStreams() == 0) {
            close();
        }
    }

    @Override
    public void drain() {
        draining = true;
        closeIfDone();
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        draining = true;
        ChannelHandlerContext ctx = context();
        if (ctx.channel().isActive()) {
            transport.goAway(0, Http2Error.NO_ERROR);
            ctx.flush();
        }
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        draining = true;
        closing = true;
        super.channelInactive(ctx);
        owner.onClosed(this);
    }
}
