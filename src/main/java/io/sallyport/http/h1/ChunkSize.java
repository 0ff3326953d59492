package io.sallyport.http.h1;

import io.sallyport.http.FieldSyntax;

/// Reads the line before a chunk, byte by byte (RFC 9112, 7.1): hexadecimal digits, extensions, CRLF.
///
/// Extensions are skipped, within bounds, and never forwarded (RFC 9112, 7.1.1); a quoted string in them must end
/// on the line, so that no reader can take a line's end for a part of it.
final class ChunkSize {
    private static final int MAX_DIGITS = 15;
    private static final int MAX_LEADING_ZEROS = 16;
    private static final int MAX_EXTENSION_BYTES = 16 * 1024;

    private enum State {
        START,
        DIGITS,
        EXTENSION_START,
        EXTENSION,
        QUOTED,
        ESCAPED,
        LF
    }

    private State state = State.START;
    private int digits;
    private int zeros;
    private long size;
    /// Of all chunks of the body, so that many small ones cannot evade the bound.
    private int extensionBytes;

    void beginBody() {
        extensionBytes = 0;
        beginLine();
    }

    void beginLine() {
        state = State.START;
        digits = 0;
        zeros = 0;
        size = 0;
    }

    /// Of the line that was read to its end.
    long size() {
        return size;
    }

    /// Takes one byte; true if the line ended with it.
    boolean accept(byte b) {
        switch (state) {
            case START -> digit(b);
            case DIGITS -> {
                if (b == ';') {
                    state = State.EXTENSION_START;
                } else if (b == '\r') {
                    state = State.LF;
                } else {
                    digit(b);
                }
            }
            case EXTENSION_START -> {
                if (!FieldSyntax.isTokenChar(b)) {
                    throw badExtension();
                }
                state = State.EXTENSION;
                countExtension();
            }
            case EXTENSION -> extension(b);
            case QUOTED -> {
                countExtension();
                if (b == '"') {
                    state = State.EXTENSION;
                } else if (b == '\\') {
                    state = State.ESCAPED;
                } else if (!isText(b)) {
                    throw badExtension();
                }
            }
            case ESCAPED -> {
                countExtension();
                if (!isText(b)) {
                    throw badExtension();
                }
                state = State.QUOTED;
            }
            case LF -> {
                if (b != '\n') {
                    throw MalformedMessage.badRequest("http1.chunk_line_end");
                }
                return true;
            }
        }
        return false;
    }

    private void digit(byte b) {
        int value = Character.digit(b, 16);
        if (b < 0 || value < 0) {
            throw MalformedMessage.badRequest("http1.chunk_size");
        }
        state = State.DIGITS;
        size = size << 4 | value;
        if (size == 0 ? ++zeros > MAX_LEADING_ZEROS : ++digits > MAX_DIGITS) {
            throw MalformedMessage.badRequest("http1.chunk_size_overflow");
        }
    }

    private void extension(byte b) {
        countExtension();
        if (b == '\r') {
            state = State.LF;
        } else if (b == '"') {
            state = State.QUOTED;
        } else if (!isText(b)) {
            throw badExtension();
        }
    }

    private void countExtension() {
        if (++extensionBytes > MAX_EXTENSION_BYTES) {
            throw MalformedMessage.badRequest("http1.chunk_extensions_too_long");
        }
    }

    private static boolean isText(byte b) {
        return (b >= ' ' && b < 0x7f) || b == '\t';
    }

    private static MalformedMessage badExtension() {
        return MalformedMessage.badRequest("http1.chunk_extension");
    }
}
