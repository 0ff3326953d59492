package io.sallyport.config.yaml;

import io.sallyport.config.model.Position;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.ProblemReport;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Strict UTF-8 (RFC 3629): a wrong byte is reported, never replaced.
final class Utf8Text {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private Utf8Text() {}

    /// The text without its byte order mark, or null when it is not UTF-8.
    static @Nullable String decode(String file, byte[] content, ProblemReport report) {
        ByteBuffer in = ByteBuffer.wrap(content);
        CharBuffer out = CharBuffer.allocate(content.length + 1);
        CoderResult result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT)
                .decode(in, out, true);
        String text = out.flip().toString();
        if (result.isError()) {
            TextCursor place = new TextCursor(text);
            place.advance(text.length());
            String message = "byte 0x%02X is not UTF-8".formatted(content[in.position()] & 0xFF);
            Position at = new Position(file, place.line(), place.column());
            report.add(ProblemCode.NOT_UTF8, at, "", message, "save the file as UTF-8");
            return null;
        }
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }
}
