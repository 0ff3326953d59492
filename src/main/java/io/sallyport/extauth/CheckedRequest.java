package io.sallyport.extauth;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.RequestHead;
import io.sallyport.policy.Caller;
import org.jspecify.annotations.Nullable;

/// The request that is asked about.
///
/// @param head as the endpoint would get it, but for its route
/// @param pathAndQuery canonical; empty for CONNECT, which has neither path nor scheme (RFC 9110, 9.3.6)
/// @param caller who asks
/// @param millis when it began, since 1970
/// @param body the beginning of its body, or all; null where none is sent. The question takes it over
/// @param partial whether more of the body follows
public record CheckedRequest(
        RequestHead head,
        String pathAndQuery,
        Caller caller,
        long millis,
        @Nullable ByteBuf body,
        boolean partial) {
    /// The field of the question that says whether more of the body follows, `true` or `false`.
    static final String PARTIAL_BODY = "x-envoy-auth-partial-body";
}
