package io.sallyport.config.problem;

import io.sallyport.config.model.ShownText;

/// Text of a configuration's author inside a message: on one line and never long.
public final class Quote {
    private static final int MAX_LENGTH = 80;

    private Quote() {}

    /// The text in double quotes, its end cut off after 80 characters, control characters shown as `?`.
    public static String of(String text) {
        return '"' + plain(text) + '"';
    }

    /// As [#of], without the quotes.
    public static String plain(String text) {
        return ShownText.of(text, MAX_LENGTH);
    }
}
