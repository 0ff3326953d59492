package io.sallyport.listener;
import io.netty.channel.ChannelHandler;
import io.sallyport.snapshot.ListenerSnapshot;
final class TlsConnections {
    static ChannelHandler router(Downstream d, ListenerSnapshot l) { throw new IllegalStateException(); }
}
