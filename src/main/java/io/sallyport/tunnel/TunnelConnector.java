package io.sallyport.tunnel;

import io.netty.channel.Channel;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Finds the other end of a tunnel. All calls are made on the downstream channel's event loop.
public interface TunnelConnector {
    /// Begins to connect; the callback may be called before this returns, and is called once at most.
    ///
    /// @return gives up: the callback hears nothing more. Does nothing where it is over already
    Runnable connect(Callback callback);

    /// Hears how it ended.
    interface Callback {
        /// @param upstream connected, of the same event loop, not reading by itself (`AUTO_READ` off)
        /// @param completion is notified once of the end of the tunnel
        void onConnected(Channel upstream, Completion completion);

        void onRefused(ProxyException reason);

        /// What was connected may no longer be: it is cut at once.
        ///
        /// @param details in snake_case
        void onRevoked(String details);
    }

    /// Keeps the account of one tunnel.
    interface Completion {
        /// Without a byte in either direction, after which it is to be ended; zero for never. Null where the listener
        /// decides.
        default @Nullable Duration idleTimeout() {
            return null;
        }

        /// @param received bytes that the client sent to the endpoint
        /// @param sent bytes that the endpoint sent to the client
        /// @param flag null where both sides ended in order
        /// @param details in snake_case
        void end(long received, long sent, @Nullable ResponseFlag flag, String details);
    }
}
