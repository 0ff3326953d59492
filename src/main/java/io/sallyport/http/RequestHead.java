package io.sallyport.http;

import org.jspecify.annotations.Nullable;

/// The head of a request, the same for HTTP/1.1 and HTTP/2.
///
/// Decoders hand over only well-formed heads: exactly one authority, a path in origin form, no hop-by-hop framing
/// fields (`transfer-encoding`, `connection`, `host` and the fields that `connection` names are taken out: their
/// meaning is in [#contentLength], [#upgrade] and [#authority]). `content-length`, where sent, stays among the
/// headers. Mutable, because the proxy turns the received head into the sent one in place.
public final class RequestHead {
    /// The body's length is not declared: chunked in HTTP/1.1, ended by END_STREAM in HTTP/2.
    public static final long UNKNOWN_LENGTH = -1;

    public final HttpVersion version;
    public String method;
    /// `http` or `https`, as the connection says it, or the trusted hops before it; a request's own claim is checked by
    /// its decoder. On a forward proxy's port it is what the target's URI or `:scheme` says, where it has one.
    public String scheme;
    /// The host and, where sent, port that the request names (`Host` or `:authority`), as sent. Empty only for
    /// HTTP/1.0.
    public String authority;
    /// Path and query, as sent; `*` only for OPTIONS; empty only for CONNECT.
    public String path;
    public Headers headers;
    /// The declared length of the body in bytes, 0 for none, or [#UNKNOWN_LENGTH].
    public long contentLength;
    /// The protocol that the client asks to switch to (`websocket`), lower-cased, or null: by `Upgrade` over
    /// HTTP/1.1, by the extended CONNECT over HTTP/2 (RFC 8441), whose method is GET here.
    public @Nullable String upgrade;
    /// The client waits for `100 Continue` before it sends the body (RFC 9110, 10.1.1).
    public boolean expectsContinue;
    /// The target was an absolute URI, as clients write it to a forward proxy (RFC 9112, 3.2.2).
    public boolean absoluteForm;

    public RequestHead(
            HttpVersion version, String method, String scheme, String authority, String path, Headers headers) {
        this.version = version;
        this.method = method;
        this.scheme = scheme;
        this.authority = authority;
        this.path = path;
        this.headers = headers;
    }

    /// The same message with headers of its own, without what it asks of the connection (to switch protocols, to wait).
    public RequestHead copy() {
        RequestHead copy = new RequestHead(version, method, scheme, authority, path, headers.copy());
        copy.contentLength = contentLength;
        return copy;
    }

    /// A request to switch protocols that came over HTTP/2 (RFC 8441): its client takes any 2xx for the switch.
    public boolean isExtendedConnect() {
        return upgrade != null && version == HttpVersion.HTTP_2;
    }

    @Override
    public String toString() {
        return method + " " + scheme + "://" + authority + path + " " + version.text() + "\n" + headers;
    }
}
