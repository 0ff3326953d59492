package io.sallyport.route;

import org.jspecify.annotations.Nullable;

/// Makes one canonical path of every spelling that means the same, and refuses what has no safe meaning.
/// Authorization, routing and the upstream all get the result, so none of them can be shown another path than the
/// others.
///
/// After RFC 3986, 6.2.2, in the order of Envoy's `normalize_path` and `merge_slashes`:
/// - percent-encoded unreserved characters are decoded, once: `%41` is `A`, while `%252f` stays as it is;
/// - other percent-encodings stay, with hex digits in upper case;
/// - characters that may not stand in a URI, but that clients send (`"<>^{|}` and the backquote), are
///   percent-encoded;
/// - `.` and `..` segments are resolved, then, in the modes that say so, runs of slashes become one.
///
/// Refused: a `..` above the root, which Envoy's older normalizer ignores and its newer one refuses; a backslash
/// and, unless they are to be decoded, `%2F` and `%5C`; `%00`; `%` without two hex digits; percent-encoded bytes
/// that are not UTF-8, overlong forms among them; control and non-ASCII characters, blanks and `#`, which no mode
/// lets through.
///
/// **Path parameters.** A `;` stays where it is, and matching takes it literally. But servlet containers drop `;x`
/// before they look at the path, so `/..;x/` would be `/../` to them: a dot segment, or an empty segment before
/// another, with parameters is refused. What is left has one shorter reading,
/// [RequestTarget#pathWithoutParameters()]; a policy has to allow both.
public final class PathNormalizer {
    private static final byte PLAIN = 0;
    private static final byte SLASH = 1;
    private static final byte QUERY = 2;
    private static final byte REWRITTEN = 3;
    private static final byte BACKSLASH = 4;
    private static final byte REFUSED = 5;

    private static final byte[] KINDS = kinds();

    private final PathNormalization mode;
    private final boolean mergeSlashes;
    private final boolean keepEncodedSlashes;

    public PathNormalizer(PathNormalization mode) {
        this(mode, false);
    }

    private PathNormalizer(PathNormalization mode, boolean keepEncodedSlashes) {
        this.mode = mode;
        this.keepEncodedSlashes = keepEncodedSlashes;
        this.mergeSlashes = mode.compareTo(PathNormalization.MERGE_SLASHES) >= 0;
    }

    /// For paths of APIs that are not ours to choose, where `%2F` stands within a name (a scoped package of npm, a
    /// project of GitLab) and `//` may mean something: as BASE, but `%2F` and `%5C` stay, in upper case.
    ///
    /// A server that decodes them sees more segments than a rule does: `/a%2Fb` does not match the prefix
    /// `/a/`, and `//a` not `/a`, so rules should name what is allowed. But no such server is led upwards: a
    /// segment in which it would find `.` or `..` (`..%2Fx`, `x%5C%2e%2E`) is refused.
    public static PathNormalizer forForwardProxy() {
        return new PathNormalizer(PathNormalization.BASE, true);
    }

    /// Canonical targets without a query are returned as the same string.
    ///
    /// @param target path and query as sent, in origin form (RFC 9112, 3.2.1)
    public RequestTarget normalize(String target) {
        if (target.isEmpty() || target.charAt(0) != '/') {
            return rejected("path does not begin with /");
        }
        int length = target.length();
        int end = length;
        boolean rewritten = false;
        for (int i = 0; i < length; i++) {
            char c = target.charAt(i);
            byte kind = c < KINDS.length ? KINDS[c] : REFUSED;
            if (kind == PLAIN) {
                continue;
            }
            if (kind == SLASH) {
                char next = i + 1 < length ? target.charAt(i + 1) : 0;
                rewritten |= next == '.' || (next == '/' && mergeSlashes);
            } else if (kind == REWRITTEN) {
                rewritten = true;
            } else if (kind == QUERY) {
                end = i;
                break;
            } else if (kind == REFUSED || mode != PathNormalization.NONE) {
                return rejected(reasonAgainst(c));
            }
        }
        String query = null;
        if (end < length) {
            query = target.substring(end + 1);
            String reason = reasonAgainstQuery(query);
            if (reason != null) {
                return rejected(reason);
            }
        }
        String path = end == length ? target : target.substring(0, end);
        return rewritten && mode != PathNormalization.NONE
                ? new PathCanonicalizer(path, mode, keepEncodedSlashes).target(query)
                : new RequestTarget(path, query, null);
    }

    /// True where a segment is `.` or `..`, its path parameters set aside: one that a rewrite makes of a harmless
    /// path, as prefix `/static` with `/files/` makes `/files/../x` of `/static../x`, leads out of what the route
    /// stands for. Encoded slashes end a segment too: some servers decode them.
    public static boolean hasDotSegment(String path) {
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            if (endsSlash(path, dot) && isDotSegment(path, dot)) {
                return true;
            }
        }
        return false;
    }

    /// Whether `.` or `..` begins at `from` and goes no further than its segment, or its parameters.
    static boolean isDotSegment(CharSequence path, int from) {
        int end = from;
        while (end < path.length() && path.charAt(end) == '.') {
            end++;
        }
        int dots = end - from;
        return (dots == 1 || dots == 2)
                && (end == path.length() || isSlash(path, end) || isEncodedSlash(path, end) || isSemicolon(path, end));
    }

    private static boolean endsSlash(CharSequence path, int end) {
        return end > 0 && (isSlash(path, end - 1) || (end > 2 && isEncodedSlash(path, end - 3)));
    }

    private static boolean isSlash(CharSequence path, int at) {
        return path.charAt(at) == '/' || path.charAt(at) == '\\';
    }

    static boolean isEncodedSlash(CharSequence path, int at) {
        return isEncoding(path, at, '2', 'F') || isEncoding(path, at, '5', 'C');
    }

    /// An encoded semicolon counts too: some servers decode before they cut.
    static boolean isSemicolon(CharSequence path, int at) {
        return at < path.length() && (path.charAt(at) == ';' || isEncoding(path, at, '3', 'B'));
    }

    private static boolean isEncoding(CharSequence path, int at, char digit, char letter) {
        return at + 2 < path.length()
                && path.charAt(at) == '%'
                && path.charAt(at + 1) == digit
                && (path.charAt(at + 2) & ~0x20) == letter;
    }

    static RequestTarget rejected(String reason) {
        return new RequestTarget("", null, reason);
    }

    private static @Nullable String reasonAgainstQuery(String query) {
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                return reasonAgainst(c);
            }
        }
        return null;
    }

    private static String reasonAgainst(char c) {
        return switch (c) {
            case '#' -> "target has a fragment";
            case ' ', '\t' -> "target has a blank";
            case '\\' -> "path has a backslash";
            default -> c < 0x80 ? "target has a control character" : "target has a character beyond ASCII";
        };
    }

    /// Whether a character must be percent-encoded in a path.
    static boolean isEncoded(char c) {
        return "\"<>^`{|}".indexOf(c) >= 0;
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[128];
        for (char c = 0; c < kinds.length; c++) {
            kinds[c] = switch (c) {
                case '/' -> SLASH;
                case '?' -> QUERY;
                case '%', ';' -> REWRITTEN;
                case '\\' -> BACKSLASH;
                case '#' -> REFUSED;
                default -> c <= ' ' || c == 0x7f ? REFUSED : isEncoded(c) ? REWRITTEN : PLAIN;
            };
        }
        return kinds;
    }
}
