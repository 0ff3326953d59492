package io.sallyport.policy;

import java.util.ArrayList;
import java.util.List;

/// The paths that servers may see in one canonical path: some decode an encoded slash, drop path parameters (`;x`), or
/// merge slashes, before they look. What denies holds for any of the readings; what allows must hold for all.
final class PathReadings {
    private static final int KINDS = 4;

    private PathReadings() {}

    /// Whether there is only the path as it is.
    static boolean isPlain(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == ';'
                    || (c == '%'
                            && (isEncoding(path, i, "2F") || isEncoding(path, i, "5C") || isEncoding(path, i, "3B")))
                    || (c == '/' && i + 1 < path.length() && path.charAt(i + 1) == '/')) {
                return false;
            }
        }
        return true;
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
            if ((kinds & 8) != 0) {
                reading = reading.replace("%5C", "/");
            }
            if ((kinds & 2) != 0) {
                reading = withoutParameters(reading);
            }
            if ((kinds & 4) != 0) {
                reading = merged(reading);
            }
            if (!readings.contains(reading)) {
                readings.add(reading);
            }
        }
        return readings;
    }

    private static String withoutParameters(String path) {
        StringBuilder kept = new StringBuilder(path.length());
        boolean parameters = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            parameters = c != '/' && (parameters || c == ';' || (c == '%' && isEncoding(path, i, "3B")));
            if (!parameters) {
                kept.append(c);
            }
        }
        return kept.toString();
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

    private static boolean isEncoding(String path, int at, String digits) {
        return path.startsWith(digits, at + 1);
    }
}
