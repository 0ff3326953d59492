package io.sallyport.route;

import java.util.HexFormat;
import java.util.Locale;
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
/// Refused: a `..` above the root, which Envoy's older normalizer ignores and its newer one refuses; a backslash;
/// `%00`; `%` without two hex digits; percent-encoded bytes that are not UTF-8, overlong forms among them; control and
/// non-ASCII characters, blanks and `#`, which no mode lets through.
///
/// **Encoded slashes** (`%2F`, `%5C`) are kept, refused or decoded, see [EncodedSlashes]. A server that decodes
/// those that are kept sees more segments than a rule does: `/a%2Fb` does not match the prefix `/a/`. But none
/// can be made to climb: a segment in which it would find `.` or `..` (`..%2Fx`, `x%5C%2e%2E`) is refused.
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
    private final EncodedSlashes encodedSlashes;

    /// @param encodedSlashes KEEP leaves it to the mode
    public PathNormalizer(PathNormalization mode, EncodedSlashes encodedSlashes) {
        boolean decoding = mode == PathNormalization.DECODE_AND_MERGE_SLASHES && encodedSlashes == EncodedSlashes.KEEP;
        this.mode = mode;
        this.encodedSlashes = decoding ? EncodedSlashes.DECODE : encodedSlashes;
        this.mergeSlashes = mode.compareTo(PathNormalization.MERGE_SLASHES) >= 0;
    }

    /// For paths of APIs that are not ours to choose, where `//` may mean something: as BASE. So `//a` does not match
    /// `/a`, and rules should name what is allowed.
    public static PathNormalizer forForwardProxy(EncodedSlashes encodedSlashes) {
        return new PathNormalizer(PathNormalization.BASE, encodedSlashes);
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
        if (!rewritten) {
            return new RequestTarget(path, query, null);
        }
        return mode == PathNormalization.NONE
                ? untouched(path, query)
                : new PathCanonicalizer(path, mode, encodedSlashes).target(query);
    }

    /// A path that is not normalized: only the setting for encoded slashes applies.
    private RequestTarget untouched(String path, @Nullable String query) {
        return switch (encodedSlashes) {
            case KEEP -> new RequestTarget(path, query, null);
            case REJECT ->
                hasEncodedSlash(path) ? rejected("path has an encoded slash") : new RequestTarget(path, query, null);
            case DECODE -> new RequestTarget(decodeSlashes(path), query, null);
        };
    }

    private static boolean hasEncodedSlash(String path) {
        for (int at = path.indexOf('%'); at >= 0; at = path.indexOf('%', at + 1)) {
            if (isEncodedSlash(path, at)) {
                return true;
            }
        }
        return false;
    }

    private static String decodeSlashes(String path) {
        if (!hasEncodedSlash(path)) {
            return path;
        }
        StringBuilder decoded = new StringBuilder(path.length());
        for (int at = 0; at < path.length(); at++) {
            boolean slash = isEncodedSlash(path, at);
            decoded.append(slash ? '/' : path.charAt(at));
            at += slash ? 2 : 0;
        }
        return decoded.toString();
    }

    /// The form in which a literal that a path must equal is compared: what [#normalize] makes of a request for it.
    /// Characters that no request may carry as they are (blanks, others beyond ASCII) are percent-encoded first.
    ///
    /// @return the same string where it is canonical; null where no request has such a path
    public @Nullable String literal(String path) {
        if (RequestTarget.isAsterisk(path)) {
            return path;
        }
        if (path.indexOf('?') >= 0) {
            return null;
        }
        RequestTarget target = normalize(encoded(path));
        return target.isRejected() ? null : target.path();
    }

    /// As [#literal], for what a path must begin with. Its last segment may go on in the path, so `/.` and `/a/..` are
    /// no dot segments (`/.well-known`, `/a/..b`), and a percent-encoding may be cut anywhere.
    ///
    /// @return the same string where it is canonical; null where no request has such a path
    public @Nullable String literalPrefix(String prefix) {
        if (prefix.isEmpty() || RequestTarget.isAsterisk(prefix)) {
            return prefix;
        }
        if (prefix.charAt(0) != '/' || prefix.indexOf('?') >= 0) {
            return null;
        }
        String path = encodedSlashes == EncodedSlashes.DECODE ? decodeSlashes(encoded(prefix)) : encoded(prefix);
        int last = path.lastIndexOf('/') + 1;
        RequestTarget head = normalize(path.substring(0, last));
        String tail = openSegment(path.substring(last));
        if (head.isRejected() || tail == null) {
            return null;
        }
        String canonical = head.path().concat(tail);
        return canonical.equals(prefix) ? prefix : canonical;
    }

    /// As [#literal], for what a path must end with.
    ///
    /// @return null where it has dot segments, runs of slashes, or what no request has
    public @Nullable String literalSuffix(String suffix) {
        // A letter before: a suffix may begin anywhere.
        String path = "/x" + encoded(suffix);
        if (suffix.indexOf('?') >= 0 || path.contains("//") || hasDotSegment(path)) {
            return null;
        }
        RequestTarget target = normalize(path);
        return target.isRejected() ? null : target.path().substring(2);
    }

    /// The canonical form of a segment's beginning, or null.
    private @Nullable String openSegment(String segment) {
        for (int end = segment.length(); end >= 0; end = segment.lastIndexOf('%', end - 1)) {
            String cut = segment.substring(end);
            if (!isCutEncoding(cut)) {
                return null;
            }
            // A letter at either end: with these it is no dot segment.
            RequestTarget target = normalize("/x" + segment.substring(0, end) + "x");
            if (!target.isRejected()) {
                String path = target.path();
                return path.substring(2, path.length() - 1).concat(cut.toUpperCase(Locale.ROOT));
            }
            if (end == 0) {
                return null;
            }
        }
        return null;
    }

    /// Whether it is the beginning of one percent-encoded character.
    private static boolean isCutEncoding(String cut) {
        for (int i = 0; i < cut.length(); i++) {
            char c = cut.charAt(i);
            boolean fits =
                    switch (i % 3) {
                        case 0 -> c == '%';
                        case 1 -> cut.length() - i > 1 ? "89abcdefABCDEF".indexOf(c) >= 0 : HexFormat.isHexDigit(c);
                        default -> HexFormat.isHexDigit(c);
                    };
            if (!fits) {
                return false;
            }
        }
        return cut.length() < 12;
    }

    private static String encoded(String path) {
        StringBuilder encoded = null;
        for (int i = 0; i < path.length(); ) {
            int c = path.codePointAt(i);
            if (c == ' ' || c >= 0x80) {
                encoded = encoded == null ? new StringBuilder().append(path, 0, i) : encoded;
                UriText.encode(encoded, c);
            } else if (encoded != null) {
                encoded.append((char) c);
            }
            i += Character.charCount(c);
        }
        return encoded == null ? path : encoded.toString();
    }

    /// True where a segment is `.` or `..`, plain or percent-encoded, its path parameters set aside: one that a
    /// rewrite makes of a harmless path, as prefix `/static` with `/files/` makes `/files/../x` of `/static../x`,
    /// leads out of what the route stands for. Encoded slashes end a segment too: some servers decode them.
    public static boolean hasDotSegment(String path) {
        for (int at = 1; at < path.length(); at++) {
            if (endsSlash(path, at) && isDotSegment(path, at, true)) {
                return true;
            }
        }
        return false;
    }

    /// Characters that a dot takes; 0 where there is none.
    private static int dotLength(CharSequence path, int at, boolean encoded) {
        if (at < path.length() && path.charAt(at) == '.') {
            return 1;
        }
        return encoded && isEncoding(path, at, '2', 'E') ? 3 : 0;
    }

    /// Whether `.` or `..` begins at `from` and goes no further than its segment, or its parameters.
    static boolean isDotSegment(CharSequence path, int from) {
        return isDotSegment(path, from, false);
    }

    private static boolean isDotSegment(CharSequence path, int from, boolean encoded) {
        int end = from;
        int dots = 0;
        for (int length = dotLength(path, end, encoded); length > 0; length = dotLength(path, end, encoded)) {
            end += length;
            dots++;
        }
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
