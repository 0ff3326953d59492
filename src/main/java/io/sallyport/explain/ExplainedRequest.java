package io.sallyport.explain;

import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import io.sallyport.config.problem.Quote;
import io.sallyport.http.FieldSyntax;
import io.sallyport.net.FieldList;
import io.sallyport.net.HostName;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The request that is asked about.
///
/// @param port the Gateway's port number
/// @param tls whether the client speaks TLS
/// @param sni the ClientHello's server name, empty for none; null: the host, unless that is an address
/// @param host as in the Host field, with its port where it has one
/// @param path with the query
/// @param headers names in any case
/// @param principal the client's verified identity, or null
/// @param sourceIp the client's address
/// @param mesh how a mesh client asks; null for a request to a Gateway
public record ExplainedRequest(
        int port,
        boolean tls,
        @Nullable String sni,
        String host,
        String method,
        String path,
        Map<String, String> headers,
        @Nullable String principal,
        String sourceIp,
        @Nullable Mesh mesh) {

    /// The ways to the mesh listener.
    public enum Mesh {
        /// A request in plain text, with the proxy set or redirected.
        REQUEST,
        /// CONNECT, and TLS within the tunnel.
        TUNNEL,
        /// TLS, redirected: only its ClientHello says where to.
        SERVER_NAME
    }

    private static final Set<String> SCHEMES = Set.of("http", "https");
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /// @throws IllegalArgumentException where the source is anything but an address
    public ExplainedRequest {
        headers = Map.copyOf(headers);
        if (!isAddress(sourceIp)) {
            throw new IllegalArgumentException(
                    "the source is an IP address, without a port, not " + Quote.of(sourceIp));
        }
    }

    /// Who asks.
    ///
    /// @param sni the ClientHello's server name; null: what the URL says
    /// @param principal the verified identity, or null
    public record Client(@Nullable String sni, @Nullable String principal, String sourceIp) {
        /// An identity may be written as policies have it, without its scheme.
        public Client {
            if (principal != null && principal.indexOf('/') > 0 && !principal.contains("://")) {
                principal = "spiffe://" + principal;
            }
        }
    }

    static boolean isAddress(String text) {
        return NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text);
    }

    /// Takes a URL apart as little as possible: a path that the gateway would refuse is what one may want to ask about.
    ///
    /// @param headers `name:value` each; a `Host` among them is sent instead of the URL's, as by curl
    /// @param port null: the URL's, else that of its scheme
    /// @param via `mesh` for a client that has the mesh listener as its proxy, and so sends requests for http and
    ///     asks for tunnels for https; null for a Gateway
    /// @throws IllegalArgumentException where a header has no colon, the URL has another scheme, its port is not a
    ///     number, or `via` is another
    public static ExplainedRequest of(
            String url,
            String method,
            List<String> headers,
            @Nullable Integer port,
            @Nullable String via,
            Client client) {
        if (via != null && !via.equals("mesh")) {
            throw new IllegalArgumentException("via is mesh or nothing, not '" + via + "'");
        }
        int schemeEnd = schemeEnd(url);
        String scheme = schemeEnd < 0 ? "http" : url.substring(0, schemeEnd).toLowerCase(Locale.ROOT);
        if (!SCHEMES.contains(scheme)) {
            throw new IllegalArgumentException(
                    "a URL begins with http:// or https://, not " + Quote.of(scheme + "://"));
        }
        boolean tls = scheme.equals("https");
        String rest = schemeEnd < 0 ? url : url.substring(schemeEnd + "://".length());
        int pathStart = pathStart(rest);
        String host = rest.substring(0, pathStart);
        String path = rest.substring(pathStart);
        int asked = port != null ? port : port(host, tls);
        Mesh mesh = via == null ? null : tls ? Mesh.TUNNEL : Mesh.REQUEST;
        boolean portless = mesh == Mesh.TUNNEL && HostName.parse(host).port() == 0;
        List<String> others = new ArrayList<>(headers);
        String named = mesh == null ? takeHost(others) : null;
        // What is connected to is named, not what is asked for.
        String server = client.sni == null && named != null ? isAddress(host(host)) ? "" : host(host) : client.sni;
        return new ExplainedRequest(
                asked,
                tls,
                server,
                named != null ? named : portless ? host + ":" + asked : host,
                method(method),
                path.startsWith("/") ? path : "/" + path,
                fields(others),
                client.principal,
                client.sourceIp,
                mesh);
    }

    /// A mesh client's CONNECT.
    ///
    /// @param target `host:port`
    /// @param headers `name:value` each
    /// @throws IllegalArgumentException where it has no port
    public static ExplainedRequest connect(String target, List<String> headers, Client client) {
        HostName parsed = HostName.parse(target);
        if (!parsed.isRejected() && parsed.port() == 0) {
            throw new IllegalArgumentException("CONNECT needs host:port, not '" + target + "'");
        }
        return new ExplainedRequest(
                parsed.port(),
                true,
                client.sni,
                target,
                "CONNECT",
                "",
                fields(headers),
                client.principal,
                client.sourceIp,
                Mesh.TUNNEL);
    }

    /// A mesh client that the network sends to the gateway: of its connection only the server name is known.
    public static ExplainedRequest serverName(Client client) {
        String name = client.sni == null ? "" : client.sni;
        return new ExplainedRequest(
                HTTPS, true, name, name, "", "", Map.of(), client.principal, client.sourceIp, Mesh.SERVER_NAME);
    }

    /// @return what the client's Host field is to say, which is taken out; null for what the URL says
    private static @Nullable String takeHost(List<String> headers) {
        String named = null;
        for (Iterator<String> all = headers.iterator(); all.hasNext(); ) {
            String header = all.next();
            int colon = header.indexOf(':');
            if (colon >= 0 && header.substring(0, colon).equalsIgnoreCase("host")) {
                if (named != null) {
                    throw new IllegalArgumentException("there are two Host fields: serve answers 400");
                }
                named = header.substring(colon + 1).strip();
                all.remove();
            }
        }
        return named;
    }

    /// Without its port.
    private static String host(String authority) {
        return HostName.parse(authority).host();
    }

    /// Where `://` follows a word; -1 for none.
    private static int schemeEnd(String url) {
        int end = url.indexOf("://");
        for (int i = 0; i < end; i++) {
            if (!Character.isLetterOrDigit(url.charAt(i))) {
                return -1;
            }
        }
        return end;
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
            add(fields, header.substring(0, colon), header.substring(colon + 1));
        }
        return fields;
    }

    /// Adds a field as a listener would read it from a client: the blanks around its value are no part of it (RFC 9110,
    /// 5.5).
    ///
    /// @throws IllegalArgumentException where a listener answers 400 to such a name or value; the message says
    ///     which
    static void add(Map<String, String> fields, String name, String value) {
        if (name.equalsIgnoreCase("host")) {
            throw new IllegalArgumentException("the host is said elsewhere, not by a header");
        }
        if (!FieldSyntax.isToken(name)) {
            throw new IllegalArgumentException(Quote.of(name) + " is no name of a header: serve answers 400");
        }
        AsciiString trimmed = FieldList.trimmed(new AsciiString(value));
        if (!FieldSyntax.isValue(trimmed)) {
            throw new IllegalArgumentException(
                    "header " + Quote.plain(name) + " has a control character: serve answers 400");
        }
        fields.merge(name, trimmed.toString(), (one, other) -> one + "," + other);
    }

    /// @throws IllegalArgumentException where a listener answers 400 to such a method
    static String method(String method) {
        if (!FieldSyntax.isToken(method)) {
            throw new IllegalArgumentException(Quote.of(method) + " is no method: serve answers 400");
        }
        return method;
    }
}
