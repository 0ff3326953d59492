package io.sallyport.identity;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.List;

/// skeleton
public final class UpstreamTlsContext {
    private final UpstreamTlsSpec spec;

    private UpstreamTlsContext(UpstreamTlsSpec spec) {
        this.spec = spec;
    }

    public static UpstreamTlsContext of(UpstreamTlsSpec spec) throws CredentialException {
        if (spec.mode() != UpstreamTlsSpec.Mode.SIMPLE && spec.client() == null) {
            throw new CredentialException("tls", "no client certificate", "name one by credentialName");
        }
        return new UpstreamTlsContext(spec);
    }

    public UpstreamTlsSpec spec() {
        return spec;
    }

    /// @param host that the connection is opened for: a DNS name in lower case or an IP address
    /// @param alpn `h2`, `http/1.1`, in order of preference; empty for TCP
    public SslHandler newHandler(ByteBufAllocator allocator, String host, int port, List<String> alpn) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UpstreamTlsContext that && spec.equals(that.spec);
    }

    @Override
    public int hashCode() {
        return spec.hashCode();
    }
}
