package io.sallyport.cli.runtime;

import io.netty.channel.Channel;
import io.sallyport.http.ClientConnection;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.h1.Http1ClientConnection;
import io.sallyport.http.h2.Http2ClientConnection;
import io.sallyport.upstream.ConnectionFactory;

/// Speaks HTTP/1.1 or HTTP/2 with endpoints.
final class HttpConnections implements ConnectionFactory {
    @Override
    public ClientConnection create(
            Channel channel, HttpVersion version, HttpLimits limits, ClientConnection.Owner owner) {
        if (version == HttpVersion.HTTP_2) {
            Http2ClientConnection connection = Http2ClientConnection.create(owner, limits);
            channel.pipeline().addLast(connection);
            return connection;
        }
        Http1ClientConnection connection = new Http1ClientConnection(limits, owner);
        channel.pipeline().addLast(connection);
        return connection;
    }
}
