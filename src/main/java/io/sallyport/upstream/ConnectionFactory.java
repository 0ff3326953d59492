package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.h2.KeepAlive;
import org.jspecify.annotations.Nullable;

/// Puts the client side of HTTP on a connected channel, behind its TLS handler if there is one.
public interface ConnectionFactory {
    /// @param version HTTP_1_1 or HTTP_2
    /// @param keepAlive of HTTP/2; null for none
    /// @param owner receives all events from now on, the channel's end included
    ClientConnection create(
            Channel channel,
            HttpVersion version,
            HttpLimits limits,
            @Nullable KeepAlive keepAlive,
            ClientConnection.Owner owner);
}
