package io.sallyport.cluster.balance;

import io.sallyport.cluster.Endpoint;
import io.sallyport.http.HttpVersion;
import java.net.SocketAddress;
import java.util.HashSet;
import java.util.Set;

/// A request as endpoints and pools see it.
public final class TestRequest implements RequestContext {
    final String host;
    final HttpVersion version;
    public int port = 80;
    public boolean upgrade;
    public boolean grpc;
    /// Both of its addresses; null for none.
    public SocketAddress client;
    boolean leavesTriedPriorities;
    /// What it has to be hashed.
    CharSequence key;
    public final Set<Endpoint> excluded = new HashSet<>();

    public TestRequest() {
        this("service.example");
    }

    public TestRequest(String host) {
        this(host, HttpVersion.HTTP_1_1);
    }

    public TestRequest(String host, HttpVersion version) {
        this.host = host;
        this.version = version;
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
        return version;
    }

    @Override
    public boolean excludes(Endpoint endpoint) {
        return excluded.contains(endpoint);
    }

    @Override
    public boolean switchesProtocol() {
        return upgrade;
    }

    @Override
    public boolean isGrpc() {
        return grpc;
    }

    @Override
    public CharSequence hashKey(HashKey ofKind) {
        return key;
    }

    @Override
    public SocketAddress clientAddress() {
        return client;
    }

    @Override
    public SocketAddress clientDestination() {
        return client;
    }

    @Override
    public boolean leavesTriedPriorities() {
        return leavesTriedPriorities;
    }
}
