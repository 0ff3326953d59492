package io.sallyport.net;

import org.jspecify.annotations.Nullable;

/// One spelling for every IPv6 address (RFC 5952): the JDK parses them too, but by exceptions and with zones.
public final class Ipv6Literal {
    private static final int GROUPS = 8;

    private Ipv6Literal() {}

    /// The address between `from` and `to` in canonical form with brackets, or null where it is none.
    public static @Nullable String canonical(String text, int from, int to) {
        int[] groups = new int[GROUPS];
        return parse(text, from, to, groups) ? format(groups) : null;
    }

    private static boolean parse(String text, int from, int to, int[] groups) {
        int count = 0;
        int gap = -1;
        int at = from;
        if (text.startsWith("::", from)) {
            gap = 0;
            at += 2;
        }
        while (at < to) {
            if (count == GROUPS) {
                return false;
            }
            int end = at;
            int value = 0;
            while (end < to && end - at < 4 && Character.digit(text.charAt(end), 16) >= 0 && text.charAt(end) < 128) {
                value = (value << 4) | Character.digit(text.charAt(end++), 16);
            }
            if (end < to && text.charAt(end) == '.') {
                return count <= 6 && parseIpv4(text, at, to, groups, count) && fill(groups, count + 2, gap);
            }
            if (end == at) {
                return false;
            }
            groups[count++] = value;
            if (end == to) {
                break;
            }
            if (text.charAt(end) != ':' || end + 1 == to) {
                return false;
            }
            at = end + 1;
            if (text.charAt(at) == ':') {
                if (gap >= 0) {
                    return false;
                }
                gap = count;
                at++;
            }
        }
        return fill(groups, count, gap);
    }

    /// Moves what stands behind the `::` to the end.
    private static boolean fill(int[] groups, int count, int gap) {
        if (gap < 0) {
            return count == GROUPS;
        }
        int moved = count - gap;
        for (int i = 0; i < moved && count < GROUPS; i++) {
            groups[GROUPS - 1 - i] = groups[count - 1 - i];
            groups[count - 1 - i] = 0;
        }
        return count < GROUPS;
    }

    private static boolean parseIpv4(String text, int from, int to, int[] groups, int group) {
        int at = from;
        for (int part = 0; part < 4; part++) {
            int start = at;
            int value = 0;
            while (at < to && at - start < 3 && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                value = 10 * value + text.charAt(at++) - '0';
            }
            boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
            boolean ended = part == 3 ? at == to : at < to && text.charAt(at) == '.';
            if (at == start || value > 255 || leadingZero || !ended) {
                return false;
            }
            groups[group + part / 2] = (groups[group + part / 2] << 8) | value;
            at++;
        }
        return true;
    }

    private static String format(int[] groups) {
        int gapStart = -1;
        int gapLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > gapLength) {
                gapStart = i;
                gapLength = end - i;
            }
            i = Math.max(i, end);
        }
        StringBuilder text = new StringBuilder(41).append('[');
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapStart) {
                text.append("::");
                i += gapLength - 1;
            } else {
                text.append(i == 0 || (gapStart >= 0 && i == gapStart + gapLength) ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.append(']').toString();
    }
}
