package io.sallyport.policy;

import io.sallyport.net.PercentEncoding;
import io.sallyport.route.RequestTarget;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;

/// The paths that servers may see in one canonical path: some decode an encoded slash or another reserved
/// character, drop path parameters (`;x`), or merge slashes, before they look. What denies holds for any of the
/// readings; what allows must hold for all.
final class PathReadings {
    /// Characters that a path may hold both ways, and the canonical form leaves as they are (RFC 3986, 2.2).
    private static final String RESERVED = "!$&'()*+,:;=@[]";
    /// Those that are one way only, and that some servers take for a slash when they decode.
    private static final String SLASHES = "/\\";
    /// What servers do one after the other. Some decode slashes before they look for path parameters, some behind
    /// that: then `;x%2Fy` is gone as a whole. So it is with an encoded semicolon, which is one or the end of the
    /// path.
    private static final List<UnaryOperator<String>> STEPS = List.of(
            path -> slashed(path, '/'),
            path -> slashed(path, '\\'),
            path -> RequestTarget.withoutParameters(path, false),
            path -> RequestTarget.withoutParameters(path, true),
            path -> slashed(path, '/'),
            path -> slashed(path, '\\'),
            PathReadings::decoded,
            PathReadings::merged);

    private PathReadings() {}

    /// Whether there is only the path as it is.
    static boolean isPlain(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == ';' || (c == '%' && isOpen(path, i)) || (c == '/' && path.startsWith("/", i + 1))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOpen(String path, int percent) {
        int octet = PercentEncoding.octet(path, percent);
        return octet >= 0 && (RESERVED.indexOf(octet) >= 0 || SLASHES.indexOf(octet) >= 0);
    }

    /// All of them, each once, first the path as it is; at most 108.
    ///
    /// @param path canonical: hex digits are in upper case, and there is no dot segment in any reading
    static List<String> of(String path) {
        Set<String> readings = new LinkedHashSet<>();
        readings.add(path);
        for (UnaryOperator<String> step : STEPS) {
            for (String reading : List.copyOf(readings)) {
                readings.add(step.apply(reading));
            }
        }
        return new ArrayList<>(readings);
    }

    /// With reserved characters, but for those that divide a path, as they are.
    static String decoded(String path) {
        return decoded(path, RESERVED, false);
    }

    /// With a slash where this character is encoded.
    private static String slashed(String path, char encoded) {
        return decoded(path, encoded == '/' ? "/" : "\\", true);
    }

    private static String decoded(String path, String characters, boolean slash) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        StringBuilder decoded = new StringBuilder(path.length());
        int at = 0;
        while (at < path.length()) {
            int octet = PercentEncoding.octet(path, at);
            boolean chosen = octet >= 0 && characters.indexOf(octet) >= 0;
            decoded.append(!chosen ? path.charAt(at) : slash ? '/' : (char) octet);
            at += chosen ? PercentEncoding.LENGTH : 1;
        }
        return decoded.toString();
    }

    /// As the canonical form has them.
    static String upperCaseEncodings(String path) {
        StringBuilder canonical = new StringBuilder(path);
        for (int at = path.indexOf('%'); at >= 0 && at + 2 < path.length(); at = path.indexOf('%', at + 1)) {
            canonical.replace(at + 1, at + 3, path.substring(at + 1, at + 3).toUpperCase(Locale.ROOT));
        }
        return canonical.toString();
    }

    private static String merged(String path) {
        StringBuilder kept = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) != '/' || i == 0 || path.charAt(i - 1) != '/') {
                kept.append(path.charAt(i));
            }
        }
        return kept.toString();
    }
}
