package io.sallyport.config.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A header's value that holds a JWT-SVID of the gateway's own: `Bearer %SALLYPORT_JWT_SVID(https://api.example)%`, in
/// Envoy's format, in which `%%` is a percent sign.
///
/// @param before the text in front of it
/// @param audience whom the JWT-SVID is for
/// @param after the text behind it
public record JwtSvidValue(String before, String audience, String after) {
    private static final String NAME = "SALLYPORT_JWT_SVID";

    /// Visible ASCII characters but those that end the variable.
    private static final String TEXT = "([^%]*+(?:%%[^%]*+)*+)";
    private static final Pattern VALUE =
            Pattern.compile(TEXT + '%' + NAME + "\\(([\\x21-\\x7e&&[^%()]]{1,255})\\)%" + TEXT);

    /// Of all of a value.
    private static final int LONGEST = 2048;

    /// Whether a value is meant to hold one, be it written wrongly.
    public static boolean isMeant(String value) {
        return value.replace("%%", "").contains('%' + NAME);
    }

    /// @return null where the value holds none, holds anything else to be substituted, or is written wrongly
    public static @Nullable JwtSvidValue parse(String value) {
        if (value.length() > LONGEST || !isMeant(value)) {
            return null;
        }
        Matcher matcher = VALUE.matcher(value);
        return matcher.matches()
                ? new JwtSvidValue(literal(matcher.group(1)), matcher.group(2), literal(matcher.group(3)))
                : null;
    }

    private static String literal(String text) {
        return text.replace("%%", "%");
    }
}
