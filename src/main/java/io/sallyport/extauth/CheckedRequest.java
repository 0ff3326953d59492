package io.sallyport.extauth;

import io.sallyport.http.RequestHead;
import io.sallyport.policy.Caller;
import org.jspecify.annotations.Nullable;

/// The request that is asked about.
///
/// @param head as the endpoint would get it, but for its route
/// @param pathAndQuery canonical; empty for CONNECT, which has neither path nor scheme (RFC 9110, 9.3.6)
/// @param caller who asks
/// @param millis when it began, since 1970
/// @param body the beginning of its body, or all; null where none is sent
/// @param partial whether more of the body follows
public record CheckedRequest(
        RequestHead head, String pathAndQuery, Caller caller, long millis, byte @Nullable [] body, boolean partial) {}
