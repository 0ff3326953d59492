package io.sallyport.config.index;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The algebra of host patterns: a name, `*.suffix` (any depth of labels below the suffix, never the suffix itself) or
/// `*`. All methods expect canonical patterns.
public final class HostPatterns {
    public static final String ANY = "*";

    private HostPatterns() {}

    /// Lower case, without the trailing dot of an absolute name.
    public static String canonical(String host) {
        String lower = isLowerAscii(host) ? host : host.toLowerCase(Locale.ROOT);
        return lower.length() > 1 && lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    /// Nearly all are, and are asked about often.
    private static boolean isLowerAscii(String host) {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c >= 'A' && c <= 'Z' || c > '~') {
                return false;
            }
        }
        return true;
    }

    public static boolean isWildcard(String pattern) {
        return pattern.startsWith(ANY);
    }

    /// Whether every host that matches `other` matches `pattern` too.
    public static boolean covers(String pattern, String other) {
        if (pattern.equals(other) || pattern.equals(ANY)) {
            return true;
        }
        // A wildcard's suffix keeps its dot, so `*.foo.com` covers neither `foo.com` nor `barfoo.com`.
        return isWildcard(pattern)
                && !other.equals(ANY)
                && other.length() >= pattern.length()
                && other.regionMatches(other.length() - pattern.length() + 1, pattern, 1, pattern.length() - 1);
    }

    /// The pattern that matches what both match, or null where no host matches both.
    public static @Nullable String intersection(String one, String other) {
        if (covers(one, other)) {
            return other;
        }
        return covers(other, one) ? one : null;
    }

    /// The next wider wildcard: `*.b.c` of `a.b.c` and of `*.a.b.c`... until `*`, which has none.
    static @Nullable String wider(String pattern) {
        if (pattern.equals(ANY)) {
            return null;
        }
        int from = isWildcard(pattern) ? 2 : 0;
        int dot = pattern.indexOf('.', from);
        return dot < 0 ? ANY : ANY + pattern.substring(dot);
    }
}
