package io.sallyport.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;

/// Hands what the codec found to the connection. The codec has checked the state of the stream before.
final class FrameDispatcher extends Http2FrameAdapter {
    private final AbstractHttp2Connection connection;

    FrameDispatcher(AbstractHttp2Connection connection) {
        this.connection = connection;
    }

    Http2Connection.Listener streamEvents() {
        return new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                connection.streamClosed(stream);
            }
        };
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean endOfStream) {
        connection.receiveHeaders(connection.connection().stream(id), (DecodedFields) headers, endOfStream);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext ctx,
            int id,
            Http2Headers headers,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean endOfStream) {
        onHeadersRead(ctx, id, headers, padding, endOfStream);
    }

    @Override
    public int onDataRead(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean endOfStream) {
        return connection.receiveData(connection.connection().stream(id), data, padding, endOfStream);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long errorCode) {
        connection.receiveReset(connection.connection().stream(id), errorCode);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
        connection.receiveSettings(settings);
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext ctx) {
        connection.receiveSettingsAck();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
        connection.receivePingAck(data);
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData) {
        connection.receiveGoAway(lastStreamId);
    }
}
