package io.sallyport.listener;

import io.netty.channel.EventLoop;
import io.sallyport.proxy.ProxyLoop;
import io.sallyport.tunnel.TunnelLoop;

/// One event loop with what its connections need of the layers below. All of a connection's work, both ways, stays on
/// the loop that accepted it.
public record DownstreamLoop(EventLoop eventLoop, ProxyLoop http, TunnelLoop tunnels) {

    /// Ends the tunnels whose host the egress list no longer has. Any thread may call; it happens on the event loop.
    void recheckTunnels() {
        eventLoop.execute(tunnels::recheck);
    }
}
