package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.ClientStream;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.RequestHead;
import io.sallyport.http.ResponseListener;
import io.sallyport.http.h2.KeepAlive;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Connections on real channels that speak nothing: a test opens and ends their streams.
public final class FakeConnections implements ConnectionFactory {
    public final List<Fake> made = new CopyOnWriteArrayList<>();
    /// Streams that an HTTP/2 connection allows.
    volatile int room = 100;

    @Override
    public ClientConnection create(
            Channel channel,
            HttpVersion version,
            HttpLimits limits,
            @Nullable KeepAlive keepAlive,
            ClientConnection.Owner owner) {
        Fake fake = new Fake(channel, version, owner, version == HttpVersion.HTTP_2 ? room : 1);
        made.add(fake);
        channel.pipeline().addLast(fake);
        return fake;
    }

    public static final class Fake extends ChannelInboundHandlerAdapter implements ClientConnection {
        private final Channel channel;
        private final HttpVersion version;
        private final Owner owner;
        private int room;
        private int active;
        private boolean draining;

        Fake(Channel channel, HttpVersion version, Owner owner, int room) {
            this.channel = channel;
            this.version = version;
            this.owner = owner;
            this.room = room;
        }

        public void begin() {
            if (availableStreams() == 0) {
                throw new IllegalStateException("no room");
            }
            active++;
        }

        public void end() {
            active--;
            if (draining && active == 0) {
                channel.close();
            } else {
                owner.onAvailable(this);
            }
        }

        void goAway() {
            draining = true;
            owner.onDraining(this);
        }

        void tell() {
            owner.onAvailable(this);
        }

        void settings(int newRoom) {
            room = newRoom;
            if (availableStreams() > 0) {
                owner.onAvailable(this);
            }
        }

        @Override
        public Channel channel() {
            return channel;
        }

        @Override
        public HttpVersion version() {
            return version;
        }

        @Override
        public int availableStreams() {
            return draining || !channel.isActive() ? 0 : Math.max(0, room - active);
        }

        @Override
        public int activeStreams() {
            return active;
        }

        @Override
        public ClientStream open(RequestHead head, boolean end, ResponseListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void drain() {
            draining = true;
            if (active == 0) {
                channel.close();
            }
        }

        @Override
        public void close() {
            channel.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            active = 0;
            owner.onClosed(this);
        }
    }
}
