package io.sallyport.listener;

import io.netty.channel.EventLoop;
import io.sallyport.proxy.L4Proxy;
import io.sallyport.proxy.ProxyLoop;

/// One event loop with what its connections need of the layers below. All of a connection's work, both ways, stays on
/// the loop that accepted it.
public record DownstreamLoop(EventLoop eventLoop, ProxyLoop http, L4Proxy bytes) {}
