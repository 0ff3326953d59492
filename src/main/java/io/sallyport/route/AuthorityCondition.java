package io.sallyport.route;

import io.sallyport.net.AsciiCase;
import io.sallyport.net.HostName;

/// Whether a condition on the authority holds, which one address may be written in several ways. A literal may name the
/// scheme's own port or the listener's, or leave it out; prefixes and regular expressions hold where they match the
/// authority without such a port or as the client named it.
final class AuthorityCondition {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private AuthorityCondition() {}

    static boolean holds(StringMatcher condition, RequestView request) {
        String authority = request.authority();
        if (condition.matches(authority)) {
            return true;
        }
        if (condition instanceof StringMatcher.Exact exact) {
            return namesOwnPort(exact.value(), authority, request);
        }
        String named = request.namedAuthority();
        return named.length() != authority.length() && condition.matches(named);
    }

    private static boolean namesOwnPort(String literal, String authority, RequestView request) {
        int length = authority.length();
        if (literal.length() <= length || literal.charAt(length) != ':' || !AsciiCase.startsWith(literal, authority)) {
            return false;
        }
        int port = HostName.parse(literal).port();
        return port != 0 && (port == request.port() || isSchemesOwn(port, request.scheme()));
    }

    static boolean isSchemesOwn(int port, String scheme) {
        return port == (scheme.equals("https") ? HTTPS : HTTP);
    }
}
