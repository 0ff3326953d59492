package io.sallyport.format;

import java.io.Serial;

/// A format that cannot be used. The message names the place, the fault and the remedy.
public final class FormatException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    FormatException(String message) {
        super(message);
    }

    /// @param at the place, from 0
    static FormatException at(int at, String message) {
        return new FormatException("column " + (at + 1) + ": " + message);
    }
}
