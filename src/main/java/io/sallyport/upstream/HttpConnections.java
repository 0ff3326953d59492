package io.sallyport.upstream;

import io.netty.channel.Channel;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.h1.Http1ClientConnection;
import io.sallyport.http.h2.Http2ClientConnection;
import io.sallyport.http.h2.KeepAlive;
import org.jspecify.annotations.Nullable;

/// The gateway's own HTTP/1.1 and HTTP/2.
public final class HttpConnections implements ConnectionFactory {
    @Override
    public ClientConnection create(
            Channel channel,
            HttpVersion version,
            HttpLimits limits,
            @Nullable KeepAlive keepAlive,
            ClientConnection.Owner owner) {
        if (version == HttpVersion.HTTP_2) {
            Http2ClientConnection http2 = Http2ClientConnection.create(owner, limits, keepAlive);
            channel.pipeline().addLast(http2);
            return http2;
        }
        Http1ClientConnection http1 = new Http1ClientConnection(limits, owner);
        channel.pipeline().addLast(http1);
        return http1;
    }
}
