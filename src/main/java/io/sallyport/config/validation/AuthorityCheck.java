package io.sallyport.config.validation;

import io.sallyport.config.problem.Quote;
import io.sallyport.config.problem.ResourceProblem;
import io.sallyport.config.yaml.Place;

/// Authorities that a route sets: what the gateway would take in a `Host` field itself, and nothing else. Names are as
/// wide as there: underscores pass, because hosts that are not in DNS have them.
final class AuthorityCheck {
    private static final int MAX_HOST = 255;
    private static final int MAX_PORT_DIGITS = 5;

    private AuthorityCheck() {}

    /// White space around the text is ignored.
    static void check(String text, Place place) {
        String authority = text.strip();
        int colon = authority.lastIndexOf(':');
        boolean port = colon > authority.lastIndexOf(']');
        String host = port ? authority.substring(0, colon) : authority;
        if (!isHost(host) || (port && !isPort(authority.substring(colon + 1)))) {
            String message = Quote.of(text) + " is not an authority";
            place.report(ResourceProblem.BAD_AUTHORITY, message, "write host, host:port or [address]:port in ASCII");
        }
    }

    private static boolean isHost(String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            String address = host.substring(1, host.length() - 1);
            return address.indexOf(':') >= 0 && address.indexOf('%') < 0 && IpAddresses.isAddress(address);
        }
        return !host.isEmpty()
                && host.length() <= MAX_HOST
                && !host.startsWith(".")
                && !host.contains("..")
                && host.chars().allMatch(AuthorityCheck::isHostCharacter);
    }

    private static boolean isHostCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0;
    }

    private static boolean isPort(String digits) {
        return !digits.isEmpty()
                && digits.length() <= MAX_PORT_DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && Integer.parseInt(digits) >= 1
                && Integer.parseInt(digits) <= 65_535;
    }
}
