package io.sallyport.listener;

import io.netty.channel.EventLoop;
import io.sallyport.proxy.ProxyLoop;
import io.sallyport.tunnel.L4Proxy;

/// One event loop with what its connections need of the layers below. All of a connection's work, both ways, stays on
/// the loop that accepted it.
public record DownstreamLoop(EventLoop eventLoop, ProxyLoop http, L4Proxy bytes) {

    /// Ends what was let out by a list that no longer has it. Any thread may call; it happens on the event loop.
    void recheckTunnels() {
        eventLoop.execute(() -> {
            http.recheckTunnels();
            bytes.recheckTunnels();
        });
    }
}
