package io.sallyport.http.h2;

import java.time.Duration;

/// Pings that find out whether an endpoint is still there (RFC 9113, 6.7; Istio: `HTTPSettings.ConnectionKeepalive`).
///
/// @param interval between two pings
/// @param timeout after which a connection without an answer is closed
public record KeepAlive(Duration interval, Duration timeout) {}
