package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.net.LastAuthority;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Reads the heads of a connection's requests. A request line is `method SP request-target SP HTTP-version CRLF`, with
/// single spaces only (RFC 9112, 3).
final class Http1RequestParser extends HeadParser {
    private static final byte[] VERSION = "HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MAJOR = 5;
    private static final int MINOR = 7;

    private final int maxTargetBytes;
    private final String scheme;
    private final boolean forwardProxy;
    private final LastAuthority authority = new LastAuthority();
    private boolean emptyLineSeen;
    private String method = "";
    /// Visible ASCII without `#`, not interpreted yet.
    private String target = "";

    private HttpVersion version = HttpVersion.HTTP_1_1;
    private @Nullable RequestHead head;
    private boolean persistent;

    /// @param scheme `http` or `https`, as the connection says it
    Http1RequestParser(HttpLimits limits, Http1Options options, String scheme) {
        super(FieldParser.ofRequests(limits, options.underscores()));
        this.maxTargetBytes = limits.targetBytes();
        this.scheme = scheme;
        this.forwardProxy = options.forwardProxy();
    }

    /// Takes what it needs of the buffer. The head's strings are copies: the buffer may be released.
    ///
    /// @return the head once it is complete, else null
    /// @throws MalformedMessage as [HeadParser#readHead]
    @Nullable
    RequestHead read(ByteBuf in) {
        Headers headers = readHead(in);
        if (headers == null) {
            return null;
        }
        RequestHead complete = new RequestHead(version, method, scheme, "", target, headers);
        head = complete;
        messageFields.take(headers);
        TargetForm.resolve(complete, target, messageFields.host, authority, forwardProxy);
        RequestFraming.apply(complete, messageFields);
        persistent = messageFields.isPersistent(version);
        return complete;
    }

    /// Whether the request read last lets another one follow.
    boolean isPersistent() {
        return persistent;
    }

    /// What could be read of a head that was refused, or null if not even its first line.
    @Nullable
    RequestHead partial() {
        if (head != null || method.isEmpty()) {
            return head;
        }
        Headers headers = partialHeaders();
        return new RequestHead(version, method, scheme, "", target, headers == null ? new Headers(0) : headers);
    }

    @Override
    void beginLine() {
        head = null;
        emptyLineSeen = false;
        method = "";
        target = "";
        version = HttpVersion.HTTP_1_1;
    }

    @Override
    boolean readLine(ByteBuf in) {
        while (!readLine()) {
            if (!block.fill(in)) {
                return false;
            }
        }
        return true;
    }

    private boolean readLine() {
        byte[] array = block.bytes;
        int limit = block.limit;
        if (block.position < limit && array[block.position] == '\r' && !skipEmptyLine()) {
            return false;
        }
        int start = block.position;
        int endOfMethod = FieldSyntax.endOfToken(array, start, limit);
        if (endOfMethod - start > HttpLimits.METHOD_BYTES) {
            throw MalformedMessage.badRequest("http1.method_too_long");
        }
        if (endOfMethod == limit) {
            return false;
        }
        if (endOfMethod == start || array[endOfMethod] != ' ') {
            throw MalformedMessage.badRequest("http1.method");
        }
        int startOfTarget = endOfMethod + 1;
        int endOfTarget = FieldSyntax.endOfTarget(array, startOfTarget, limit);
        if (endOfTarget - startOfTarget > maxTargetBytes) {
            method = Methods.of(array, start, endOfMethod - start);
            throw new MalformedMessage(414, "http1.target_too_long");
        }
        if (endOfTarget == limit) {
            return false;
        }
        if (endOfTarget == startOfTarget || array[endOfTarget] != ' ') {
            throw MalformedMessage.badRequest("http1.target");
        }
        int startOfVersion = endOfTarget + 1;
        if (!isVersion(array, startOfVersion, limit)) {
            return false;
        }
        method = Methods.of(array, start, endOfMethod - start);
        target = new String(array, startOfTarget, endOfTarget - startOfTarget, StandardCharsets.ISO_8859_1);
        version = version(array[startOfVersion + MAJOR], array[startOfVersion + MINOR]);
        block.advance(startOfVersion + VERSION.length);
        return true;
    }

    /// One empty line before a request is skipped (RFC 9112, 2.2): old clients end a body with it.
    private boolean skipEmptyLine() {
        if (block.pending() == 1) {
            return false;
        }
        if (emptyLineSeen || block.bytes[block.position + 1] != '\n') {
            throw MalformedMessage.badRequest("http1.method");
        }
        emptyLineSeen = true;
        block.advance(block.position + 2);
        return true;
    }

    /// True if the version and the line's end are complete, false if more must arrive.
    private static boolean isVersion(byte[] array, int from, int limit) {
        int there = Math.min(limit - from, VERSION.length);
        for (int i = 0; i < there; i++) {
            byte b = array[from + i];
            boolean matches = (i == MAJOR || i == MINOR) ? isDigit(b) : b == VERSION[i];
            if (!matches) {
                throw MalformedMessage.badRequest("http1.version");
            }
        }
        return there == VERSION.length;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static HttpVersion version(byte major, byte minor) {
        if (major == '1' && minor == '1') {
            return HttpVersion.HTTP_1_1;
        }
        if (major == '1' && minor == '0') {
            return HttpVersion.HTTP_1_0;
        }
        throw new MalformedMessage(505, "http1.version_not_supported");
    }
}
