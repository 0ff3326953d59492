package io.sallyport.route;

import com.google.re2j.Pattern;
import io.netty.util.AsciiString;
import io.sallyport.net.AsciiCase;
import io.sallyport.net.RegexMatch;

/// A compiled condition on one string (Istio `StringMatch`).
public sealed interface StringMatcher {
    /// Whether the string meets the condition.
    boolean matches(CharSequence value);

    /// The condition in words, such as `prefix /v1`.
    default String describe() {
        return describe("");
    }

    /// The condition in words with its operand in quotes, such as `exact "jason"`, for values in which blanks
    /// matter.
    default String describeQuoted() {
        return describe("\"");
    }

    private String describe(String quote) {
        return switch (this) {
            case Exact exact -> (exact.ignoreCase ? "exact (ignoring case) " : "exact ") + quote + exact.value + quote;
            case Prefix prefix ->
                (prefix.ignoreCase ? "prefix (ignoring case) " : "prefix ") + quote + prefix.value + quote;
            case Regex regex -> "regex " + quote + regex.pattern.pattern() + quote;
            case Present _ -> "presence";
        };
    }

    /// The whole string. `ignoreCase` concerns ASCII letters.
    record Exact(String value, boolean ignoreCase) implements StringMatcher {
        public Exact(String value) {
            this(value, false);
        }

        @Override
        public boolean matches(CharSequence other) {
            if (ignoreCase) {
                return other.length() == value.length() && AsciiCase.startsWith(other, value);
            }
            return value.contentEquals(other);
        }
    }

    /// The raw beginning of the string, so that `/v2` matches `/v2x`. `ignoreCase` concerns ASCII letters.
    record Prefix(String value, boolean ignoreCase) implements StringMatcher {
        public Prefix(String value) {
            this(value, false);
        }

        @Override
        public boolean matches(CharSequence other) {
            if (ignoreCase) {
                return AsciiCase.startsWith(other, value);
            }
            return other instanceof String text
                    ? text.startsWith(value)
                    : AsciiString.regionMatches(other, false, 0, value, 0, value.length());
        }
    }

    /// An RE2 expression that must match the whole string.
    record Regex(Pattern pattern) implements StringMatcher {
        /// @throws com.google.re2j.PatternSyntaxException where the expression is not RE2
        public Regex(String expression) {
            this(Pattern.compile(expression));
        }

        /// For strings whose case means nothing.
        ///
        /// @throws com.google.re2j.PatternSyntaxException where the expression is not RE2
        public static Regex ignoringCase(String expression) {
            return new Regex(Pattern.compile(expression, Pattern.CASE_INSENSITIVE));
        }

        @Override
        public boolean matches(CharSequence other) {
            return RegexMatch.isWhole(pattern, other.toString());
        }
    }

    /// Any string, as long as there is one. Istio means it by an empty match, and by the regex `*`, which is no
    /// RE2.
    record Present() implements StringMatcher {
        @Override
        public boolean matches(CharSequence other) {
            return true;
        }
    }
}
