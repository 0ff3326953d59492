package io.sallyport.config.validation;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.sallyport.config.model.StringMatch;
import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.Place;
import io.sallyport.net.AddressRange;
import io.sallyport.net.Authority;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Checks of single values that several messages have.
final class Checks {
    /// Istio's bound, by which it keeps Envoy's programs small.
    private static final int MAX_REGEX = 1024;

    /// Instructions; Istio's bound for Envoy (`re2.max_program_size`).
    private static final long MAX_PROGRAM = 32_768;

    private Checks() {}

    static void port(int number, Place place) {
        if (number < 1 || number > 65_535) {
            place.report(ProblemCode.BAD_PORT, number + " is not in 1 to 65535");
        }
    }

    /// 0 is absent, also where it is written.
    static void optionalPort(int number, Place place) {
        if (number != 0) {
            port(number, place);
        }
    }

    static void name(String name, Place place) {
        if (!HostNames.isLabel(name)) {
            place.report(ProblemCode.BAD_NAME, Quote.of(name) + " is not a name", "letters, digits and -");
        }
    }

    /// An IP address, or a range in CIDR notation.
    static void range(String text, Place place) {
        if (!AddressRange.isRange(text)) {
            String message = Quote.of(text) + " is neither an IP address nor a range";
            place.report(ProblemCode.BAD_ADDRESS, message, "such as 10.0.0.1, 10.0.0.0/8 or 2001:db8::/32");
        }
    }

    /// An authority that a route sets: what the gateway accepts in a `Host` field itself, and nothing else. White space
    /// around the text is ignored.
    static void authority(String text, Place place) {
        if (!Authority.isValid(text.strip())) {
            String message = Quote.of(text) + " is not an authority";
            place.report(ProblemCode.BAD_AUTHORITY, message, "write host, host:port or [address]:port in ASCII");
        }
    }

    /// At least a millisecond, in whole milliseconds; null is absent.
    static void time(@Nullable Duration duration, Place place) {
        if (duration == null) {
            return;
        }
        if (duration.compareTo(Duration.ofMillis(1)) < 0) {
            place.report(ProblemCode.BAD_TIME, "a duration is at least 1ms", "leave it out to have none");
        } else if (duration.toNanosPart() % 1_000_000 != 0) {
            place.report(ProblemCode.BAD_TIME, "a duration has whole milliseconds");
        }
    }

    static void notNegative(int number, Place place) {
        if (number < 0) {
            place.report(ProblemCode.NEGATIVE, number + " is negative");
        }
    }

    static void percent(int percent, Place place) {
        if (percent < 0 || percent > 100) {
            place.report(ProblemCode.BAD_PERCENTAGE, percent + " is not in 0 to 100");
        }
    }

    /// `Percent.value`; null is absent.
    static void percentage(@Nullable Double percentage, Place place) {
        if (percentage == null) {
            return;
        }
        if (percentage < 0 || percentage > 100) {
            place.field("value").report(ProblemCode.BAD_PERCENTAGE, percentage + " is not in 0 to 100");
        } else if (percentage > 0 && percentage < 0.0001) {
            place.field("value").report(ProblemCode.BAD_PERCENTAGE, percentage + " is below the least, 0.0001");
        }
    }

    /// A regular expression must compile; a prefix and an expression must not be empty.
    static void stringMatch(@Nullable StringMatch match, Place place) {
        switch (match) {
            case StringMatch.Prefix prefix
            when prefix.value().isEmpty() ->
                place.field("prefix").report(ProblemCode.EMPTY_MATCH, "the prefix is empty", "leave the match out");
            case StringMatch.Regex regex -> regex(regex.value(), place.field("regex"));
            case null, default -> {}
        }
    }

    /// @return the expression; null where it is reported
    static @Nullable Pattern regex(String regex, Place place) {
        if (regex.isEmpty()) {
            place.report(ProblemCode.EMPTY_MATCH, "the regular expression is empty", "leave the match out");
            return null;
        }
        if (regex.length() > MAX_REGEX) {
            place.report(ProblemCode.BAD_REGEX, "the regular expression has more than " + MAX_REGEX + " characters");
            return null;
        }
        if (RegexCost.of(regex) > MAX_PROGRAM) {
            String message = Quote.of(regex) + " has repetitions that multiply to a huge program";
            place.report(ProblemCode.BAD_REGEX, message, "repeat less often");
            return null;
        }
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            String message = Quote.of(regex) + " is not RE2 syntax: " + e.getDescription();
            place.report(ProblemCode.BAD_REGEX, message, "see github.com/google/re2/wiki/Syntax");
            return null;
        }
    }

    /// `exportTo`: the namespaces that see a resource.
    ///
    /// @param noneAllowed whether `~` may stand there, as in a ServiceEntry
    static void exportTo(List<String> exportTo, String namespace, boolean noneAllowed, Place place) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < exportTo.size(); i++) {
            String entry = exportTo.get(i);
            boolean known = entry.equals(".") || entry.equals("*") || (entry.equals("~") && noneAllowed);
            if (!known && !HostNames.isLabel(entry)) {
                place.index(i).report(ProblemCode.BAD_EXPORT, Quote.of(entry) + " is not a namespace");
            }
            if (!seen.add(entry.equals(".") ? namespace : entry)) {
                place.index(i).report(ProblemCode.BAD_EXPORT, Quote.of(entry) + " is given twice");
            }
        }
        boolean alone = exportTo.contains("*") || exportTo.contains("~");
        if (alone && exportTo.size() > 1) {
            place.report(ProblemCode.BAD_EXPORT, "* and ~ stand alone");
        }
    }
}
