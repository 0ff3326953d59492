package io.sallyport.tunnel;

import io.netty.util.NetUtil;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.balance.HashKey;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.http.HttpVersion;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What choosing an endpoint needs to know of bytes that are forwarded as they are.
final class BytesContext implements RequestContext {
    private final String host;
    private final int port;
    private final @Nullable SocketAddress client;
    private final SocketAddress destination;
    private final List<Endpoint> tried = new ArrayList<>(1);

    /// @param destination the address that the client connected to
    BytesContext(String host, int port, @Nullable SocketAddress client, SocketAddress destination) {
        this.host = host;
        this.port = port;
        this.client = client;
        this.destination = destination;
    }

    /// @return how many endpoints have been tried so far, this one included
    int onTried(Endpoint endpoint) {
        tried.add(endpoint);
        return tried.size();
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public HttpVersion downstreamVersion() {
        return HttpVersion.HTTP_1_1;
    }

    @Override
    public boolean excludes(Endpoint endpoint) {
        return tried.contains(endpoint);
    }

    @Override
    public boolean switchesProtocol() {
        return false;
    }

    @Override
    public boolean isGrpc() {
        return false;
    }

    /// Of bytes only their source is known.
    @Override
    public @Nullable CharSequence hashKey(HashKey key) {
        return key instanceof HashKey.SourceAddress ? address(client) : null;
    }

    @Override
    public @Nullable SocketAddress clientAddress() {
        return client;
    }

    @Override
    public SocketAddress clientDestination() {
        return destination;
    }

    /// An address without its port; null where there is none.
    static @Nullable String address(@Nullable SocketAddress socket) {
        return socket instanceof InetSocketAddress inet && inet.getAddress() != null
                ? NetUtil.toAddressString(inet.getAddress())
                : null;
    }
}
