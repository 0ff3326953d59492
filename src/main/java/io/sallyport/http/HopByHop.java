package io.sallyport.http;

import static io.sallyport.http.HeaderNames.*;

import io.netty.util.AsciiString;
import io.sallyport.net.FieldList;
import java.util.Set;

/// Fields that belong to one connection and end there (RFC 9110, 7.6.1), and fields that trailers may not carry.
public final class HopByHop {
    /// `Connection` has the option `close`.
    public static final int CLOSE = 1;
    /// `Connection` has the option `keep-alive`.
    public static final int KEEP_ALIVE_OPTION = 2;
    /// `Connection` has the option `upgrade`.
    public static final int UPGRADE_OPTION = 4;
    /// `Connection` has more than [#MAX_OPTIONS] options: refuse the message.
    public static final int TOO_MANY = 8;

    public static final int MAX_OPTIONS = 32;

    private static final AsciiString CLOSE_TOKEN = AsciiString.cached("close");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");

    /// A sender must not be able to remove, by naming them in `Connection`, the fields that decide on routing,
    /// identity, framing or the record of a request: such an option is ignored.
    private static final Set<AsciiString> PROTECTED = Set.of(
            HOST,
            CONTENT_LENGTH,
            CONTENT_TYPE,
            CONTENT_ENCODING,
            TRANSFER_ENCODING,
            TE,
            AUTHORIZATION,
            COOKIE,
            SET_COOKIE,
            CACHE_CONTROL,
            FORWARDED,
            VIA,
            DATE,
            X_FORWARDED_FOR,
            X_FORWARDED_HOST,
            X_FORWARDED_PORT,
            X_FORWARDED_PROTO,
            X_FORWARDED_CLIENT_CERT,
            X_REAL_IP,
            X_REQUEST_ID,
            TRACEPARENT,
            TRACESTATE);

    /// RFC 9110, 6.5.1: framing, routing, authentication, request modifiers and content format must precede the
    /// content.
    private static final Set<AsciiString> NOT_IN_TRAILERS = Set.of(
            HOST,
            CONTENT_LENGTH,
            CONTENT_TYPE,
            CONTENT_ENCODING,
            CONTENT_RANGE,
            TRANSFER_ENCODING,
            TE,
            TRAILER,
            CONNECTION,
            KEEP_ALIVE,
            PROXY_CONNECTION,
            UPGRADE,
            EXPECT,
            AUTHORIZATION,
            PROXY_AUTHORIZATION,
            PROXY_AUTHENTICATE,
            PROXY_AUTHENTICATION_INFO,
            WWW_AUTHENTICATE,
            COOKIE,
            SET_COOKIE,
            CACHE_CONTROL,
            MAX_FORWARDS,
            RANGE,
            LOCATION,
            RETRY_AFTER,
            VARY,
            DATE,
            FORWARDED,
            VIA,
            X_FORWARDED_FOR,
            X_FORWARDED_HOST,
            X_FORWARDED_PORT,
            X_FORWARDED_PROTO,
            X_FORWARDED_CLIENT_CERT,
            X_REAL_IP,
            X_REQUEST_ID);

    private HopByHop() {}

    /// True for the fields that are never forwarded, whether or not `Connection` names them. `te` is not among them:
    /// see [#keepTrailersOnly].
    public static boolean isHopByHop(AsciiString name) {
        return switch (name.length()) {
            case 7 -> name.equals(UPGRADE);
            case 10 -> name.equals(CONNECTION) || name.equals(KEEP_ALIVE);
            case 16 -> name.equals(PROXY_CONNECTION);
            case 17 -> name.equals(TRANSFER_ENCODING);
            default -> false;
        };
    }

    /// True for the fields by which a client and the proxy next to it know each other (RFC 9110, 11.7). Decoders take
    /// them out, so that no credentials meant for this gateway reach an endpoint, and no endpoint asks a client for
    /// them. They are sent only where the gateway itself, or its configuration, puts them in.
    public static boolean isProxyAuthentication(AsciiString name) {
        return switch (name.length()) {
            case 18 -> name.equals(PROXY_AUTHENTICATE);
            case 19 -> name.equals(PROXY_AUTHORIZATION);
            case 25 -> name.equals(PROXY_AUTHENTICATION_INFO);
            default -> false;
        };
    }

    /// Removes the fields that a value of `Connection` names, but for those that are not the sender's to remove.
    ///
    /// @return the options with a meaning of their own: [#CLOSE], [#KEEP_ALIVE_OPTION], [#UPGRADE_OPTION],
    ///     [#TOO_MANY]
    public static int removeNamed(Headers headers, AsciiString connection) {
        int options = 0;
        int count = 0;
        FieldList list = FieldList.of(connection);
        while (list.next()) {
            AsciiString option = list.element();
            if (option.isEmpty()) {
                continue;
            }
            if (++count > MAX_OPTIONS) {
                return options | TOO_MANY;
            }
            options |= apply(headers, option);
        }
        return options;
    }

    /// Leaves of `te` only `trailers`, which is about what the whole path can carry; other codings are the
    /// connection's.
    public static void keepTrailersOnly(Headers headers) {
        CharSequence value = headers.joined(TE);
        if (value == null) {
            return;
        }
        if (FieldList.contains(AsciiString.of(value), TRAILERS)) {
            headers.set(TE, TRAILERS);
        } else {
            headers.remove(TE);
        }
    }

    /// Drops what trailers may not carry.
    public static void sanitizeTrailers(Headers trailers) {
        for (int i = trailers.size() - 1; i >= 0; i--) {
            if (NOT_IN_TRAILERS.contains(trailers.name(i))) {
                trailers.removeAt(i);
            }
        }
    }

    private static int apply(Headers headers, AsciiString option) {
        if (option.contentEqualsIgnoreCase(KEEP_ALIVE)) {
            return KEEP_ALIVE_OPTION;
        }
        if (option.contentEqualsIgnoreCase(CLOSE_TOKEN)) {
            return CLOSE;
        }
        if (option.contentEqualsIgnoreCase(UPGRADE)) {
            return UPGRADE_OPTION;
        }
        AsciiString name = option.toLowerCase();
        if (!PROTECTED.contains(name)) {
            headers.remove(name);
        }
        return 0;
    }
}
