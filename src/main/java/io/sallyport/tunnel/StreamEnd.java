package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.sallyport.http.ServerStream;
import io.sallyport.http.StreamError;
import io.sallyport.outcome.ResponseFlag;
import org.jspecify.annotations.Nullable;

/// The end of a [Relay] that is a CONNECT request's stream.
public final class StreamEnd implements Relay.End {
    private final ServerStream stream;
    private boolean closed;

    StreamEnd(ServerStream stream) {
        this.stream = stream;
    }

    @Override
    public EventLoop eventLoop() {
        return stream.eventLoop();
    }

    @Override
    public void write(ByteBuf data) {
        stream.writeData(data, false);
    }

    @Override
    public void flush() {
        stream.flush();
    }

    @Override
    public boolean isWritable() {
        return stream.isWritable();
    }

    @Override
    public @Nullable EpollSocketChannel bareSocket() {
        return !closed && stream.bareChannel() instanceof EpollSocketChannel socket ? socket : null;
    }

    @Override
    public boolean sendNow() {
        return stream.sendNow();
    }

    @Override
    public void setReading(boolean reading) {
        if (closed) {
            return;
        }
        if (reading) {
            stream.resumeReading();
        } else {
            stream.pauseReading();
        }
    }

    @Override
    public void endOutput() {
        stream.writeData(Unpooled.EMPTY_BUFFER, true);
        stream.flush();
    }

    @Override
    public void close(@Nullable ResponseFlag flag) {
        if (closed) {
            return;
        }
        closed = true;
        switch (flag) {
            case null -> endOutput();
            case SI -> stream.reset(StreamError.TIMEOUT);
            case RBAC -> stream.reset(StreamError.CANCEL);
            default -> stream.reset(StreamError.CONNECTION_CLOSED);
        }
    }

    /// The stream has ended by other means: it is neither written to nor reset any more.
    void onEnded() {
        closed = true;
    }

    /// Whose doing it is that the client's side of an exchange was cut.
    public static ResponseFlag flagOf(StreamError error) {
        return switch (error) {
            case PROTOCOL_ERROR, BODY_TOO_LARGE, HEAD_TOO_LARGE -> ResponseFlag.DPE;
            case CONNECTION_CLOSED, REFUSED, HEAD_REFUSED, UNSUPPORTED, CANCEL, INTERNAL_ERROR, TIMEOUT ->
                ResponseFlag.DC;
        };
    }
}
