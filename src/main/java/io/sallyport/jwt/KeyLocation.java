package io.sallyport.jwt;

import io.sallyport.net.HostName;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/// Where keys, or what names their place, are fetched: a URL of http or https.
///
/// @param host canonical
/// @param authority as a request names it
/// @param path with the query
public record KeyLocation(boolean tls, String host, int port, String authority, String path) {
    private static final String DISCOVERY = "/.well-known/openid-configuration";

    /// Null for what is no such URL, has a user in it or a fragment.
    public static @Nullable KeyLocation parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException malformed) {
            return null;
        }
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        boolean known = tls || "http".equalsIgnoreCase(uri.getScheme());
        if (!known || uri.getRawAuthority() == null || uri.getRawFragment() != null) {
            return null;
        }
        HostName host = HostName.parse(uri.getRawAuthority());
        if (host.isRejected()) {
            return null;
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return new KeyLocation(
                tls,
                host.host(),
                host.port() == 0 ? (tls ? 443 : 80) : host.port(),
                host.authority(),
                uri.getRawQuery() == null ? path : path + '?' + uri.getRawQuery());
    }

    /// What an issuer's document names as `jwks_uri`.
    ///
    /// @param tls whether the document itself came by https, so that nothing less will do
    /// @throws KeySetException where it names no such place
    public static KeyLocation ofDiscovery(String document, boolean tls) throws KeySetException {
        Object uri;
        try {
            uri = StrictJson.object(document).get("jwks_uri");
        } catch (IOException malformed) {
            throw new KeySetException("is not a JSON object, or names a member twice");
        }
        KeyLocation location = uri instanceof String text ? parse(text) : null;
        if (location == null || (tls && !location.tls())) {
            throw new KeySetException("has no jwks_uri that is a URL of " + (tls ? "https" : "http or https"));
        }
        return location;
    }

    /// The document of an issuer that says where its keys are (OpenID Connect Discovery 1.0, 4); null where the issuer
    /// is no URL.
    public static @Nullable KeyLocation discovery(String issuer) {
        return parse((issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer) + DISCOVERY);
    }
}
