package io.sallyport.identity;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;

/// skeleton
public final class DownstreamTlsContext {
    private final DownstreamTlsSpec spec;

    private DownstreamTlsContext(DownstreamTlsSpec spec) {
        this.spec = spec;
    }

    /// @throws CredentialException where the spec cannot be served
    public static DownstreamTlsContext of(DownstreamTlsSpec spec) throws CredentialException {
        if (spec.credentials().isEmpty()) {
            throw new CredentialException("tls", "no certificate", "name one by credentialName");
        }
        return new DownstreamTlsContext(spec);
    }

    public DownstreamTlsSpec spec() {
        return spec;
    }

    /// Whether one of the certificates names `host` (lower case, no port).
    public boolean covers(String host) {
        return spec.credentials().stream().anyMatch(credential -> credential.covers(host));
    }

    public SslHandler newHandler(ByteBufAllocator allocator) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DownstreamTlsContext that && spec.equals(that.spec);
    }

    @Override
    public int hashCode() {
        return spec.hashCode();
    }
}
