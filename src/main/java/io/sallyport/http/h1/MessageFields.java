package io.sallyport.http.h1;

import static io.sallyport.http.HeaderNames.*;

import io.netty.util.AsciiString;
import io.sallyport.http.ContentLength;
import io.sallyport.http.Headers;
import io.sallyport.http.HopByHop;
import io.sallyport.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/// Takes the fields that are about the connection or the framing out of a received head, requests' and responses'
/// alike.
///
/// Their meaning remains here; the headers keep only what may be forwarded (RFC 9110, 7.6.1).
final class MessageFields {
    static final long ABSENT = -1;

    /// `Host`, or null.
    @Nullable
    AsciiString host;
    /// `Expect`, or null.
    @Nullable
    AsciiString expect;
    /// All values of `Upgrade`, or null.
    @Nullable
    AsciiString upgrade;
    /// `Content-Length`, or [#ABSENT].
    long contentLength;
    /// The one value of `Transfer-Encoding`, or null.
    @Nullable
    AsciiString transferEncoding;
    /// Options of `Connection`, as in [HopByHop].
    int options;

    private boolean te;
    private @Nullable AsciiString connection;
    private AsciiString lastHost = AsciiString.EMPTY_STRING;

    /// Empties `headers` of such fields.
    void take(Headers headers) {
        host = null;
        expect = null;
        upgrade = null;
        contentLength = ABSENT;
        transferEncoding = null;
        options = 0;
        te = false;
        connection = null;
        for (int i = headers.size() - 1; i >= 0; i--) {
            if (isTaken(headers, i)) {
                headers.removeAt(i);
            }
        }
        if (connection != null) {
            options |= HopByHop.removeNamed(headers, connection);
            if ((options & HopByHop.TOO_MANY) != 0) {
                throw MalformedMessage.badRequest("http1.connection_options");
            }
        }
        if (te) {
            HopByHop.keepTrailersOnly(headers);
        }
    }

    boolean has(int option) {
        return (options & option) != 0;
    }

    /// Whether another message may follow on the connection (RFC 9112, 9.3).
    boolean isPersistent(HttpVersion version) {
        return !has(HopByHop.CLOSE) && (version == HttpVersion.HTTP_1_1 || has(HopByHop.KEEP_ALIVE_OPTION));
    }

    /// Common names are the constants themselves, so references are compared, and only for names of the right length.
    @SuppressWarnings("ReferenceEquality")
    private boolean isTaken(Headers headers, int index) {
        AsciiString name = headers.name(index);
        switch (name.length()) {
            case 2 -> te |= name == TE;
            case 4 -> {
                if (name == HOST) {
                    host = single(host, host(headers, index), "http1.two_hosts");
                    return true;
                }
            }
            case 6 -> {
                if (name == EXPECT) {
                    expect = single(expect, headers.value(index), "http1.two_expects");
                    return true;
                }
                // It holds no cookie, and would become an empty crumb where the request goes on by HTTP/2.
                return name == COOKIE && headers.valueLength(index) == 0;
            }
            case 7 -> {
                if (name == UPGRADE) {
                    upgrade = joined(headers.value(index), upgrade);
                    return true;
                }
            }
            case 10 -> {
                if (name == CONNECTION) {
                    if (headers.hasValue(index, KEEP_ALIVE)) {
                        options |= HopByHop.KEEP_ALIVE_OPTION;
                    } else {
                        connection = joined(headers.value(index), connection);
                    }
                    return true;
                }
                return name == KEEP_ALIVE;
            }
            case 14 -> {
                if (name == CONTENT_LENGTH) {
                    takeLength(headers, index);
                }
            }
            case 16 -> {
                return name == PROXY_CONNECTION;
            }
            case 17 -> {
                if (name == TRANSFER_ENCODING) {
                    transferEncoding = single(transferEncoding, headers.value(index), "http1.two_transfer_encodings");
                    return true;
                }
            }
            case 18, 19, 25 -> {
                return HopByHop.isProxyAuthentication(name);
            }
            default -> {
                return false;
            }
        }
        return false;
    }

    /// Stays among the headers, in its canonical spelling.
    private void takeLength(Headers headers, int index) {
        if (contentLength != ABSENT) {
            throw MalformedMessage.badRequest("http1.two_content_lengths");
        }
        contentLength = ContentLength.canonize(headers, index);
        if (contentLength < 0) {
            throw MalformedMessage.badRequest("http1.content_length");
        }
    }

    /// The same object as in the head before, where it is the same host.
    private AsciiString host(Headers headers, int index) {
        if (!headers.hasValue(index, lastHost)) {
            lastHost = headers.value(index);
        }
        return lastHost;
    }

    private static AsciiString single(@Nullable AsciiString before, AsciiString value, String details) {
        if (before != null) {
            throw MalformedMessage.badRequest(details);
        }
        return value;
    }

    private static AsciiString joined(AsciiString value, @Nullable AsciiString later) {
        return later == null ? value : new AsciiString(value + "," + later);
    }
}
