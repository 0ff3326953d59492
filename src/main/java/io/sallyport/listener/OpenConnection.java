package io.sallyport.listener;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A downstream connection from accept to close, for those who count and drain them. Lives on its event loop.
final class OpenConnection {
    private final Channel channel;
    private @Nullable String chain;
    private @Nullable Runnable drain;
    private volatile boolean draining;

    OpenConnection(Channel channel) {
        this.channel = channel;
    }

    Channel channel() {
        return channel;
    }

    /// The filter chain that took it, or null before that is known.
    @Nullable
    String chain() {
        return chain;
    }

    /// @param gracefully ends the connection when what is under way is done; perhaps called before this returns
    void assigned(String chainName, Runnable gracefully) {
        assigned(chainName, gracefully, Duration.ZERO);
    }

    /// @param firstRequest time that a client gets for its first request if the connection opens while the
    ///     gateway drains
    void assigned(String chainName, Runnable gracefully, Duration firstRequest) {
        chain = chainName;
        drain = gracefully;
        if (draining && firstRequest.isZero()) {
            gracefully.run();
        } else if (draining) {
            channel.eventLoop().schedule(gracefully, firstRequest.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /// Ends the connection as soon as nothing is lost by it. One that has not come to its first request yet is let in
    /// first: the client has done nothing wrong.
    void drain() {
        if (!draining) {
            draining = true;
            if (drain != null) {
                drain.run();
            }
        }
    }

    /// Any thread may ask.
    boolean isDraining() {
        return draining;
    }

    void close() {
        channel.close();
    }
}
