package io.sallyport.cluster;

import io.sallyport.http.h2.KeepAlive;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How long connections last, and how much one carries.
///
/// @param longest after which a connection takes no more requests and ends with its last, or a relayed one is closed:
///     `TCPSettings.maxConnectionDuration`; zero for never
/// @param bytesIdle without a byte in either direction, after which a relayed connection is closed:
///     `TCPSettings.idleTimeout`; zero for never, null for the listener's time
/// @param streams at once on one HTTP/2 connection: `HTTPSettings.maxConcurrentStreams`
/// @param keepAlive of an HTTP/2 connection: `HTTPSettings.http2KeepAlive`; null for none
public record ConnectionLife(
        Duration longest,
        @Nullable Duration bytesIdle,
        int streams,
        @Nullable KeepAlive keepAlive) {
    public static final ConnectionLife DEFAULT = new ConnectionLife(Duration.ZERO, null, Integer.MAX_VALUE, null);
}
