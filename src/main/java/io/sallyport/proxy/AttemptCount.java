package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;

/// `x-envoy-attempt-count`: which try of the request this is, from 1; on a response, how many it took (Istio sets
/// Envoy's `include_request_attempt_count`).
final class AttemptCount {
    private static final AsciiString[] KNOWN = {
        AsciiString.cached("0"), AsciiString.cached("1"), AsciiString.cached("2"), AsciiString.cached("3")
    };

    private AttemptCount() {}

    static void set(Headers headers, int attempts) {
        AsciiString count = attempts < KNOWN.length ? KNOWN[attempts] : new AsciiString(Integer.toString(attempts));
        headers.set(HeaderNames.X_ENVOY_ATTEMPT_COUNT, count);
    }
}
