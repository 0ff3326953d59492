package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.h1.Http1ClientConnection;
import io.sallyport.http.h2.Http2ClientConnection;
import io.sallyport.http.h2.KeepAlive;
import org.jspecify.annotations.Nullable;

/// Puts the client side of HTTP on a connected channel, behind its TLS handler if there is one.
public interface ConnectionFactory {
    /// The gateway's own HTTP/1.1 and HTTP/2.
    ConnectionFactory HTTP = (channel, version, limits, keepAlive, owner) -> {
        if (version == HttpVersion.HTTP_2) {
            Http2ClientConnection http2 = Http2ClientConnection.create(owner, limits, keepAlive);
            channel.pipeline().addLast(http2);
            return http2;
        }
        Http1ClientConnection http1 = new Http1ClientConnection(limits, owner);
        channel.pipeline().addLast(http1);
        return http1;
    };

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
