package io.sallyport.http.h1;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.HeaderNames;
import io.sallyport.http.Headers;
import io.sallyport.http.HttpLimits;

/// Reads field lines up to the empty one (RFC 9112, 5): the header section of a head, or the trailer section of a
/// chunked body.
///
/// Lines end with CRLF and nothing else; a name is a token right before its colon (a response's may have blank between
/// them, which is not passed on: RFC 9112, 5.1); a value has no control character but the tab; a line that starts with
/// blank space (obs-fold) is refused.
final class FieldParser {
    private static final int MORE = 0;
    private static final int LINE = 1;
    private static final int END = 2;

    private final int maxBytes;
    private final int maxFields;
    private final boolean underscores;
    private final boolean blankBeforeColon;

    private Headers fields = new Headers(0);
    private int bytes;

    private FieldParser(HttpLimits limits, boolean underscores, boolean blankBeforeColon) {
        this.maxBytes = limits.headBytes();
        this.maxFields = limits.headerFields();
        this.underscores = underscores;
        this.blankBeforeColon = blankBeforeColon;
    }

    /// @param underscores false to refuse names with `_`, which CGI-like servers take for `-`
    static FieldParser ofRequests(HttpLimits limits, boolean underscores) {
        return new FieldParser(limits, underscores, false);
    }

    static FieldParser ofResponses(HttpLimits limits) {
        return new FieldParser(limits, true, true);
    }

    void begin(Headers into) {
        fields = into;
        bytes = 0;
    }

    /// Reads what is there.
    ///
    /// @return true once the empty line was read; false if more must arrive
    boolean parse(HeadBlock block, ByteBuf in) {
        for (; ; ) {
            int result = line(block);
            if (result == END) {
                return true;
            }
            if (result == MORE) {
                if (bytes + block.pending() > maxBytes + 2) {
                    throw tooLarge();
                }
                if (!block.fill(in)) {
                    return false;
                }
            }
        }
    }

    private int line(HeadBlock block) {
        byte[] array = block.bytes;
        int start = block.position;
        int limit = block.limit;
        int endOfName = FieldSyntax.endOfName(array, start, limit);
        if (endOfName - start > HttpLimits.NAME_BYTES) {
            throw new MalformedMessage(431, "http1.field_name_too_long");
        }
        int colon = endOfName;
        while (blankBeforeColon && colon > start && colon < limit && FieldSyntax.isBlank(array[colon])) {
            colon++;
        }
        if (colon == limit) {
            return MORE;
        }
        if (array[colon] != ':') {
            return array[start] == '\r' ? emptyLine(block) : refuse(array, start, endOfName);
        }
        if (colon == start) {
            throw MalformedMessage.badRequest("http1.empty_field_name");
        }
        int end = FieldSyntax.endOfText(array, Math.max(colon + 1, start + block.verified), limit);
        if (end == limit) {
            block.verified = end - start;
            return MORE;
        }
        if (array[end] != '\r') {
            throw MalformedMessage.badRequest(array[end] == '\n' ? "http1.bare_lf" : "http1.field_value_control");
        }
        if (end + 1 == limit) {
            return MORE;
        }
        if (array[end + 1] != '\n') {
            throw MalformedMessage.badRequest("http1.bare_cr");
        }
        // A line without the customary blank counts as if it had one: so HTTP/2 counts the same field.
        bytes += end + 2 - start + (FieldSyntax.isBlank(array[colon + 1]) ? 0 : 1);
        if (bytes > maxBytes || fields.size() == maxFields) {
            throw tooLarge();
        }
        add(array, start, endOfName, colon + 1, end);
        block.advance(end + 2);
        return LINE;
    }

    private void add(byte[] array, int start, int endOfName, int startOfValue, int end) {
        int from = startOfValue;
        while (from < end && FieldSyntax.isBlank(array[from])) {
            from++;
        }
        int to = end;
        while (to > from && FieldSyntax.isBlank(array[to - 1])) {
            to--;
        }
        int length = endOfName - start;
        AsciiString name = HeaderNames.lookup(array, start, length);
        if (name == null) {
            name = new AsciiString(array, start, length, true);
            if (!underscores && name.indexOf('_', 0) >= 0) {
                throw MalformedMessage.badRequest("http1.field_name_underscore");
            }
        }
        fields.add(name, array, from, to);
    }

    private static int emptyLine(HeadBlock block) {
        if (block.pending() == 1) {
            return MORE;
        }
        if (block.bytes[block.position + 1] != '\n') {
            throw MalformedMessage.badRequest("http1.bare_cr");
        }
        block.advance(block.position + 2);
        return END;
    }

    private int refuse(byte[] array, int start, int at) {
        if (at == start && FieldSyntax.isBlank(array[at])) {
            throw MalformedMessage.badRequest(fields.isEmpty() ? "http1.space_before_field" : "http1.obs_fold");
        }
        throw MalformedMessage.badRequest(
                switch (array[at]) {
                    case '\n' -> "http1.bare_lf";
                    case '\r' -> "http1.no_colon";
                    case ' ', '\t' -> "http1.space_in_field_name";
                    default -> "http1.field_name";
                });
    }

    private static MalformedMessage tooLarge() {
        return new MalformedMessage(431, "http1.headers_too_large");
    }
}
