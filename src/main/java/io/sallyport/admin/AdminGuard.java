package io.sallyport.admin;

import io.sallyport.net.Authority;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keeps web pages out of the admin API. A port on the loopback is not private: any page that a browser on this
/// machine shows may send requests to it, by a name that it rebinds to 127.0.0.1, or blindly across origins.
final class AdminGuard {
    private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private AdminGuard() {}

    /// Why the request is refused; null where it is not.
    static @Nullable String refusal(HttpServerRequest request) {
        String host = request.getHeader("Host");
        if (host == null || !Authority.isValid(host) || !LOCAL.contains(name(host))) {
            return "the Host header must name localhost, 127.0.0.1 or [::1]";
        }
        String origin = request.getHeader("Origin");
        if (origin != null && !origin.equalsIgnoreCase("http://" + host)) {
            return "requests of other origins are refused";
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null && !OWN_SITES.contains(site)) {
            return "requests of other sites are refused";
        }
        return null;
    }

    /// The host without its port, of a valid value.
    private static String name(String host) {
        int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
        return (end < 0 ? host : host.substring(0, end)).toLowerCase(Locale.ROOT);
    }
}
