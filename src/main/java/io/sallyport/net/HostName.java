package io.sallyport.net;

import org.jspecify.annotations.Nullable;

/// A `Host` field or `:authority` in canonical form, or the reason why it is refused. [Authority] has the syntax.
///
/// @param host lower case, without port and trailing dot; an IPv6 address in brackets and in the form of RFC 5952;
///     empty if the value was refused
/// @param port 1 to 65535, or 0 if there was none
/// @param rejection null, or why the value was refused
public record HostName(String host, int port, @Nullable String rejection) {
    public boolean isRejected() {
        return rejection != null;
    }

    /// The host with its port, if it has one; else the same string as the host.
    public String authority() {
        return port == 0 ? host : host + ':' + port;
    }

    /// A value that is canonical already is returned as the same string.
    public static HostName parse(String authority) {
        int end = Authority.endOfHost(authority);
        if (end < 0) {
            return rejected(reasonAgainst(authority));
        }
        int port = Authority.port(authority, end);
        if (port < 0) {
            return rejected("host has a bad port");
        }
        String address = authority.charAt(0) == '[' ? Ipv6Literal.canonical(authority.substring(1, end - 1)) : null;
        return new HostName(address == null ? canonical(authority, end) : address, port, null);
    }

    /// A name without a port, such as the server name of TLS, in canonical form; null if the text is none.
    public static @Nullable String canonical(String name) {
        int end = Authority.endOfHost(name);
        return end < 0 || end < name.length() || name.charAt(0) == '[' ? null : canonical(name, end);
    }

    private static String canonical(String text, int endOfName) {
        int end = text.charAt(endOfName - 1) == '.' ? endOfName - 1 : endOfName;
        return AsciiCase.lower(end == text.length() ? text : text.substring(0, end));
    }

    private static String reasonAgainst(String authority) {
        if (authority.startsWith("[")) {
            return "host is not an IPv6 address";
        }
        char previous = '.';
        for (int i = 0; i < authority.length() && authority.charAt(i) != ':'; i++) {
            char c = authority.charAt(i);
            if (c == '.' && previous == '.') {
                return "host has an empty label";
            }
            if (!Authority.isNameCharacter(c)) {
                return reasonAgainst(c);
            }
            previous = c;
        }
        return authority.isEmpty() || authority.charAt(0) == ':'
                ? "host is empty"
                : "host is longer than " + Authority.MAX_NAME + " characters";
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
