package io.sallyport.jwt;

import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/// The token that a connection brought last, and its hash: most requests of a connection bring the same one, and
/// comparing takes a tenth of the time that hashing does. It keeps verified tokens alone, so that nobody takes memory
/// by sending others, and only as long as the connection is there. On one thread.
public final class LastToken {
    /// Bytes of a token that is kept.
    static final int LONGEST = 8 * 1024;

    private AsciiString compact = AsciiString.EMPTY_STRING;
    private @Nullable TokenHash hash;

    TokenHash hash(AsciiString token) {
        return hash != null && compact.equals(token) ? hash : TokenHash.of(token);
    }

    /// @param of its hash
    void keep(AsciiString verified, TokenHash of) {
        if (!of.equals(hash) && verified.length() <= LONGEST) {
            // A copy: it is a part of a request's head.
            compact = new AsciiString(verified.array(), verified.arrayOffset(), verified.length(), true);
            hash = of;
        }
    }
}
