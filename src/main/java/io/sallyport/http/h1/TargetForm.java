package io.sallyport.http.h1;

import io.netty.util.AsciiString;
import io.sallyport.http.HttpVersion;
import io.sallyport.http.Methods;
import io.sallyport.http.RequestHead;
import io.sallyport.net.Authority;
import io.sallyport.net.LastAuthority;
import org.jspecify.annotations.Nullable;

/// Makes authority and path of a request target and `Host` (RFC 9112, 3.2 and 3.3), refusing every form where it does
/// not belong.
final class TargetForm {
    private static final String[] SCHEMES = {"http", "https"};

    private TargetForm() {}

    /// Fills in the head's authority and path.
    ///
    /// @param host the one `Host` field's value, or null where there is none
    /// @param last of the connection
    /// @param forwardProxy as in [Http1Options]
    static void resolve(
            RequestHead head, String target, @Nullable AsciiString host, LastAuthority last, boolean forwardProxy) {
        if (host == null || host.isEmpty()) {
            if (head.version == HttpVersion.HTTP_1_1) {
                throw MalformedMessage.badRequest("http1.no_host");
            }
        } else {
            String authority = last.read(host);
            if (authority == null) {
                throw MalformedMessage.badRequest("http1.host");
            }
            head.authority = authority;
        }
        if (head.method.equals(Methods.CONNECT)) {
            authorityForm(head, target, forwardProxy);
        } else if (target.charAt(0) == '/') {
            head.path = target;
        } else if (target.equals("*")) {
            if (!head.method.equals(Methods.OPTIONS)) {
                throw MalformedMessage.badRequest("http1.target");
            }
            head.path = target;
        } else {
            absoluteForm(head, target, forwardProxy);
        }
    }

    private static void authorityForm(RequestHead head, String target, boolean forwardProxy) {
        if (!Authority.isValidWithPort(target)) {
            throw MalformedMessage.badRequest("http1.target");
        }
        if (forwardProxy && Authority.isHostOf(head.authority, target)) {
            head.authority = target;
        } else {
            takeAuthority(head, target);
        }
        head.path = "";
    }

    private static void absoluteForm(RequestHead head, String target, boolean forwardProxy) {
        int colon = target.indexOf(':');
        if (colon < 0 || !target.startsWith("//", colon + 1)) {
            throw MalformedMessage.badRequest("http1.target");
        }
        head.scheme = schemeOf(target, colon, forwardProxy ? null : head.scheme);
        int start = colon + 3;
        int end = start;
        while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
            end++;
        }
        String authority = target.substring(start, end);
        if (!Authority.isValid(authority)) {
            throw MalformedMessage.badRequest("http1.target");
        }
        takeAuthority(head, authority);
        head.path = pathOf(head.method, target, end);
        head.absoluteForm = true;
    }

    /// @param required the only scheme to take, or null for either
    private static String schemeOf(String target, int length, @Nullable String required) {
        for (String scheme : SCHEMES) {
            if (scheme.length() == length && target.regionMatches(true, 0, scheme, 0, length)) {
                if (required == null || required.equals(scheme)) {
                    return scheme;
                }
            }
        }
        throw MalformedMessage.badRequest("http1.scheme");
    }

    /// An empty path is `/`, and for OPTIONS without a query `*` (RFC 9112, 3.2.4).
    private static String pathOf(String method, String target, int end) {
        if (end == target.length()) {
            return method.equals(Methods.OPTIONS) ? "*" : "/";
        }
        return target.charAt(end) == '?' ? "/" + target.substring(end) : target.substring(end);
    }

    /// The target's authority counts; a `Host` that differs would mislead any server that reads that instead.
    private static void takeAuthority(RequestHead head, String authority) {
        if (!head.authority.isEmpty() && !Authority.isSame(head.authority, authority, head.scheme)) {
            throw MalformedMessage.badRequest("http1.host_differs_from_target");
        }
        head.authority = authority;
    }
}
