package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// Answers with a redirect (`HTTPRedirect`).
///
/// @param uri replaces the whole path, or null; excludes `prefixRewrite`. In the form of a URI: see [UriText#reference]
/// @param prefixRewrite in the form of a URI, replaces what the match's `uri` matched, or null
/// @param authority replaces the host and port, or null
/// @param scheme replaces the scheme, or null
/// @param port names a port; 0 is absent
/// @param derivePort names a port by rule, or null; excludes `port`
/// @param status 301, 302, 303, 307 or 308
/// @param responseHeaders changes of the answer's headers
public record Redirect(
        @Nullable String uri,
        @Nullable String prefixRewrite,
        @Nullable String authority,
        @Nullable String scheme,
        int port,
        @Nullable DerivePort derivePort,
        int status,
        HeaderOps responseHeaders)
        implements RouteAction {

    /// `HTTPRedirect.RedirectPortSelection`.
    public enum DerivePort {
        /// 80 for http and 443 for https, hence none in the location.
        FROM_PROTOCOL_DEFAULT,
        /// The Gateway server's port, see [RequestView#port()]; none where that is the location's scheme's own.
        FROM_REQUEST_PORT
    }

    /// The same address by https with 301 (`ServerTLSSettings.https_redirect`).
    public static final Redirect TO_HTTPS = new Redirect(null, null, null, "https", 0, null, 301, HeaderOps.NONE);

    /// The absolute URI for the Location field. The request's query stays, unless `uri` brings its own.
    public String location(RequestView request, RouteMatch matched) {
        String toScheme = scheme != null ? scheme : request.scheme();
        StringBuilder location = new StringBuilder(128).append(toScheme).append("://");
        appendAuthority(location, request, toScheme);
        int path = location.length();
        appendPath(location, request, matched);
        boolean empty = path == location.length();
        if (empty ? !RequestTarget.isAsterisk(request.path()) : location.charAt(path) != '/') {
            // Else it would be a part of the host.
            location.insert(path, '/');
        }
        return location.toString();
    }

    /// A port that is named replaces the request's, and is elided where it is the scheme's own. Where none is named
    /// the request's stays, but for the old scheme's own port when the scheme changes (Envoy `processRequestHost`).
    private void appendAuthority(StringBuilder location, RequestView request, String toScheme) {
        int named = derivePort == DerivePort.FROM_REQUEST_PORT ? request.port() : port;
        boolean portNamed = named != 0 || derivePort != null;
        if (authority != null) {
            location.append(authority);
        } else {
            String from = request.namedAuthority();
            int colon = portColon(from);
            boolean schemeChanges = !toScheme.equals(request.scheme());
            String oldDefault = request.scheme().equals("https") ? ":443" : ":80";
            boolean drop = portNamed || (schemeChanges && from.substring(colon).equals(oldDefault));
            location.append(from, 0, drop ? colon : from.length());
        }
        boolean elided = named == (toScheme.equals("https") ? 443 : 80);
        if (named != 0 && !elided) {
            location.append(':').append(named);
        }
    }

    /// The asterisk of `OPTIONS *` stands for an empty path (RFC 9112, 3.3).
    private void appendPath(StringBuilder location, RequestView request, RouteMatch matched) {
        boolean asterisk = RequestTarget.isAsterisk(request.path());
        String path = asterisk ? "" : request.path();
        String to = uri;
        String fragment = "";
        if (to != null) {
            int hash = to.indexOf('#');
            fragment = hash < 0 ? "" : to.substring(hash);
            to = hash < 0 ? to : to.substring(0, hash);
            location.append(to);
        } else if (prefixRewrite != null) {
            location.append(prefixRewrite).append(path, asterisk ? 0 : matched.matchedLength(path), path.length());
        } else {
            location.append(path);
        }
        String query = request.query();
        if (query != null && (to == null || to.indexOf('?') < 0)) {
            location.append('?').append(query);
        }
        location.append(fragment);
    }

    /// Where the port of an authority begins with its colon; its length where there is none.
    private static int portColon(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon < 0 || authority.indexOf(']', colon) >= 0 ? authority.length() : colon;
    }
}
