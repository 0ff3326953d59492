package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HttpLimits;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import java.nio.charset.StandardCharsets;

/// Reads a request line (RFC 9112, 3): `method SP request-target SP HTTP-version CRLF`, single spaces only.
final class RequestLineParser {
    private static final byte[] VERSION = "HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MAJOR = 5;
    private static final int MINOR = 7;

    private final int maxTargetBytes;
    private boolean emptyLineSeen;

    String method = "";
    /// Visible ASCII without `#`, not interpreted yet.
    String target = "";
    HttpVersion version = HttpVersion.HTTP_1_1;

    RequestLineParser(int maxTargetBytes) {
        this.maxTargetBytes = maxTargetBytes;
    }

    void begin() {
        emptyLineSeen = false;
        method = "";
        target = "";
        version = HttpVersion.HTTP_1_1;
    }

    /// Reads what is there.
    ///
    /// @return true once the line was read; false if more must arrive
    boolean parse(HeadBlock block, ByteBuf in) {
        while (!line(block)) {
            if (!block.fill(in)) {
                return false;
            }
        }
        return true;
    }

    private boolean line(HeadBlock block) {
        byte[] array = block.bytes;
        int limit = block.limit;
        if (block.position < limit && array[block.position] == '\r' && !skipEmptyLine(block)) {
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

    /// One empty line before a request is passed over (RFC 9112, 2.2): old clients end a body with it.
    private boolean skipEmptyLine(HeadBlock block) {
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

    /// True if a version and the line's end stand there, false if they are not complete.
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
