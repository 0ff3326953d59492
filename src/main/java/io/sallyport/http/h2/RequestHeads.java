package io.sallyport.http.h2;

import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.net.Authority;
import io.sallyport.net.LastAuthority;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Request heads out of header blocks (RFC 9113, 8.3.1), as strict as a gateway has to be that may pass them on in
/// another version of HTTP.
final class RequestHeads {
    private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
    private static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");
    private static final AsciiString ASTERISK = AsciiString.cached("*");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString CONTINUE = AsciiString.cached("100-continue");
    private static final AsciiString HTTPS = AsciiString.cached("https");

    private final String connectionScheme;
    private final boolean forwardProxy;
    private final LastAuthority last = new LastAuthority();

    /// @param connectionScheme `http` or `https`, as the connection says it
    /// @param forwardProxy as in [Http2Options]
    RequestHeads(String connectionScheme, boolean forwardProxy) {
        this.connectionScheme = connectionScheme;
        this.forwardProxy = forwardProxy;
    }

    /// What makes the request malformed, in snake_case, or null. To be asked before [#head].
    @Nullable
    String violation(DecodedFields block, boolean end) {
        if (block.violation() != null) {
            return block.violation();
        }
        AsciiString method = block.method;
        if (method == null) {
            return "http2.missing_method";
        }
        if (!FieldSyntax.isToken(method) || method.length() > HttpLimits.METHOD_BYTES) {
            return "http2.bad_method";
        }
        if (block.status() != null) {
            return "http2.response_pseudo_header";
        }
        String violation = protocol(block, method);
        if (violation == null) {
            violation = target(block, method);
        }
        if (violation == null) {
            violation = authority(block, method);
        }
        if (violation == null && method.equals(CONNECT) && declaresContent(block)) {
            violation = "http2.connect_with_content";
        }
        if (violation == null && end && block.contentLength > 0) {
            violation = "http2.content_length_mismatch";
        }
        return violation;
    }

    /// What follows a CONNECT is not content (RFC 9110, 9.3.6), so no length may be declared for it. A length of 0 is
    /// tolerated for tunnels alone, whose clients are known to send it.
    private static boolean declaresContent(DecodedFields block) {
        return block.contentLength > 0 || (block.protocol != null && block.contentLength == 0);
    }

    /// The head where method, target and authority are sound, whatever else is wrong; else null.
    @Nullable
    RequestHead readable(DecodedFields block, boolean end) {
        AsciiString method = block.method;
        boolean sound = method != null
                && FieldSyntax.isToken(method)
                && protocol(block, method) == null
                && target(block, method) == null
                && authority(block, method) == null;
        return sound ? head(block, end) : null;
    }

    /// The extended CONNECT (RFC 8441, 4): `:protocol` stands with CONNECT alone, and is a token.
    private static @Nullable String protocol(DecodedFields block, AsciiString method) {
        AsciiString protocol = block.protocol;
        if (protocol == null) {
            return null;
        }
        if (!method.equals(CONNECT)) {
            return "http2.protocol_without_connect";
        }
        return FieldSyntax.isToken(protocol) ? null : "http2.bad_protocol";
    }

    /// CONNECT for a tunnel, which names an authority and nothing else.
    private static boolean asksForTunnel(DecodedFields block, AsciiString method) {
        return block.protocol == null && method.equals(CONNECT);
    }

    private static @Nullable String target(DecodedFields block, AsciiString method) {
        AsciiString path = block.path;
        AsciiString scheme = block.scheme;
        if (asksForTunnel(block, method)) {
            boolean bare = path == null && scheme == null;
            return bare && block.authority != null && Authority.isValidWithPort(block.authority)
                    ? null
                    : "http2.bad_connect";
        }
        if (scheme == null) {
            return "http2.missing_scheme";
        }
        // Whether it is http or https is what the connection says, but for a forward proxy. Load balancers that end TLS
        // send the client's scheme over plain text, so the other of the two is not a violation.
        if (!scheme.contentEqualsIgnoreCase(HTTP) && !scheme.contentEqualsIgnoreCase(HTTPS)) {
            return "http2.bad_scheme";
        }
        if (path == null) {
            return "http2.missing_path";
        }
        if (!isOriginForm(path) && !(path.equals(ASTERISK) && method.equals(OPTIONS))) {
            return "http2.bad_path";
        }
        return null;
    }

    /// Begins with a slash; visible ASCII only, no fragment.
    private static boolean isOriginForm(AsciiString target) {
        int from = target.arrayOffset();
        int to = from + target.length();
        return from < to && target.byteAt(0) == '/' && FieldSyntax.endOfTarget(target.array(), from, to) == to;
    }

    private @Nullable String authority(DecodedFields block, AsciiString method) {
        AsciiString named = named(block);
        if (named == null) {
            return "http2.missing_authority";
        }
        if (last.read(named) == null) {
            return "http2.bad_authority";
        }
        AsciiString host = block.host;
        boolean same = host == null
                || host == named
                || (Authority.isValid(host)
                        && (Authority.isSame(named, host, scheme(block))
                                || (forwardProxy && asksForTunnel(block, method) && Authority.isHostOf(host, named))));
        return same ? null : "http2.authority_differs_from_host";
    }

    private static @Nullable AsciiString named(DecodedFields block) {
        return block.authority == null ? block.host : block.authority;
    }

    /// The head of a request that has no [#violation].
    RequestHead head(DecodedFields block, boolean end) {
        block.joinCookies();
        AsciiString method = Objects.requireNonNull(block.method);
        RequestHead head = new RequestHead(
                HttpVersion.HTTP_2,
                block.protocol == null
                        ? Methods.of(method.array(), method.arrayOffset(), method.length())
                        : Methods.GET,
                scheme(block),
                Objects.requireNonNull(last.read(Objects.requireNonNull(named(block)))),
                text(block.path),
                block.fields);
        boolean none = end || method.equals(CONNECT);
        head.contentLength = block.contentLength >= 0 || !none ? block.contentLength : 0;
        if (block.protocol != null) {
            head.upgrade = block.protocol.toLowerCase().toString();
            // The key of HTTP/1.1 is of no use (RFC 8441, 5.1).
            head.headers.remove(HeaderNames.SEC_WEBSOCKET_KEY);
        }
        head.expectsContinue = block.expect != null && block.expect.contentEqualsIgnoreCase(CONTINUE);
        return head;
    }

    /// The connection's, unless the client may name any endpoint.
    private String scheme(DecodedFields block) {
        if (!forwardProxy || block.scheme == null) {
            return connectionScheme;
        }
        return block.scheme.contentEqualsIgnoreCase(HTTPS) ? "https" : "http";
    }

    private static String text(@Nullable AsciiString value) {
        return value == null ? "" : value.toString();
    }
}
