package io.sallyport.proxy;

import io.sallyport.http.HttpVersion;
import io.sallyport.upstream.HashKey;
import io.sallyport.upstream.RequestContext;
import org.jspecify.annotations.Nullable;

/// What choosing an endpoint needs to know of bytes that are forwarded as they are.
interface BytesContext extends RequestContext {
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
