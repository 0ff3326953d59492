package io.sallyport.proxy;

import io.netty.util.AsciiString;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpVersion;
import io.sallyport.outcome.ProxyException;
import io.sallyport.upstream.OwnTraffic;
import org.jspecify.annotations.Nullable;

/// One listener's member of `via` (RFC 9110, 7.6.3): it is added to forwarded requests, and a request that arrives
/// with it has been here before. A request may pass two listeners of one gateway, as from the mesh to an egress
/// Gateway; to pass the same one twice is a loop.
///
/// What others have written stays as it is: the member is a field line of its own.
final class Via {
    private static final String GATEWAY = "sallyport";

    private final AsciiString instance;
    private final AsciiString name;
    private final AsciiString[] members = new AsciiString[HttpVersion.values().length];

    /// @param pseudonym that is configured, or null
    /// @param port the listener's
    Via(@Nullable String pseudonym, OwnTraffic own, int port) {
        String gateway = pseudonym == null ? GATEWAY : pseudonym;
        instance = AsciiString.cached(own.instance());
        name = AsciiString.cached(gateway + '-' + own.listener(port));
        for (HttpVersion version : HttpVersion.values()) {
            members[version.ordinal()] = AsciiString.cached(version.number() + ' ' + name);
        }
    }

    /// @throws ProxyException 508 for a request that has come in by this listener before
    void check(Headers headers) throws ProxyException {
        for (int at = headers.indexOf(HeaderNames.VIA, 0); at >= 0; at = headers.indexOf(HeaderNames.VIA, at + 1)) {
            if (headers.value(at).indexOf(name, 0) >= 0) {
                throw OwnTraffic.loop();
            }
        }
    }

    /// What listeners of this process have written so far, which a route's header operations must not take away; null
    /// for nothing.
    @Nullable
    AsciiString written(Headers headers) {
        for (int at = headers.indexOf(HeaderNames.VIA, 0); at >= 0; at = headers.indexOf(HeaderNames.VIA, at + 1)) {
            if (headers.value(at).indexOf(instance, 0) >= 0) {
                return new AsciiString(String.valueOf(headers.joined(HeaderNames.VIA)));
            }
        }
        return null;
    }

    /// Adds the member to a head that is about to be sent.
    ///
    /// @param written as [#written] said before the route's operations
    /// @param received the version that the request came in
    void addTo(Headers headers, @Nullable AsciiString written, HttpVersion received) {
        if (written != null) {
            headers.set(HeaderNames.VIA, written);
        }
        headers.add(HeaderNames.VIA, members[received.ordinal()]);
    }
}
