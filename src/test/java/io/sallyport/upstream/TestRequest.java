package io.sallyport.upstream;

import io.sallyport.http.HttpVersion;
import java.util.HashSet;
import java.util.Set;

/// A request as endpoints and pools see it.
final class TestRequest implements RequestContext {
    final String host;
    final HttpVersion version;
    int port = 80;
    boolean upgrade;
    boolean grpc;
    boolean leavesTriedPriorities;
    /// What it has to be hashed.
    CharSequence key;
    final Set<Endpoint> excluded = new HashSet<>();

    TestRequest() {
        this("service.example");
    }

    TestRequest(String host) {
        this(host, HttpVersion.HTTP_1_1);
    }

    TestRequest(String host, HttpVersion version) {
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
    public boolean leavesTriedPriorities() {
        return leavesTriedPriorities;
    }
}
