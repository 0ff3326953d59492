package io.sallyport.http.h2;

import java.time.Duration;

/// Whether an endpoint is still there, asked by PING (RFC 9113, 6.7; Istio: `HTTPSettings.ConnectionKeepalive`).
///
/// @param interval between two questions
/// @param timeout after which a connection without an answer is closed
public record KeepAlive(Duration interval, Duration timeout) {}
