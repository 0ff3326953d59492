package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// How a request's own text appears in a reason: bounded, because the client chose its length.
final class Quote {
    private static final int LONGEST = 200;

    private Quote() {}

    static String plain(CharSequence text) {
        return text.length() <= LONGEST
                ? text.toString()
                : text.subSequence(0, LONGEST) + "... (" + text.length() + " characters)";
    }

    static String orAbsent(@Nullable CharSequence text) {
        return text == null ? "absent" : '"' + plain(text) + '"';
    }
}
