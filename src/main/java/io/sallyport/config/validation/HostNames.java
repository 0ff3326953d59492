package io.sallyport.config.validation;

import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.net.AddressRange;
import io.sallyport.net.NumericHost;
import org.jspecify.annotations.Nullable;

/// The syntax of host names and labels: RFC 1123, in any case.
final class HostNames {
    private static final int MAX_LABEL = 63;
    private static final int MAX_NAME = 255;

    private HostNames() {}

    /// Letters, digits and `-`, which is neither first nor last.
    static boolean isLabel(String text) {
        if (text.isEmpty() || text.length() > MAX_LABEL || text.startsWith("-") || text.endsWith("-")) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && !(c >= '0' && c <= '9') && c != '-') {
                return false;
            }
        }
        return true;
    }

    /// Why the text is no full name without wildcards, or null when it is one. A dot at the end is allowed.
    static @Nullable String nameProblem(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            return name.isEmpty() ? "a host name must not be empty" : "a host name has at most 255 characters";
        }
        String[] labels = (name.endsWith(".") ? name.substring(0, name.length() - 1) : name).split("\\.", -1);
        for (String label : labels) {
            if (!isLabel(label)) {
                return Quote.of(name) + " is not a host name: label " + Quote.of(label);
            }
        }
        return labels.length > 1 && NumericHost.endsInNumber(name)
                ? Quote.of(name) + " is not a host name: it ends in a number"
                : null;
    }

    static boolean isWildcard(String name) {
        return name.equals("*") || name.startsWith("*.");
    }

    /// A name, `*.name` or `*`; reports what is neither.
    ///
    /// @return whether it is one of them
    static boolean check(String host, Place place) {
        if (host.equals("*")) {
            return true;
        }
        String name = host.startsWith("*.") ? host.substring(2) : host;
        if (name.contains("*")) {
            String message = Quote.of(host) + " has its wildcard in a place that is not supported";
            place.report(ProblemCode.BAD_WILDCARD, message, "write *. before a name");
            return false;
        }
        String problem = nameProblem(name);
        if (problem != null) {
            place.report(ProblemCode.BAD_HOST, problem);
        }
        return problem == null;
    }

    /// A name or an IP address without wildcards; reports what is neither.
    static void checkNameOrAddress(String host, ProblemCode code, Place place) {
        String problem = AddressRange.isAddress(host) ? null : nameProblem(host);
        if (problem != null) {
            place.report(code, problem);
        }
    }
}
