package io.sallyport.upstream;

import io.netty.channel.EventLoop;
import io.sallyport.http.HttpLimits;
import java.util.function.LongSupplier;

/// What the pools of one event loop share.
///
/// @param limits on what endpoints may send
/// @param clock nanoseconds, monotonic
/// @param onEmpty called when a pool has closed its last connection and nobody waits; the pool is still at work then
record PoolLoop(
        UpstreamBootstrap bootstrap,
        HttpLimits limits,
        ConnectionFactory connections,
        LongSupplier clock,
        Runnable onEmpty) {
    EventLoop eventLoop() {
        return bootstrap.loop();
    }
}
