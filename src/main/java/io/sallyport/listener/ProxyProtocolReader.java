package io.sallyport.listener;
import io.netty.channel.ChannelInboundHandlerAdapter;
final class ProxyProtocolReader extends ChannelInboundHandlerAdapter {
    ProxyProtocolReader(ProxyProtocolSettings s, Downstream d, ConnectionSetup c) {}
}
