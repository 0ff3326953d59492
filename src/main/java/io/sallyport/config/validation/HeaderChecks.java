package io.sallyport.config.validation;

import io.sallyport.config.model.Headers;
import io.sallyport.config.model.JwtSvidValue;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.format.FormatException;
import io.sallyport.format.FormatParser;
import io.sallyport.jwt.ClaimPath;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Names and values of header fields.
final class HeaderChecks {
    private static final Set<String> PSEUDO = Set.of(":method", ":scheme", ":authority", ":path", ":status");
    /// Changing what frames a message would desynchronise the connection.
    private static final Set<String> FRAMING = Set.of("content-length", "transfer-encoding");
    private static final Set<String> OF_THE_HOP =
            Set.of("connection", "expect", "keep-alive", "proxy-connection", "upgrade");

    private HeaderChecks() {}

    /// A token (RFC 9110, 5.6.2).
    static boolean isName(String name) {
        if (name.isEmpty() || name.length() > 1024) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    /// Whether it is the name of a header field, or of a pseudo-header of requests, in upper or lower case.
    static boolean isRequestName(String name) {
        return isName(name) || PSEUDO.contains(name.toLowerCase(Locale.ROOT));
    }

    /// The name of a header to match, or of a claim.
    static void matchName(String name, Place place) {
        if (ClaimPath.isRoute(name)) {
            if (ClaimPath.ofRoute(name).isEmpty()) {
                String message = Quote.of(name) + " does not name a claim";
                place.report(ProblemCode.BAD_CLAIM, message, "write " + ClaimPath.ROUTE + "[outer][inner]");
            }
        } else if (!isRequestName(name)) {
            place.report(ProblemCode.BAD_HEADER_NAME, Quote.of(name) + " is not a header's name");
        }
    }

    /// A header in corsPolicy, where `*` is all.
    static void corsName(String name, Place place) {
        if (!isName(name)) {
            place.report(ProblemCode.BAD_CORS, Quote.of(name) + " is not a header's name");
        }
    }

    static void operations(@Nullable Headers headers, Place place) {
        if (headers == null) {
            return;
        }
        operations(headers.request(), place.field("request"), true);
        operations(headers.response(), place.field("response"), false);
    }

    private static void operations(Headers.@Nullable Operations operations, Place place, boolean request) {
        if (operations == null) {
            return;
        }
        values(operations.set(), place.field("set"), request, request);
        values(operations.add(), place.field("add"), request, false);
        List<String> remove = operations.remove();
        for (int i = 0; i < remove.size(); i++) {
            operationName(remove.get(i), place.field("remove").index(i), false);
        }
    }

    /// @param credentialsAllowed JWT-SVIDs of the gateway's own: in place of what a client has sent, and not beside it
    private static void values(
            Map<String, String> values, Place place, boolean authorityAllowed, boolean credentialsAllowed) {
        values.forEach((name, value) -> {
            operationName(name, place.key(name), authorityAllowed);
            if (OF_THE_HOP.contains(name.toLowerCase(Locale.ROOT))) {
                String message = Quote.of(name) + " is between neighbours; the gateway's own is sent, not this one";
                place.key(name).report(ProblemCode.HEADER_NOT_SENT, message);
            }
            if (isAuthority(name) && authorityAllowed) {
                Checks.authority(value, place.key(name));
            } else {
                value(value, place.key(name), credentialsAllowed);
            }
        });
    }

    static boolean isAuthority(String name) {
        return name.equalsIgnoreCase(":authority") || name.equalsIgnoreCase("host");
    }

    /// The name of a header that the gateway adds by itself, as Istio has it: letters, digits, `-` and `_`.
    static void addedName(String name, Place place) {
        if (name.chars().allMatch(c -> c == '-' || c == '_' || (c < 128 && Character.isLetterOrDigit(c)))) {
            operationName(name, place, false);
        } else {
            String message = Quote.of(name) + " has other characters than letters, digits, - and _";
            place.report(ProblemCode.BAD_HEADER_NAME, message);
        }
    }

    private static void operationName(String name, Place place, boolean authorityAllowed) {
        if (isAuthority(name) && authorityAllowed) {
            return;
        }
        if (isAuthority(name) || name.startsWith(":")) {
            place.report(ProblemCode.BAD_HEADER_NAME, Quote.of(name) + " cannot be changed here");
        } else if (!isName(name)) {
            place.report(ProblemCode.BAD_HEADER_NAME, Quote.of(name) + " is not a header's name");
        } else if (FRAMING.contains(name.toLowerCase(Locale.ROOT))) {
            String message = Quote.of(name) + " frames the message; the gateway alone sets it";
            place.report(ProblemCode.BAD_HEADER_NAME, message);
        }
    }

    /// Values to set are in Envoy's format: `%NAME%` and `%NAME(...)%` are operators, `%%` is a percent sign.
    private static void value(String value, Place place, boolean credentialsAllowed) {
        if (value.codePoints().anyMatch(c -> c != '\t' && isUnsendable(c))) {
            String message = Quote.of(value) + " has control characters, or half of a surrogate pair";
            place.report(ProblemCode.BAD_HEADER_VALUE, message);
            return;
        }
        if (JwtSvidValue.isMeant(value)) {
            if (!credentialsAllowed || JwtSvidValue.parse(value) == null) {
                String message = Quote.of(value) + " holds a JWT-SVID "
                        + (credentialsAllowed ? "in a wrong form" : "where none can be");
                String hint = "set it in headers.request.set, as Bearer %SALLYPORT_JWT_SVID(https://api.example)%";
                place.report(ProblemCode.BAD_JWT_SVID_VALUE, message, hint);
            }
            return;
        }
        try {
            FormatParser.headerValue(value.strip());
        } catch (FormatException e) {
            place.report(ProblemCode.BAD_HEADER_VALUE, "in " + Quote.of(value) + ", " + e.getMessage());
        }
    }

    /// What would end up in a message's head as a control character, or has no form in UTF-8.
    static boolean isUnsendable(int c) {
        return c < 0x20 || c == 0x7F || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
