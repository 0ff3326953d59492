package io.sallyport.jwks;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.net.AddressGuard;
import java.time.Duration;

/// By which an origin is reached.
///
/// @param cluster of the origin's own host
/// @param elsewhere on the addresses of another host, where the issuer's document leads there
/// @param timeout for all of a fetch
public record KeyRoute(ClusterSpec cluster, AddressGuard elsewhere, Duration timeout) {
    /// Istio's default (`JWTRule.timeout`).
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /// The one of two rules of the same origin that waits longer.
    KeyRoute orLonger(KeyRoute other) {
        return other.timeout.compareTo(timeout) > 0 ? other : this;
    }
}
