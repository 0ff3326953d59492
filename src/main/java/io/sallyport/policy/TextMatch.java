package io.sallyport.policy;

import com.google.re2j.Pattern;
import io.sallyport.net.AsciiCase;
import io.sallyport.net.RegexMatch;

/// One value of a policy's field: `x`, `x*`, `*x` or `*` (Istio: exact, prefix, suffix and presence match).
sealed interface TextMatch {
    /// What SPIFFE IDs begin with.
    String SPIFFE = "spiffe://";

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
            return RegexMatch.isWhole(pattern, text.toString());
        }
    }

    /// A SPIFFE ID's namespace, anywhere in a name.
    ///
    /// @param part `/ns/<namespace>/`
    record Namespace(String part) implements TextMatch {
        static Namespace of(String namespace) {
            return new Namespace("/ns/" + namespace + '/');
        }

        @Override
        public boolean matches(CharSequence text) {
            return text.toString().contains(part) && isOneLine(text.toString());
        }
    }

    /// A SPIFFE ID's service account: `spiffe://.+/ns/<namespace>/(.+/|)sa/<account>(/.+)?`.
    ///
    /// @param part `sa/<account>`
    record ServiceAccount(Namespace namespace, String part) implements TextMatch {
        static ServiceAccount of(String namespace, String account) {
            return new ServiceAccount(Namespace.of(namespace), "sa/" + account);
        }

        @Override
        public boolean matches(CharSequence text) {
            String name = text.toString();
            int label = name.startsWith(SPIFFE) ? name.indexOf(namespace.part, SPIFFE.length() + 1) : -1;
            if (label < 0 || !isOneLine(name)) {
                return false;
            }
            int from = label + namespace.part.length();
            for (int at = name.indexOf(part, from); at >= 0; at = name.indexOf(part, at + 1)) {
                int end = at + part.length();
                boolean begins = at == from || (at > from + 1 && name.charAt(at - 1) == '/');
                if (begins && (end == name.length() || (name.charAt(end) == '/' && end + 1 < name.length()))) {
                    return true;
                }
            }
            return false;
        }
    }

    /// Where a `.` of regular expressions stands for every character.
    private static boolean isOneLine(String text) {
        return text.indexOf('\n') < 0;
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
