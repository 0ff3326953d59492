package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.sallyport.http.FieldSyntax;
import io.sallyport.http.Methods;
import java.util.Set;

/// Tells whether bytes begin with a request line of HTTP/1.x, or with the preface of HTTP/2, which looks like one: a
/// method, a target and `HTTP/` (RFC 9112, 3). Other protocols have lines of words, too (`EHLO x`, `USER x`).
///
/// Servers differ in what they let pass for a request, and what one of them would serve must not count as anything
/// else: any white space parts the words and may come first (RFC 9112, 2.2 and 3), and of the methods that every server
/// knows the line need not name the version (HTTP/0.9).
final class RequestLine {
    enum Result {
        NEED_MORE,
        REQUEST,
        OTHER,
        /// Nothing but white space, and more of it than anybody sends.
        BLANK
    }

    /// No method is longer, as far as anybody has registered one (IANA, "HTTP Method Registry").
    private static final int LONGEST_METHOD = 32;

    /// Bytes of white space before the first word.
    private static final int MOST_BLANKS = 1024;

    /// Bytes from the method on, without a line's end. What is as long is no greeting of another protocol.
    private static final int LONGEST_LINE = 8 * 1024;

    private static final String VERSION = "HTTP/";
    private static final Set<String> VERSIONLESS =
            Set.of(Methods.GET, Methods.HEAD, Methods.POST, Methods.PUT, Methods.DELETE, Methods.PATCH);

    private final StringBuilder method = new StringBuilder();
    private Result result = Result.NEED_MORE;
    private int blanks;
    private int length;
    private boolean methodEnded;
    /// After the method.
    private boolean hasMoreWords;

    /// Characters of the present word; 0 between words.
    private int wordLength;
    /// How many of them agree with [#VERSION], from the first on.
    private int agreeing;

    /// Looks at the next piece; its indices stay as they are. Once the result is another than `NEED_MORE`, further
    /// pieces change nothing.
    void read(ByteBuf piece) {
        for (int at = piece.readerIndex(); at < piece.writerIndex() && result == Result.NEED_MORE; at++) {
            result = next(piece.getByte(at));
        }
    }

    Result result() {
        return result;
    }

    /// Nothing more comes.
    Result end() {
        if (result == Result.NEED_MORE) {
            result = ended();
        }
        return result;
    }

    private Result next(byte octet) {
        boolean blank = octet == ' ' || octet >= '\t' && octet <= '\r';
        if (method.isEmpty() && blank) {
            return ++blanks > MOST_BLANKS ? Result.BLANK : Result.NEED_MORE;
        }
        if (octet == '\n') {
            return ended();
        }
        if (++length > LONGEST_LINE) {
            return Result.REQUEST;
        }
        if (!methodEnded) {
            return methodCharacter(octet, blank);
        }
        return wordCharacter(octet, blank);
    }

    private Result methodCharacter(byte octet, boolean blank) {
        methodEnded = blank;
        if (blank) {
            return Result.NEED_MORE;
        }
        method.append((char) octet);
        return FieldSyntax.isTokenChar(octet) && method.length() <= LONGEST_METHOD ? Result.NEED_MORE : Result.OTHER;
    }

    private Result wordCharacter(byte octet, boolean blank) {
        if (blank) {
            wordLength = 0;
            return Result.NEED_MORE;
        }
        hasMoreWords = true;
        if (wordLength == 0) {
            agreeing = 0;
        }
        boolean agrees = agreeing == wordLength
                && agreeing < VERSION.length()
                && Character.toUpperCase((char) octet) == VERSION.charAt(agreeing);
        agreeing += agrees ? 1 : 0;
        wordLength++;
        return agrees && agreeing == VERSION.length() ? Result.REQUEST : Result.NEED_MORE;
    }

    private Result ended() {
        return hasMoreWords && VERSIONLESS.contains(method.toString()) ? Result.REQUEST : Result.OTHER;
    }
}
