package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/// Reads a status line (RFC 9112, 4). The reason phrase is passed over: it means nothing. An absent one may lack the
/// space before it too, as many servers write it.
final class StatusLineParser {
    private static final byte[] PREFIX = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
    private static final int STATUS = PREFIX.length + 2;
    private static final int FIXED_BYTES = STATUS + 3;
    private static final int MAX_LINE_BYTES = 4096;

    int status;
    HttpVersion version = HttpVersion.HTTP_1_1;

    /// Reads what is there.
    ///
    /// @return true once the line was read; false if more must arrive
    boolean parse(HeadBlock block, ByteBuf in) {
        while (!line(block)) {
            if (block.pending() > MAX_LINE_BYTES) {
                throw new MalformedMessage(431, "http1.status_line_too_long");
            }
            if (!block.fill(in)) {
                return false;
            }
        }
        return true;
    }

    private boolean line(HeadBlock block) {
        byte[] array = block.bytes;
        int start = block.position;
        int limit = block.limit;
        checkFixedPart(array, start, Math.min(limit - start, FIXED_BYTES));
        int reason = start + FIXED_BYTES;
        if (limit <= reason) {
            return false;
        }
        if (array[reason] != ' ' && array[reason] != '\r') {
            throw broken();
        }
        int end = FieldSyntax.endOfText(array, reason, limit);
        if (end >= limit - 1) {
            if (end == limit - 1 && array[end] != '\r') {
                throw broken();
            }
            return false;
        }
        if (array[end] != '\r' || array[end + 1] != '\n') {
            throw broken();
        }
        version = array[start + PREFIX.length] == '1' ? HttpVersion.HTTP_1_1 : HttpVersion.HTTP_1_0;
        int at = start + STATUS;
        status = 100 * (array[at] - '0') + 10 * (array[at + 1] - '0') + array[at + 2] - '0';
        block.advance(end + 2);
        return true;
    }

    private static void checkFixedPart(byte[] array, int start, int there) {
        for (int i = 0; i < there; i++) {
            byte b = array[start + i];
            boolean matches;
            if (i < PREFIX.length) {
                matches = b == PREFIX[i];
            } else if (i == PREFIX.length) {
                matches = b == '0' || b == '1';
            } else if (i < STATUS) {
                matches = b == ' ';
            } else {
                matches = b >= (i == STATUS ? '1' : '0') && b <= '9';
            }
            if (!matches) {
                throw broken();
            }
        }
    }

    private static MalformedMessage broken() {
        return MalformedMessage.badRequest("http1.status_line");
    }
}
