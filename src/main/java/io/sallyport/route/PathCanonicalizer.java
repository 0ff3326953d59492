package io.sallyport.route;

import io.sallyport.net.PercentEncoding;
import org.jspecify.annotations.Nullable;

/// The slow path of [PathNormalizer]: rewrites one path. Used once.
final class PathCanonicalizer {
    private final String path;
    private final PathNormalization mode;
    private final EncodedSlashes encodedSlashes;
    private final StringBuilder out;

    /// Where the segment that is being written begins in `out`: behind a slash.
    private int segment;

    /// The segment has an encoded slash.
    private boolean encodedSlash;

    private @Nullable String rejection;

    /// @param path begins with `/`, holds neither `?` nor a character that every mode refuses
    PathCanonicalizer(String path, PathNormalization mode, EncodedSlashes encodedSlashes) {
        this.path = path;
        this.mode = mode;
        this.encodedSlashes = encodedSlashes;
        this.out = new StringBuilder(path.length() + 8).append('/');
        this.segment = 1;
    }

    RequestTarget target(@Nullable String query) {
        int at = 1;
        while (at < path.length() && rejection == null) {
            char c = path.charAt(at);
            if (c == '%') {
                at = percent(at);
            } else {
                at++;
                if (c == '/') {
                    endSegment(false);
                } else if (PathNormalizer.isEncoded(c)) {
                    UriText.encodeByte(out, c);
                } else {
                    out.append(c);
                }
            }
        }
        if (rejection == null) {
            endSegment(true);
        }
        if (rejection != null) {
            return PathNormalizer.rejected(rejection);
        }
        if (mode.compareTo(PathNormalization.MERGE_SLASHES) >= 0) {
            mergeSlashes();
        }
        String canonical = out.toString();
        return new RequestTarget(canonical.equals(path) ? path : canonical, query, null);
    }

    /// Takes the percent-encoding at `at` and, where it begins a multi-byte character, those that complete it.
    private int percent(int at) {
        int value = PercentEncoding.octet(path, at);
        if (value < 0) {
            return reject("path has a % without two hex digits");
        }
        if (value == 0) {
            return reject("path has an encoded NUL");
        }
        if (value >= 0x80) {
            return multiByte(at, value);
        }
        if (value == '/' || value == '\\') {
            return encodedSlash(at, value);
        }
        if (isUnreserved(value)) {
            out.append((char) value);
        } else {
            UriText.encodeByte(out, value);
        }
        return at + 3;
    }

    private int encodedSlash(int at, int value) {
        switch (encodedSlashes) {
            case KEEP -> {
                UriText.encodeByte(out, value);
                encodedSlash = true;
            }
            case REJECT -> {
                return reject(value == '/' ? "path has an encoded slash" : "path has an encoded backslash");
            }
            case DECODE -> endSegment(false);
        }
        return at + 3;
    }

    /// Copies one character of two to four bytes, which must be the only UTF-8 form of it (RFC 3629, 4).
    private int multiByte(int at, int lead) {
        int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        int second = PercentEncoding.octet(path, at + 3);
        boolean valid =
                switch (lead) {
                    case 0xE0 -> second >= 0xA0;
                    case 0xED -> second < 0xA0;
                    case 0xF0 -> second >= 0x90;
                    case 0xF4 -> second < 0x90;
                    default -> lead >= 0xC2 && lead <= 0xF4;
                };
        if (!valid) {
            return reject("path has percent-encoded bytes that are not UTF-8");
        }
        UriText.encodeByte(out, lead);
        for (int i = 1; i < length; i++) {
            int next = PercentEncoding.octet(path, at + 3 * i);
            if (next < 0 || next >> 6 != 0b10) {
                return reject("path has percent-encoded bytes that are not UTF-8");
            }
            UriText.encodeByte(out, next);
        }
        return at + 3 * length;
    }

    /// Resolves the segment that ends here (RFC 3986, 5.2.4).
    private void endSegment(boolean last) {
        if (encodedSlash && hidesDotSegment()) {
            reject("path has a dot segment beside an encoded slash");
            return;
        }
        encodedSlash = false;
        int length = out.length() - segment;
        int dots = 0;
        while (dots < length && out.charAt(segment + dots) == '.') {
            dots++;
        }
        boolean parameters = PathNormalizer.isSemicolon(out, segment + dots);
        if (parameters && (dots == 1 || dots == 2 || (dots == 0 && !last))) {
            reject("path has parameters on an empty or dot segment");
        } else if (dots == 1 && length == 1) {
            out.setLength(segment);
        } else if (dots == 2 && length == 2) {
            if (segment == 1) {
                reject("path leads above the root");
                return;
            }
            segment = out.lastIndexOf("/", segment - 2) + 1;
            out.setLength(segment);
        } else if (!last) {
            out.append('/');
            segment = out.length();
        }
    }

    /// Whether a server that decodes slashes would find a dot segment in this one.
    private boolean hidesDotSegment() {
        if (PathNormalizer.isDotSegment(out, segment)) {
            return true;
        }
        for (int at = segment; at < out.length(); at++) {
            if (PathNormalizer.isEncodedSlash(out, at) && PathNormalizer.isDotSegment(out, at + 3)) {
                return true;
            }
        }
        return false;
    }

    private void mergeSlashes() {
        int kept = 1;
        for (int i = 1; i < out.length(); i++) {
            char c = out.charAt(i);
            if (c != '/' || out.charAt(kept - 1) != '/') {
                out.setCharAt(kept++, c);
            }
        }
        out.setLength(kept);
    }

    private static boolean isUnreserved(int c) {
        int letter = c | 0x20;
        return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0;
    }

    /// @return where no more characters are
    private int reject(String reason) {
        rejection = reason;
        return path.length();
    }
}
