package io.sallyport.explain;

import io.sallyport.route.Cors;
import io.sallyport.route.Fault;
import io.sallyport.route.Fraction;
import io.sallyport.route.Mirror;
import io.sallyport.route.RouteFilters;
import io.sallyport.route.StringMatcher;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a route does around forwarding, a line each: a name and the rest in words.
final class FilterLines {
    /// @param kind `fault`, `cors` or `mirror`
    record Line(String kind, String words) {}

    private FilterLines() {}

    static List<Line> of(RouteFilters filters) {
        List<Line> lines = new ArrayList<>();
        if (filters.fault() != null) {
            lines.add(new Line("fault", fault(filters.fault())));
        }
        if (filters.cors() != null) {
            lines.add(new Line("cors", cors(filters.cors())));
        }
        for (Mirror mirror : filters.mirrors()) {
            lines.add(new Line("mirror", mirror.clusterName() + ", " + percent(mirror.share())));
        }
        return lines;
    }

    private static String fault(Fault fault) {
        List<String> parts = new ArrayList<>();
        if (!fault.delayed().isNone()) {
            parts.add(percent(fault.delayed()) + " delayed by " + seconds(fault.delay()));
        }
        if (!fault.aborted().isNone()) {
            String answer =
                    switch (fault.abort()) {
                        case Fault.HttpAbort(int status) -> Integer.toString(status);
                        case Fault.GrpcAbort(int code) -> "gRPC status " + code;
                    };
            parts.add(percent(fault.aborted()) + " aborted with " + answer);
        }
        return String.join(", ", parts);
    }

    private static String cors(Cors cors) {
        String origins = cors.anyOrigin()
                ? "any"
                : cors.origins().stream().map(StringMatcher::describe).collect(Collectors.joining(" | "));
        return "origins " + (origins.isEmpty() ? "none" : origins)
                + part("methods", cors.methods())
                + part("headers", cors.headers())
                + part("exposed", cors.exposedHeaders())
                + part("max-age", cors.maxAge())
                + (cors.credentials() ? "; credentials" : "")
                + (cors.unmatchedForwarded() ? "" : "; preflights of others are answered here");
    }

    private static String part(String name, @Nullable CharSequence value) {
        return value == null ? "" : "; " + name + " " + value;
    }

    private static String percent(Fraction fraction) {
        return plain(BigDecimal.valueOf(fraction.millionths(), 4)) + "%";
    }

    private static String seconds(Duration duration) {
        return plain(BigDecimal.valueOf(duration.toMillis(), 3)) + "s";
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
