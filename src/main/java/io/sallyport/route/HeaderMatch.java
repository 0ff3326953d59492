package io.sallyport.route;

import io.netty.util.AsciiString;
import io.sallyport.net.AsciiCase;
import org.jspecify.annotations.Nullable;

/// A condition on one header field (`HTTPMatchRequest.headers`, and inverted `withoutHeaders`).
///
/// @param name in lower case
/// @param value what the field's values, joined by `,`, must be
/// @param inverse true for `withoutHeaders`: the value must not match. An absent field then counts as an empty one,
///     so that `regex: .*` refuses it, except for [StringMatch.Present], which asks for absence. Both as Istio
///     translates it for Envoy (`invert_match` with `treat_missing_header_as_empty`).
public record HeaderMatch(AsciiString name, StringMatch value, boolean inverse) {
    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString AUTHORITY = AsciiString.cached(":authority");

    /// @param name in any case
    public HeaderMatch(String name, StringMatch value, boolean inverse) {
        this(AsciiString.cached(AsciiCase.lower(name)), value, inverse);
    }

    public boolean matches(RequestView request) {
        if (isAuthority(name)) {
            return inverse != AuthorityCondition.holds(value, request);
        }
        CharSequence actual = request.header(name);
        if (inverse) {
            if (actual == null) {
                return value instanceof StringMatch.Present || !value.matches("");
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

    /// Why [#matches] is false, or null where it is true.
    @Nullable
    String mismatch(RequestView request) {
        if (matches(request)) {
            return null;
        }
        String actual = Quote.orAbsent(request.header(name));
        return inverse
                ? "withoutHeaders " + name + ": " + value.describeQuoted() + " matches " + actual
                : "header " + name + ": " + value.describeQuoted() + " does not match " + actual;
    }
}
