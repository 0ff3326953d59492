package io.sallyport.config.validation;

import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Single values in the rules of an AuthorizationPolicy, which are not empty (Istio: `pkg/config/security`).
final class PolicyValueChecks {
    private static final String ONE_SEGMENT = "{*}";
    private static final String ANY_SEGMENTS = "{**}";
    private static final String SPIFFE = "spiffe://";

    /// Istio's bounds.
    private static final int MAX_SERVICE_ACCOUNTS = 16;
    private static final int MAX_SERVICE_ACCOUNT = 320;

    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    /// A segment of a path with templates: RFC 3986's `pchar` without `*`, as Envoy has it.
    private static final Pattern SEGMENT = Pattern.compile("[-a-zA-Z0-9._~%!$&'()+,;:@=]+");

    private PolicyValueChecks() {}

    /// `x`, `x*`, `*x` or `*`: a further `*` stands for itself.
    static void text(String value, Place place) {
        if (unwild(value).contains("*")) {
            String message = "the * within " + Quote.of(value) + " stands for itself";
            place.report(ProblemCode.LITERAL_WILDCARD, message, "a wildcard is the first or the last character");
        }
    }

    /// Without the wildcard at its beginning, or else at its end.
    private static String unwild(String value) {
        if (value.startsWith("*")) {
            return value.substring(1);
        }
        return value.endsWith("*") ? value.substring(0, value.length() - 1) : value;
    }

    static void principal(String value, Place place) {
        text(value, place);
        if (value.contains(SPIFFE)) {
            String message = "a principal has no " + SPIFFE + ", so " + Quote.of(value) + " never matches";
            place.report(ProblemCode.IMPOSSIBLE_PRINCIPAL, message, "write " + Quote.of(value.replace(SPIFFE, "")));
        } else if (!value.contains("*") && value.indexOf('/') < 0) {
            String message = "no workload has the identity " + Quote.of(SPIFFE + value) + ", which has no path";
            String hint = "write <trust domain>/ns/<namespace>/sa/<service account>";
            place.report(ProblemCode.IMPOSSIBLE_PRINCIPAL, message, hint);
        }
    }

    /// Issuer and subject, divided at the last slash: only one of the two can have a wildcard.
    static void requestPrincipal(String value, Place place) {
        boolean both = value.startsWith("*") && value.indexOf('/') > 0 && value.endsWith("*");
        if (both) {
            String message = "the * at the end of " + Quote.of(value) + " stands for itself";
            place.report(ProblemCode.LITERAL_WILDCARD, message, "write * for any token, or issuer/*");
        } else {
            text(value, place);
        }
    }

    static void trustDomain(String value, Place place) {
        if (unwild(value).contains("*")) {
            String message = Quote.of(value) + " has a * that is neither its first nor its last character, or several";
            place.report(ProblemCode.BAD_TRUST_DOMAIN, message, "name, name*, *name or *");
        } else if (value.contains("/")) {
            String message = Quote.of(value) + " is not a trust domain: it has a slash";
            place.report(ProblemCode.BAD_TRUST_DOMAIN, message, "a whole identity belongs into principals");
        }
    }

    static void serviceAccountCount(List<String> values, Place place) {
        if (values.size() > MAX_SERVICE_ACCOUNTS) {
            String message = values.size() + " service accounts are more than " + MAX_SERVICE_ACCOUNTS;
            place.report(ProblemCode.BAD_SERVICE_ACCOUNT, message, "divide the rule, or use principals");
        }
    }

    static void serviceAccount(String value, Place place) {
        if (value.contains("*")) {
            String message = Quote.of(value) + " has a wildcard, which a service account cannot have";
            place.report(ProblemCode.BAD_SERVICE_ACCOUNT, message, "use principals or namespaces");
        } else if (value.length() > MAX_SERVICE_ACCOUNT) {
            String message = Quote.of(value) + " has more than " + MAX_SERVICE_ACCOUNT + " characters";
            place.report(ProblemCode.BAD_SERVICE_ACCOUNT, message);
        } else if (value.startsWith("/") || value.endsWith("/") || value.indexOf('/') != value.lastIndexOf('/')) {
            String message = Quote.of(value) + " is not a service account";
            place.report(ProblemCode.BAD_SERVICE_ACCOUNT, message, "write namespace/account, or account");
        }
    }

    static void port(String value, Place place) {
        if (!PORT.matcher(value).matches() || Integer.parseInt(value) > 65_535) {
            String message = Quote.of(value) + " is not a port from 0 to 65535";
            place.report(ProblemCode.BAD_PORT, message, "write each port as its number, in quotes");
        }
    }

    static void method(String value, Place place) {
        text(value, place);
        String upper = value.toUpperCase(Locale.ROOT);
        if (!value.equals(upper)) {
            String message = "methods are case-sensitive, so " + Quote.of(value) + " does not match " + Quote.of(upper);
            place.report(ProblemCode.METHOD_CASE, message, "write " + Quote.of(upper));
        }
    }

    /// A path with templates consists of segments that are a template or literal; without, braces are an error.
    static void path(String value, Place place) {
        boolean template = value.contains(ONE_SEGMENT) || value.contains(ANY_SEGMENTS);
        if (!template && value.indexOf('{') < 0 && value.indexOf('}') < 0) {
            text(value, place);
            return;
        }
        boolean any = false;
        for (String segment : trimmed(value).split("/", -1)) {
            boolean one = segment.equals(ONE_SEGMENT);
            if (any && (one || segment.equals(ANY_SEGMENTS))) {
                String message = "{**} is not the last template in " + Quote.of(value);
                place.report(ProblemCode.BAD_PATH_TEMPLATE, message, "only literal segments may follow it");
                return;
            }
            if (segment.equals(ANY_SEGMENTS)) {
                any = true;
            } else if (!one && !SEGMENT.matcher(segment).matches()) {
                String message = Quote.of(value) + " has the segment " + Quote.of(segment)
                        + ", which is neither {*} nor {**} nor literal";
                place.report(
                        ProblemCode.BAD_PATH_TEMPLATE,
                        message,
                        "a segment with braces is {*} or {**}, and none has a *");
                return;
            }
        }
    }

    private static String trimmed(String path) {
        int from = 0;
        int to = path.length();
        while (from < to && path.charAt(from) == '/') {
            from++;
        }
        while (to > from && path.charAt(to - 1) == '/') {
            to--;
        }
        return path.substring(from, to);
    }
}
