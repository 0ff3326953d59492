package io.sallyport.http.h2;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;

/// The parts of Netty's codec, put together for one connection.
record Http2Codec(
        GuardedFrameReader reader,
        Http2ConnectionDecoder decoder,
        Http2ConnectionEncoder encoder,
        Http2Settings settings,
        int connectionWindow) {

    private static final float WINDOW_UPDATE_RATIO = 0.5f;

    /// What a client's connection works with. Its streams' windows bound what may wait here for slow receivers; one
    /// client cannot have more of it than the window of the connection.
    static Http2Codec server(HttpLimits limits, boolean underscores) {
        DefaultHttp2Connection connection = new DefaultHttp2Connection(true, 0);
        // Not first when the client acknowledges our SETTINGS, which it may never do.
        connection.remote().maxActiveStreams(limits.concurrentStreams());
        connection.local().flowController(new DefaultHttp2LocalFlowController(connection, WINDOW_UPDATE_RATIO, false));
        Http2Settings settings = settings(limits)
                .maxConcurrentStreams(limits.concurrentStreams())
                .connectProtocolEnabled(true);
        return assemble(connection, settings, new FieldsDecoder(limits, underscores), limits, false);
    }

    /// What a connection to an endpoint works with. Its streams serve clients that have nothing to do with each other,
    /// so the connection's window is refilled as data arrive: a client that does not read holds back its own
    /// stream, by that stream's window, and none of the others.
    static Http2Codec client(HttpLimits limits) {
        DefaultHttp2Connection connection = new DefaultHttp2Connection(false, 0);
        connection.local().maxActiveStreams(limits.concurrentStreams());
        connection.local().allowPushTo(false);
        connection.local().flowController(new DefaultHttp2LocalFlowController(connection, WINDOW_UPDATE_RATIO, true));
        return assemble(connection, settings(limits).pushEnabled(false), new FieldsDecoder(limits, true), limits, true);
    }

    private static Http2Settings settings(HttpLimits limits) {
        // A peer counts more for a field than the limits do (RFC 9113, 6.5.2), and must not hold back what they
        // allow.
        long headerList =
                limits.headBytes() + limits.targetBytes() + (long) DynamicTable.ENTRY_OVERHEAD * limits.headerFields();
        return new Http2Settings().initialWindowSize(limits.streamWindowBytes()).maxHeaderListSize(headerList);
    }

    /// @param respectsHeadLimit true for endpoints: a head over the limit that the peer announced is not sent and
    ///     ends its own stream only, because the peer may close the connection, which many clients share
    private static Http2Codec assemble(
            DefaultHttp2Connection connection,
            Http2Settings settings,
            FieldsDecoder fields,
            HttpLimits limits,
            boolean respectsHeadLimit) {
        // Priorities are deprecated (RFC 9113, 5.3.2); a tree of them would be one more thing to attack.
        connection
                .remote()
                .flowController(
                        new DefaultHttp2RemoteFlowController(connection, new UniformStreamByteDistributor(connection)));
        GuardedFrameReader reader = new GuardedFrameReader(fields, connection);
        Http2ConnectionEncoder encoder = new BoundedControlEncoder(new DefaultHttp2ConnectionEncoder(
                connection, new CompactFrameWriter(new HpackEncoder(respectsHeadLimit))));
        Http2ConnectionDecoder decoder = new DefaultHttp2ConnectionDecoder(
                connection, encoder, reader, Http2PromisedRequestVerifier.ALWAYS_VERIFY, true, true, false, false);
        return new Http2Codec(reader, decoder, encoder, settings, limits.connectionWindowBytes());
    }

    /// Raises the connection's window from what RFC 9113, 6.9.2 starts with; to be called after SETTINGS were written.
    void openWindow(ChannelHandlerContext ctx) throws Http2Exception {
        var flow = decoder.flowController();
        var whole = decoder.connection().connectionStream();
        int missing = connectionWindow - flow.initialWindowSize(whole);
        if (missing > 0) {
            flow.incrementWindowSize(whole, missing);
            ctx.flush();
        }
    }

    /// HPACK into [DecodedFields]. The limit on a header list is theirs: a list over it is still decoded, so
    /// that the stream alone is answered and not the connection closed. Only a block whose compressed bytes are
    /// over twice the limits of head and target ends the connection, before it is decoded.
    static final class FieldsDecoder extends DefaultHttp2HeadersDecoder {
        private final int maxBytes;
        private final int maxTargetBytes;
        private final int maxFields;
        private final boolean underscores;
        private final Headers.Store store = new Headers.Store();

        FieldsDecoder(HttpLimits limits, boolean underscores) {
            super(false, Http2CodecUtil.MAX_HEADER_LIST_SIZE);
            this.maxBytes = limits.headBytes();
            this.maxTargetBytes = limits.targetBytes();
            this.maxFields = limits.headerFields();
            this.underscores = underscores;
        }

        @Override
        protected Http2Headers newHeaders() {
            return new DecodedFields(store, maxBytes, maxFields, underscores);
        }

        @Override
        public void maxHeaderListSize(long max, long goAwayMax) {
            // Called when the peer acknowledges our SETTINGS. The limits hold from the start.
        }

        @Override
        public long maxHeaderListSize() {
            return maxBytes;
        }

        @Override
        public long maxHeaderListSizeGoAway() {
            return 2L * (maxBytes + maxTargetBytes);
        }
    }
}
