package io.sallyport.net;

/// The syntax of `Host` and `:authority` (RFC 9110, 7.2; RFC 3986, 3.2): a name, an IPv4 address or a bracketed IPv6
/// address, and a port. [HostName] is the canonical form of what is valid here.
///
/// Stricter than RFC 3986, because what one reader takes for a host another takes for something else: names consist of
/// letters, digits, `-`, `_` and dots between them; there is no user information (RFC 9110, 4.2.4), no list, no
/// percent-encoding, no empty port.
public final class Authority {
    /// The longest name that DNS can carry (RFC 1035, 2.3.4, as text), without a trailing dot.
    static final int MAX_NAME = 253;

    private static final int MAX_PORT = 65_535;
    /// A bracketed address: eight groups of which two are a dotted quad (RFC 4291, 2.2).
    private static final int MAX_ADDRESS = 47;

    private Authority() {}

    /// True for `host`, `host:port`, `[address]` and `[address]:port`, with a port from 1 to 65535 without leading
    /// zeros.
    public static boolean isValid(CharSequence text) {
        int end = endOfHost(text);
        return end > 0 && port(text, end) >= 0;
    }

    /// True for a valid authority that names its port.
    public static boolean isValidWithPort(CharSequence text) {
        int end = endOfHost(text);
        return end > 0 && port(text, end) > 0;
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
            if (AsciiCase.lower(one.charAt(i)) != AsciiCase.lower(other.charAt(i))) {
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

    /// The index behind the host, at the colon of a port if there is one, or -1 if the text does not begin with a host.
    static int endOfHost(CharSequence text) {
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
            if (!isNameCharacter(c) || (c == '.' && previous == '.')) {
                return -1;
            }
            previous = c;
            i++;
        }
        return i == 0 || i > (previous == '.' ? MAX_NAME + 1 : MAX_NAME) ? -1 : i;
    }

    private static int endOfAddress(CharSequence text) {
        int close = 1;
        int limit = Math.min(text.length(), MAX_ADDRESS);
        while (close < limit && text.charAt(close) != ']') {
            close++;
        }
        boolean address =
                close < limit && Ipv6Literal.parse(text.subSequence(1, close).toString()) != null;
        return address ? close + 1 : -1;
    }

    static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '-' && c <= '9' && c != '/') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    /// The port behind the host, 0 if there is none, or -1 if what stands there is no port.
    static int port(CharSequence text, int endOfHost) {
        int length = text.length();
        if (endOfHost == length) {
            return 0;
        }
        int from = endOfHost + 1;
        if (text.charAt(endOfHost) != ':' || from == length || length - from > 5 || text.charAt(from) == '0') {
            return -1;
        }
        int port = 0;
        for (int i = from; i < length; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            port = 10 * port + digit;
        }
        return port <= MAX_PORT ? port : -1;
    }

    private static int port(CharSequence text, int endOfHost, String scheme) {
        int named = port(text, endOfHost);
        return named != 0 ? named : scheme.equals("https") ? 443 : 80;
    }
}
