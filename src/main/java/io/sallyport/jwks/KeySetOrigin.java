package io.sallyport.jwks;

import io.sallyport.jwt.KeyLocation;

/// Where a key set is fetched.
///
/// @param location of the set, or of the issuer's document that says where it is
/// @param discovery whether it is that document (OpenID Connect Discovery 1.0)
public record KeySetOrigin(KeyLocation location, boolean discovery) {
    /// As logs and metrics name it: without the query, which may hold what only the two sides are to know.
    @Override
    public String toString() {
        String url = (location.tls() ? "https://" : "http://") + location.authority() + location.path();
        int mark = url.indexOf('?');
        return mark < 0 ? url : url.substring(0, mark);
    }
}
