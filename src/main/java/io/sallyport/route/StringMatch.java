package io.sallyport.route;

import com.google.re2j.Pattern;
import io.netty.util.AsciiString;
import io.sallyport.net.AsciiCase;

/// A compiled condition on one string (Istio `StringMatch`).
public sealed interface StringMatch {
    /// Whether the string meets the condition.
    boolean matches(CharSequence value);

    /// The condition in words, such as `prefix /v1`.
    String describe();

    /// The condition in words with its operand in quotes, such as `exact "jason"`, for values in which blanks
    /// matter.
    String describeQuoted();

    /// The whole string. `ignoreCase` concerns ASCII letters.
    record Exact(String value, boolean ignoreCase) implements StringMatch {
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

        @Override
        public String describe() {
            return (ignoreCase ? "exact (ignoring case) " : "exact ") + value;
        }

        @Override
        public String describeQuoted() {
            return (ignoreCase ? "exact (ignoring case) \"" : "exact \"") + value + '"';
        }
    }

    /// The raw beginning of the string, so that `/v2` matches `/v2x`. `ignoreCase` concerns ASCII letters.
    record Prefix(String value, boolean ignoreCase) implements StringMatch {
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

        @Override
        public String describe() {
            return (ignoreCase ? "prefix (ignoring case) " : "prefix ") + value;
        }

        @Override
        public String describeQuoted() {
            return (ignoreCase ? "prefix (ignoring case) \"" : "prefix \"") + value + '"';
        }
    }

    /// An RE2 expression that must match the whole string; runs in time linear in the string.
    record Regex(Pattern pattern) implements StringMatch {
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
            return pattern.matches(other.toString());
        }

        @Override
        public String describe() {
            return "regex " + pattern.pattern();
        }

        @Override
        public String describeQuoted() {
            return "regex \"" + pattern.pattern() + '"';
        }
    }

    /// Any string, as long as there is one. Istio means it by an empty match, and by the regex `*`, which is no
    /// RE2.
    record Present() implements StringMatch {
        @Override
        public boolean matches(CharSequence other) {
            return true;
        }

        @Override
        public String describe() {
            return "presence";
        }

        @Override
        public String describeQuoted() {
            return describe();
        }
    }
}
