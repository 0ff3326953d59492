package io.sallyport.config.validation;

import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;

/// Values of headers to set: Envoy's format, in which `%NAME%` and `%NAME(...)%` stand for something and `%%` for a
/// percent sign.
final class HeaderValueCheck {
    private HeaderValueCheck() {}

    static void check(String value, Place place) {
        if (value.codePoints().anyMatch(c -> c != '\t' && isUnsendable(c))) {
            String message = Quote.of(value) + " has control characters, or half of a surrogate pair";
            place.report(ProblemCode.BAD_HEADER_VALUE, message);
            return;
        }
        boolean variables = false;
        for (int at = value.indexOf('%'); at >= 0; at = value.indexOf('%', at)) {
            if (at + 1 < value.length() && value.charAt(at + 1) == '%') {
                at += 2;
                continue;
            }
            int end = endOfVariable(value, at + 1);
            if (end < 0) {
                String message = Quote.of(value) + " has a % that does not end";
                place.report(ProblemCode.BAD_HEADER_VALUE, message, "write %% for a percent sign");
                return;
            }
            variables = true;
            at = end + 1;
        }
        if (variables) {
            String message = "%...% in a header's value is sent as it is written: it is not substituted yet";
            place.report(ProblemCode.NOT_ENFORCED, message);
        }
    }

    /// What would end up in a message's head as a control character, or has no form in UTF-8.
    static boolean isUnsendable(int c) {
        return c < 0x20 || c == 0x7F || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    /// The index of the closing percent sign, or -1: a name, perhaps with parentheses that hold anything but `)`.
    private static int endOfVariable(String value, int from) {
        int at = from;
        while (at < value.length() && value.charAt(at) != '%' && value.charAt(at) != '(') {
            at++;
        }
        if (at == from || at == value.length()) {
            return -1;
        }
        if (value.charAt(at) == '(') {
            at = value.indexOf(")%", at);
            return at < 0 ? -1 : at + 1;
        }
        return at;
    }
}
