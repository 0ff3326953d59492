package io.sallyport.http.h1;

import java.time.Duration;

/// How a downstream connection reads what the RFCs leave open.
///
/// @param underscores names with `_` are taken; else 400, because many servers read them as `-`
/// @param discardBytes of a request's body that are still read after its response has ended, so that the connection
///     can be kept or the client gets to read the response before it closes
/// @param discardTime how long that may take
public record Http1Options(boolean underscores, int discardBytes, Duration discardTime) {
    public static final Http1Options DEFAULT = new Http1Options(false, 64 * 1024, Duration.ofSeconds(1));
}
