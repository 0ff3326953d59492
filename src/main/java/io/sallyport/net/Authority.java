package io.sallyport.net;

import io.netty.util.NetUtil;

/// The syntax of `Host` and `:authority` (RFC 9110, 7.2): a name, an IPv4 address or a bracketed IPv6 address, and a
/// port.
///
/// Stricter than RFC 3986: percent-encoding and sub-delimiters have no use in a host name and are read differently by
/// different servers; user information is never allowed (RFC 9110, 4.2.4).
public final class Authority {
    private static final int MAX_HOST = 255;
    private static final int MAX_PORT = 65_535;

    private Authority() {}

    /// True for `host`, `host:port`, `[address]` and `[address]:port`, with a port from 1 to 65535 in at most five
    /// digits.
    public static boolean isValid(CharSequence text) {
        int end = endOfHost(text);
        return end > 0 && (end == text.length() || isPort(text, end));
    }

    /// True for a valid authority that names its port.
    public static boolean isValidWithPort(CharSequence text) {
        int end = endOfHost(text);
        return end > 0 && end < text.length() && isPort(text, end);
    }

    /// True if both name the same host and port, where an absent port is the scheme's own. Both must be valid.
    public static boolean isSame(CharSequence one, CharSequence other, String scheme) {
        int end = endOfHost(one);
        return end == endOfHost(other)
                && isSameHost(one, other, end)
                && port(one, end, scheme) == port(other, end, scheme);
    }

    private static boolean isSameHost(CharSequence one, CharSequence other, int end) {
        for (int i = 0; i < end; i++) {
            if (lower(one.charAt(i)) != lower(other.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// True if `host` names no port and is the host of `authority`. Both must be valid, or `host` empty.
    public static boolean isHostOf(CharSequence host, CharSequence authority) {
        int end = endOfHost(host);
        return end == host.length() && end == endOfHost(authority) && isSameHost(host, authority, end);
    }

    /// Where the host ends, or -1 if it is not one.
    private static int endOfHost(CharSequence text) {
        int length = text.length();
        if (length > 0 && text.charAt(0) == '[') {
            return endOfAddress(text);
        }
        char previous = '.';
        int i = 0;
        while (i < length) {
            char c = text.charAt(i);
            if (c == ':') {
                break;
            }
            if (!isHostChar(c) || (c == '.' && previous == '.')) {
                return -1;
            }
            previous = c;
            i++;
        }
        return i == 0 || i > MAX_HOST ? -1 : i;
    }

    private static int endOfAddress(CharSequence text) {
        int length = text.length();
        for (int i = 1; i < length && i < MAX_HOST; i++) {
            if (text.charAt(i) == ']') {
                return NetUtil.isValidIpV6Address(text.subSequence(1, i)) ? i + 1 : -1;
            }
            if (text.charAt(i) == '%') {
                return -1;
            }
        }
        return -1;
    }

    private static boolean isPort(CharSequence text, int colon) {
        int digits = text.length() - colon - 1;
        if (text.charAt(colon) != ':' || digits < 1 || digits > 5) {
            return false;
        }
        int port = 0;
        for (int i = colon + 1; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            port = 10 * port + digit;
        }
        return port > 0 && port <= MAX_PORT;
    }

    private static int port(CharSequence text, int endOfHost, String scheme) {
        return endOfHost == text.length()
                ? (scheme.equals("https") ? 443 : 80)
                : Integer.parseInt(text, endOfHost + 1, text.length(), 10);
    }

    private static boolean isHostChar(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || c == '~';
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }
}
