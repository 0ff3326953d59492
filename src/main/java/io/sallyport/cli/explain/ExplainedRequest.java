package io.sallyport.cli.explain;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The request that is asked about.
///
/// @param port the Gateway's port number
/// @param tls whether the client speaks TLS
/// @param sni the ClientHello's server name; null: the host, unless that is an address
/// @param host as in the Host field, with its port where it has one
/// @param path with the query
/// @param headers names in any case
/// @param principal the client's verified identity, or null
/// @param sourceIp the client's address
public record ExplainedRequest(
        int port,
        boolean tls,
        @Nullable String sni,
        String host,
        String method,
        String path,
        Map<String, String> headers,
        @Nullable String principal,
        String sourceIp) {

    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    public ExplainedRequest {
        headers = Map.copyOf(headers);
    }

    /// Takes a URL apart as little as possible: a path that the gateway would refuse is what one may want to ask about.
    ///
    /// @param headers `name:value` each
    /// @param port null: the URL's, else that of its scheme
    /// @throws IllegalArgumentException where a header has no colon or the URL's port is not a number
    public static ExplainedRequest of(
            String url,
            String method,
            List<String> headers,
            @Nullable String sni,
            @Nullable Integer port,
            @Nullable String principal,
            String sourceIp) {
        int schemeEnd = url.indexOf("://");
        boolean tls = schemeEnd > 0 && url.substring(0, schemeEnd).equalsIgnoreCase("https");
        String rest = schemeEnd < 0 ? url : url.substring(schemeEnd + "://".length());
        int pathStart = pathStart(rest);
        String host = rest.substring(0, pathStart);
        String path = rest.substring(pathStart);
        return new ExplainedRequest(
                port != null ? port : port(host, tls),
                tls,
                sni,
                host,
                method,
                path.startsWith("/") ? path : "/" + path,
                fields(headers),
                principal,
                sourceIp);
    }

    private static int pathStart(String rest) {
        for (int i = 0; i < rest.length(); i++) {
            if (rest.charAt(i) == '/' || rest.charAt(i) == '?') {
                return i;
            }
        }
        return rest.length();
    }

    private static int port(String host, boolean tls) {
        int colon = host.lastIndexOf(':');
        boolean given = colon > host.lastIndexOf(']') && colon + 1 < host.length();
        return given ? Integer.parseInt(host.substring(colon + 1)) : tls ? HTTPS : HTTP;
    }

    private static Map<String, String> fields(List<String> headers) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("a header is NAME:VALUE, not '" + header + "'");
            }
            fields.merge(
                    header.substring(0, colon).strip(),
                    header.substring(colon + 1).strip(),
                    (one, other) -> one + "," + other);
        }
        return fields;
    }
}
