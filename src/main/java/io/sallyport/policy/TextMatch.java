package io.sallyport.policy;

import com.google.re2j.Pattern;
import io.sallyport.net.AsciiCase;

/// One value of a policy's field: `x`, `x*`, `*x` or `*` (Istio: exact, prefix, suffix and presence match).
sealed interface TextMatch {
    boolean matches(CharSequence text);

    /// @param ignoreCase of ASCII letters
    static TextMatch of(String value, boolean ignoreCase) {
        return of(value, "", ignoreCase);
    }

    /// @param before what each text begins with, before the value's own beginning
    static TextMatch of(String value, String before, boolean ignoreCase) {
        if (value.equals("*")) {
            return new Present();
        }
        if (value.startsWith("*")) {
            return new Ends(before, value.substring(1), ignoreCase);
        }
        return value.endsWith("*")
                ? new Begins(before + value.substring(0, value.length() - 1), ignoreCase)
                : new Equals(before + value, ignoreCase);
    }

    /// Any text that is not empty.
    record Present() implements TextMatch {
        @Override
        public boolean matches(CharSequence text) {
            return !text.isEmpty();
        }
    }

    record Equals(String value, boolean ignoreCase) implements TextMatch {
        @Override
        public boolean matches(CharSequence text) {
            return text.length() == value.length() && regionMatches(text, 0, value, ignoreCase);
        }
    }

    record Begins(String value, boolean ignoreCase) implements TextMatch {
        @Override
        public boolean matches(CharSequence text) {
            return regionMatches(text, 0, value, ignoreCase);
        }
    }

    /// @param begin what the text must begin with besides; the two do not overlap
    record Ends(String begin, String value, boolean ignoreCase) implements TextMatch {
        @Override
        public boolean matches(CharSequence text) {
            int at = text.length() - value.length();
            return at >= begin.length()
                    && regionMatches(text, 0, begin, ignoreCase)
                    && regionMatches(text, at, value, ignoreCase);
        }
    }

    /// The whole text.
    record Regex(Pattern pattern) implements TextMatch {
        @Override
        public boolean matches(CharSequence text) {
            return pattern.matches(text.toString());
        }
    }

    private static boolean regionMatches(CharSequence text, int at, String value, boolean ignoreCase) {
        if (text.length() - at < value.length()) {
            return false;
        }
        if (!ignoreCase && text instanceof String string) {
            return string.startsWith(value, at);
        }
        for (int i = 0; i < value.length(); i++) {
            char left = text.charAt(at + i);
            char right = value.charAt(i);
            if (left != right && !(ignoreCase && AsciiCase.lower(left) == AsciiCase.lower(right))) {
                return false;
            }
        }
        return true;
    }
}
