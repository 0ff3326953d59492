package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.cluster.balance.HashKey;
import io.sallyport.cluster.balance.XxHash64;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.net.FieldList;
import io.sallyport.route.QueryMatch;
import io.sallyport.route.RequestView;
import org.jspecify.annotations.Nullable;

/// What keeps one request with the others of its client: finds what consistent hashing is to hash, and makes a cookie
/// where that is wanted and the client has none.
///
/// Made only for requests to clusters that hash.
final class Affinity {
    private final HttpConnection connection;
    private final @Nullable CharSequence chain;
    private final Headers headers;
    private final RequestView request;
    private @Nullable AsciiString made;
    private @Nullable AsciiString newCookie;

    /// @param chain `x-forwarded-for`, the peer included; null for none
    Affinity(HttpConnection connection, @Nullable CharSequence chain, Headers headers, RequestView request) {
        this.connection = connection;
        this.chain = chain;
        this.headers = headers;
        this.request = request;
    }

    /// Null where the request has nothing of the kind.
    @Nullable
    CharSequence key(HashKey key) {
        return switch (key) {
            case HashKey.Header(AsciiString name) -> request.header(name);
            case HashKey.QueryParameter(String name) -> QueryMatch.firstValue(request.query(), name);
            case HashKey.SourceAddress _ -> client();
            case HashKey.Cookie cookie -> cookie(cookie);
        };
    }

    /// The value of a `set-cookie` field, or null where none is to be sent.
    @Nullable
    AsciiString newCookie() {
        return newCookie;
    }

    private CharSequence client() {
        return connection.mesh || chain == null
                ? connection.peerAddress
                : connection.loop.forwarded.client(AsciiString.of(chain), connection.peerAddress);
    }

    /// The same for all requests of a connection, so that those which race for the first cookie get one (Envoy,
    /// `Router::Filter::addDownstreamSetCookie`). Of a client behind trusted hops, the same for all connections:
    /// a balancer may share them among clients.
    private String clientAndConnection() {
        CharSequence client = client();
        return (client.equals(connection.peerAddress) ? connection.info.remote() : client)
                + "|"
                + connection.info.local();
    }

    private @Nullable CharSequence cookie(HashKey.Cookie cookie) {
        if (made != null) {
            return made;
        }
        CharSequence sent = find(headers, cookie.name());
        if (sent != null || cookie.ttl() == null) {
            return sent;
        }
        String value = "%016x".formatted(XxHash64.hash(clientAndConnection(), 0));
        made = new AsciiString(value);
        newCookie = new AsciiString(setCookie(cookie, value));
        return made;
    }

    /// The value of the first cookie of that name that is not empty, without quotes (RFC 6265, 4.2.1); null where there
    /// is none. HTTP/2 may send a field for each cookie.
    static @Nullable CharSequence find(Headers headers, String name) {
        for (int i = headers.indexOf(HeaderNames.COOKIE, 0); i >= 0; i = headers.indexOf(HeaderNames.COOKIE, i + 1)) {
            FieldList pairs = FieldList.ofSemicolons(headers.value(i));
            while (pairs.next()) {
                CharSequence value = value(pairs.element(), name);
                if (value != null) {
                    return value;
                }
            }
        }
        return null;
    }

    private static @Nullable CharSequence value(AsciiString pair, String name) {
        int equals = pair.indexOf('=', 0);
        if (equals != name.length() || !pair.subSequence(0, equals, false).contentEquals(name)) {
            return null;
        }
        AsciiString value = pair.subSequence(equals + 1, pair.length(), false);
        boolean quoted = value.length() > 1 && value.charAt(0) == '"' && value.charAt(value.length() - 1) == '"';
        AsciiString bare = quoted ? value.subSequence(1, value.length() - 1, false) : value;
        return bare.isEmpty() ? null : bare;
    }

    /// As Envoy writes it: not to be read by scripts.
    private static String setCookie(HashKey.Cookie cookie, String value) {
        StringBuilder text = new StringBuilder()
                .append(cookie.name())
                .append("=\"")
                .append(value)
                .append('"');
        if (cookie.ttl() != null && cookie.ttl().toSeconds() > 0) {
            text.append("; Max-Age=").append(cookie.ttl().toSeconds());
        }
        if (!cookie.path().isEmpty()) {
            text.append("; Path=").append(cookie.path());
        }
        cookie.attributes().forEach(attribute -> text.append("; ").append(attribute));
        return text.append("; HttpOnly").toString();
    }
}
