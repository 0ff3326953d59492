package io.sallyport.jwks;

import io.sallyport.jwt.KeyLocation;
import java.time.Duration;

/// Where a key set is fetched.
///
/// @param location of the set, or of the issuer's document that says where it is
/// @param discovery whether it is that document (OpenID Connect Discovery 1.0)
/// @param timeout for all of a fetch
public record KeySetOrigin(KeyLocation location, boolean discovery, Duration timeout) {
    /// Istio's default (`JWTRule.timeout`).
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    @Override
    public String toString() {
        return (location.tls() ? "https://" : "http://") + location.authority() + location.path();
    }
}
