package io.sallyport.net;

import org.jspecify.annotations.Nullable;

/// A Host field or `:authority` taken apart, or the reason why it cannot be (RFC 9110, 7.2; RFC 3986, 3.2).
///
/// Stricter than the grammar, because what one reader takes for a host another takes for something else: only
/// letters, digits, `-`, `_` and dots between them, or an IPv6 address in brackets; no userinfo, no list, no
/// percent signs, no empty port.
///
/// @param host lower case, without port and trailing dot; an IPv6 address in brackets and in the form of RFC 5952;
///     empty where the value was refused
/// @param port 1 to 65535, or 0 where there was none
/// @param rejection null, or why the value was refused
public record HostName(String host, int port, @Nullable String rejection) {
    /// The longest name that DNS can carry (RFC 1035, 2.3.4, as text).
    private static final int LONGEST = 253;

    public boolean isRejected() {
        return rejection != null;
    }

    /// Host and port, as far as it has one; the same string where there is none.
    public String authority() {
        return port == 0 ? host : host + ':' + port;
    }

    /// A value that is canonical already comes back as the same string.
    public static HostName parse(String authority) {
        if (authority.isEmpty()) {
            return rejected("host is empty");
        }
        return authority.charAt(0) == '[' ? bracketed(authority) : named(authority);
    }

    private static HostName named(String authority) {
        int length = authority.length();
        int end = length;
        boolean upperCase = false;
        char before = '.';
        for (int i = 0; i < length; i++) {
            char c = authority.charAt(i);
            if (c == ':') {
                end = i;
                break;
            }
            if (c == '.' && before == '.') {
                return rejected("host has an empty label");
            }
            if (!isNameCharacter(c)) {
                return rejected(reasonAgainst(c));
            }
            upperCase |= c >= 'A' && c <= 'Z';
            before = c;
        }
        if (end == 0) {
            return rejected("host is empty");
        }
        int port = end == length ? 0 : port(authority, end + 1);
        if (port < 0) {
            return rejected("host has a bad port");
        }
        int nameEnd = before == '.' ? end - 1 : end;
        if (nameEnd > LONGEST) {
            return rejected("host is longer than " + LONGEST + " characters");
        }
        String host = nameEnd == length ? authority : authority.substring(0, nameEnd);
        return new HostName(upperCase ? AsciiCase.lower(host) : host, port, null);
    }

    private static HostName bracketed(String authority) {
        int close = authority.indexOf(']');
        String address = close < 0 ? null : Ipv6Literal.canonical(authority, 1, close);
        if (address == null) {
            return rejected("host is not an IPv6 address");
        }
        int after = close + 1;
        if (after == authority.length()) {
            return new HostName(address, 0, null);
        }
        int port = authority.charAt(after) == ':' ? port(authority, after + 1) : -1;
        return port < 0 ? rejected("host has a bad port") : new HostName(address, port, null);
    }

    /// 1 to 65535 without leading zeros, or -1.
    private static int port(String authority, int from) {
        int length = authority.length() - from;
        if (length < 1 || length > 5 || authority.charAt(from) == '0') {
            return -1;
        }
        int port = 0;
        for (int i = from; i < authority.length(); i++) {
            char c = authority.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            port = 10 * port + c - '0';
        }
        return port <= 65535 ? port : -1;
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '-' && c <= '9' && c != '/') || (c >= 'A' && c <= 'Z') || c == '_';
    }

    private static String reasonAgainst(char c) {
        return switch (c) {
            case '@' -> "host has userinfo";
            case ',' -> "host is a list";
            case ' ', '\t' -> "host has a blank";
            case '/', '?', '#', '\\' -> "host has a path character";
            default -> "host has a character that no name can have";
        };
    }

    private static HostName rejected(String reason) {
        return new HostName("", 0, reason);
    }
}
