package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.netty.util.NetUtil;
import io.sallyport.http.ConnectionInfo;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.RequestHead;
import io.sallyport.net.AddressLiteral;
import io.sallyport.net.FieldList;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Says to the upstream who called, and takes out what a client claims about that without being believed.
///
/// With no trusted hop in front, everything of this kind is replaced. With `n` of them the fields that they wrote are
/// kept and continued; then the client is the n-th address from the right of `x-forwarded-for`, as in Envoy's
/// `xff_num_trusted_hops`.
public final class ForwardedHeaders {
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    /// For want of an address: of a Unix socket.
    private static final AsciiString UNKNOWN = AsciiString.cached("unknown");

    private static final AsciiString ENVOY = AsciiString.cached("x-envoy-");

    private final int trustedHops;
    private final ClientCertForwarding.Mode clientCert;

    public ForwardedHeaders(int trustedHops, ClientCertForwarding.Mode clientCert) {
        this.trustedHops = trustedHops;
        this.clientCert = clientCert;
    }

    /// Sets the head's scheme, x-forwarded-for, x-forwarded-proto and x-envoy-external-address, and makes sure of
    /// x-request-id; removes `forwarded`, x-forwarded-host, x-forwarded-port and Envoy's internal fields where
    /// their sender is not trusted.
    ///
    /// @param peer the address of the connection's other end, as text; made once a connection
    /// @param certificate the x-forwarded-client-cert element of the client's verified certificate, empty where the
    ///     header is not to say it; null where there is none
    /// @return the client's address as far as trusted hops vouch for it; else the peer's, the same object
    AsciiString apply(
            RequestHead head,
            ConnectionInfo connection,
            AsciiString peer,
            @Nullable AsciiString certificate,
            RequestIds ids) {
        AsciiString client = origin(head, connection, peer);
        identify(head.headers, connection, trustedHops > 0, ids);
        clientCertificate(head.headers, certificate, clientCert);
        return client;
    }

    /// On the way out of the mesh the caller is not disclosed: what the client itself sent stays, and the request gets
    /// its id.
    void applyOutbound(RequestHead head, ConnectionInfo connection, RequestIds ids) {
        identify(head.headers, connection, false, ids);
        clientCertificate(head.headers, null, ClientCertForwarding.Mode.SANITIZE);
    }

    /// What a client's own x-forwarded-client-cert says is passed on, and seen by routes, only where the configuration
    /// believes it: it would let anybody claim any identity.
    private static void clientCertificate(
            Headers headers, @Nullable AsciiString element, ClientCertForwarding.Mode mode) {
        if (mode == ClientCertForwarding.Mode.ALWAYS_FORWARD_ONLY) {
            return;
        }
        if (element == null || mode == ClientCertForwarding.Mode.SANITIZE) {
            headers.remove(HeaderNames.X_FORWARDED_CLIENT_CERT);
            return;
        }
        if (mode == ClientCertForwarding.Mode.FORWARD_ONLY) {
            return;
        }
        CharSequence before = mode == ClientCertForwarding.Mode.APPEND_FORWARD
                ? headers.joined(HeaderNames.X_FORWARDED_CLIENT_CERT)
                : null;
        headers.set(
                HeaderNames.X_FORWARDED_CLIENT_CERT,
                before == null || before.isEmpty() || !isClosed(before)
                        ? element
                        : AsciiString.of(before + "," + element));
    }

    /// Whether no quotation is open at the end, which would swallow what follows.
    private static boolean isClosed(CharSequence value) {
        boolean open = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '"') {
                open = !open;
            }
        }
        return !open && !value.toString().endsWith("\\");
    }

    /// All but the request's id. The scheme is the client's: where trusted hops say it, it is not the connection's, and
    /// redirects, matches and what is sent upstream go by it.
    ///
    /// @return as [#apply]
    public AsciiString origin(RequestHead head, ConnectionInfo connection, AsciiString peer) {
        Headers headers = head.headers;
        boolean trusted = trustedHops > 0;
        sanitize(headers);
        boolean direct = !headers.contains(HeaderNames.X_FORWARDED_FOR);
        AsciiString chain =
                direct || !trusted ? peer : AsciiString.of(headers.joined(HeaderNames.X_FORWARDED_FOR) + "," + peer);
        headers.set(HeaderNames.X_FORWARDED_FOR, chain);
        AsciiString client = external(headers, client(chain, peer), peer);
        CharSequence claimed = trusted ? headers.joined(HeaderNames.X_FORWARDED_PROTO) : null;
        boolean tls = claimed == null ? connection.isTls() : isHttps(claimed, connection);
        if (claimed == null) {
            headers.set(HeaderNames.X_FORWARDED_PROTO, tls ? HTTPS : HTTP);
        }
        head.scheme = tls ? "https" : "http";
        return client;
    }

    /// A claim that is neither `http` nor `https`, a list for instance, is ignored.
    private static boolean isHttps(CharSequence claimed, ConnectionInfo connection) {
        boolean https = AsciiString.contentEqualsIgnoreCase(HTTPS, claimed);
        return https || connection.isTls() && !AsciiString.contentEqualsIgnoreCase(HTTP, claimed);
    }

    /// Sets the client's address as far as trusted hops vouch for it, whatever the client claims. What is no address in
    /// the spelling that all readers agree on does not count: policies would see another client than the upstream.
    /// A private address counts as external, too, as with an Envoy whose `internal_address_config` names no ranges.
    private AsciiString external(Headers headers, CharSequence client, AsciiString peer) {
        AsciiString address = trustedHops > 0 && AddressLiteral.isValid(client) ? AsciiString.of(client) : peer;
        if (!address.equals(UNKNOWN)) {
            headers.set(HeaderNames.X_ENVOY_EXTERNAL_ADDRESS, address);
        }
        return address;
    }

    private void sanitize(Headers headers) {
        for (int i = headers.size() - 1; i >= 0; i--) {
            AsciiString name = headers.name(i);
            if (isEnvoys(name) || (trustedHops == 0 && isClaim(name))) {
                headers.removeAt(i);
            }
        }
    }

    /// What the client says of itself, or of a proxy before it. By length first: few names are as long.
    private static boolean isClaim(AsciiString name) {
        return switch (name.length()) {
            case 9 -> name.equals(HeaderNames.FORWARDED) || name.equals(HeaderNames.X_REAL_IP);
            case 16 -> name.equals(HeaderNames.X_FORWARDED_HOST) || name.equals(HeaderNames.X_FORWARDED_PORT);
            default -> false;
        };
    }

    /// The fields by which Envoys and their services control each other: how long to wait, how often to try,
    /// where to connect, what to trace, who asks. Clients must not set them, not even through trusted hops,
    /// which forward what clients send (Envoy's `cleanInternalHeaders`, for requests at the edge). The whole
    /// prefix is Envoy's, so fields of later Envoys are removed as well, and `x-envoy-internal`, which an Envoy
    /// removes from every request.
    static boolean isEnvoys(AsciiString name) {
        return name.length() > ENVOY.length() && name.byteAt(2) == 'e' && name.startsWith(ENVOY);
    }

    /// Keeps a request id from a peer inside the network, makes one for a request from outside (Envoy's rule for edge
    /// requests), so that a stranger cannot choose the id that logs are searched by.
    private static void identify(Headers headers, ConnectionInfo connection, boolean trusted, RequestIds ids) {
        AsciiString id = headers.get(HeaderNames.X_REQUEST_ID);
        boolean keep = id != null && RequestIds.acceptable(id) && (trusted || isInternal(connection));
        if (!keep) {
            headers.set(HeaderNames.X_REQUEST_ID, ids.next());
        }
    }

    private static boolean isInternal(ConnectionInfo connection) {
        if (!(connection.remote() instanceof InetSocketAddress socket)) {
            return true;
        }
        InetAddress address = socket.getAddress();
        return address != null
                && (address.isSiteLocalAddress() || address.isLoopbackAddress() || isUniqueLocal(address));
    }

    /// fc00::/7 (RFC 4193), which the JDK does not know.
    private static boolean isUniqueLocal(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 16 && (bytes[0] & 0xFE) == 0xFC;
    }

    /// The client's address, as far as it is to be believed: the one that the outermost trusted hop has seen. Where the
    /// chain is shorter than the hops are many, it is the peer's.
    ///
    /// @param chain x-forwarded-for, with the peer already appended
    CharSequence client(AsciiString chain, AsciiString peer) {
        if (trustedHops == 0) {
            return peer;
        }
        int end = chain.length();
        for (int i = 0; i < trustedHops && end >= 0; i++) {
            end = lastComma(chain, end);
        }
        return end < 0 ? peer : FieldList.trimmed(chain.subSequence(lastComma(chain, end) + 1, end, false));
    }

    private static int lastComma(AsciiString chain, int before) {
        int at = before - 1;
        while (at >= 0 && chain.charAt(at) != ',') {
            at--;
        }
        return at;
    }

    /// The peer's address as x-forwarded-for shows it: no port, no brackets, no scope.
    public static AsciiString peerAddress(ConnectionInfo connection) {
        return connection.remote() instanceof InetSocketAddress socket && socket.getAddress() != null
                ? new AsciiString(NetUtil.toAddressString(socket.getAddress()))
                : UNKNOWN;
    }
}
