package io.sallyport.policy;

import io.sallyport.net.PercentEncoding;
import io.sallyport.route.RequestTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The paths that servers may see in one canonical path: some decode an encoded slash or another reserved
/// character, drop path parameters (`;x`), or merge slashes, before they look. What denies holds for any of the
/// readings; what allows must hold for all.
final class PathReadings {
    private static final int KINDS = 5;
    /// Characters that a path may hold both ways, and the canonical form leaves as they are (RFC 3986, 2.2).
    private static final String RESERVED = "!$&'()*+,:=@";

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
        return isEncoding(path, percent, "2F")
                || isEncoding(path, percent, "5C")
                || isEncoding(path, percent, "3B")
                || reserved(path, percent) >= 0;
    }

    /// All of them, each once, first the path as it is.
    ///
    /// @param path canonical: hex digits are in upper case, and there is no dot segment in any reading
    static List<String> of(String path) {
        List<String> readings = new ArrayList<>();
        for (int kinds = 0; kinds < 1 << KINDS; kinds++) {
            String reading = path;
            if ((kinds & 1) != 0) {
                reading = reading.replace("%2F", "/");
            }
            if ((kinds & 2) != 0) {
                reading = reading.replace("%5C", "/");
            }
            if ((kinds & 4) != 0) {
                reading = RequestTarget.withoutParameters(reading);
            }
            if ((kinds & 8) != 0) {
                reading = merged(reading);
            }
            if ((kinds & 16) != 0) {
                reading = decoded(reading);
            }
            if (!readings.contains(reading)) {
                readings.add(reading);
            }
        }
        return readings;
    }

    /// With reserved characters, but for those that divide a path, as they are.
    static String decoded(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        StringBuilder decoded = new StringBuilder(path.length());
        int at = 0;
        while (at < path.length()) {
            int reserved = reserved(path, at);
            decoded.append(reserved < 0 ? path.charAt(at) : RESERVED.charAt(reserved));
            at += reserved < 0 ? 1 : PercentEncoding.LENGTH;
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

    /// The place in [#RESERVED] of the character that is encoded there, or -1.
    private static int reserved(String path, int percent) {
        int octet = PercentEncoding.octet(path, percent);
        return octet < 0 ? -1 : RESERVED.indexOf(octet);
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

    private static boolean isEncoding(String path, int percent, String digits) {
        return path.startsWith(digits, percent + 1);
    }
}
