package io.sallyport.route;

import io.netty.util.AsciiString;
import io.sallyport.net.AsciiCase;

/// A condition on one header field (`HTTPMatchRequest.headers`, and inverted `withoutHeaders`).
///
/// @param name in lower case
/// @param value what the field's values, joined by `,`, must be
/// @param inverse true for `withoutHeaders`: the value must not match. An absent field then counts as an empty one,
///     so that `regex: .*` refuses it, except for [StringMatcher.Present], which asks for absence. Both as Istio
///     translates it for Envoy (`invert_match` with `treat_missing_header_as_empty`).
public record HeaderMatch(AsciiString name, StringMatcher value, boolean inverse) {
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString AUTHORITY = AsciiString.cached(":authority");

    /// @param name in any case
    public HeaderMatch(String name, StringMatcher value, boolean inverse) {
        this(AsciiString.cached(AsciiCase.lower(name)), value, inverse);
    }

    public boolean matches(RequestView request) {
        if (isAuthority(name)) {
            return inverse != AuthorityCondition.holds(value, request);
        }
        CharSequence actual = request.header(name);
        if (inverse) {
            if (actual == null) {
                return value instanceof StringMatcher.Present || !value.matches("");
            }
            return !value.matches(actual);
        }
        return actual != null && value.matches(actual);
    }

    private static boolean isAuthority(AsciiString name) {
        return switch (name.length()) {
            case 4 -> name.equals(HOST);
            case 10 -> name.equals(AUTHORITY);
            default -> false;
        };
    }
}
