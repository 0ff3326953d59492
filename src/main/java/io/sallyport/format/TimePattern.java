package io.sallyport.format;

import java.util.ArrayList;
import java.util.List;

/// The pattern of `%START_TIME(%Y-%m-%d %H:%M:%S.%3f)%`: those of strftime that say the same everywhere, in UTC, `%s`
/// for the seconds since 1970, and `%f` or `%1f` to `%9f` for the digits of the second's fraction.
public record TimePattern(List<Part> parts) {
    private static final String FIELDS = "YmdHMSsfzZyjebBaAIp";
    private static final int MOST_DIGITS = 9;

    /// @param field letter of strftime; 0 for a literal
    /// @param digits of `f`
    public record Part(char field, int digits, String literal) {}

    public TimePattern {
        parts = List.copyOf(parts);
    }

    /// `2026-05-01T12:00:00.123Z`.
    static TimePattern usual() throws FormatException {
        return parse("%FT%T.%3fZ", 0);
    }

    /// @param at the pattern's place in the format, from 0
    static TimePattern parse(String text, int at) throws FormatException {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') {
                literal.append(c);
                continue;
            }
            int start = i++;
            int digits = MOST_DIGITS;
            if (i < text.length() && text.charAt(i) >= '1' && text.charAt(i) <= '9') {
                digits = text.charAt(i++) - '0';
                if (i >= text.length() || text.charAt(i) != 'f') {
                    throw unknown(text.substring(start, Math.min(i + 1, text.length())), at + start);
                }
            }
            char field = i < text.length() ? text.charAt(i) : 0;
            if (field == '%') {
                literal.append('%');
            } else if (field == 'T') {
                end(literal, parts);
                parts.addAll(parse("%H:%M:%S", at).parts);
            } else if (field == 'F') {
                end(literal, parts);
                parts.addAll(parse("%Y-%m-%d", at).parts);
            } else if (field != 0 && FIELDS.indexOf(field) >= 0) {
                end(literal, parts);
                parts.add(new Part(field, digits, ""));
            } else {
                throw unknown(text.substring(start, Math.min(i + 1, text.length())), at + start);
            }
        }
        end(literal, parts);
        return new TimePattern(parts);
    }

    private static FormatException unknown(String field, int at) {
        return FormatException.at(
                at, field + " is not a field of time; write one of %" + String.join(" %", FIELDS.split("")) + " %T %F");
    }

    private static void end(StringBuilder literal, List<Part> parts) {
        if (!literal.isEmpty()) {
            parts.add(new Part((char) 0, 0, literal.toString()));
            literal.setLength(0);
        }
    }
}
