package io.sallyport.tunnel;

import io.sallyport.cluster.balance.HashKey;
import io.sallyport.cluster.balance.RequestContext;
import io.sallyport.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/// What choosing an endpoint needs to know of bytes that are forwarded as they are.
public interface BytesContext extends RequestContext {
    /// The client's address as text; null where it has none.
    @Nullable
    CharSequence clientAddress();

    @Override
    default HttpVersion downstreamVersion() {
        return HttpVersion.HTTP_1_1;
    }

    @Override
    default boolean switchesProtocol() {
        return false;
    }

    @Override
    default boolean isGrpc() {
        return false;
    }

    /// Of bytes only their source is known.
    @Override
    default @Nullable CharSequence hashKey(HashKey key) {
        return key instanceof HashKey.SourceAddress ? clientAddress() : null;
    }
}
