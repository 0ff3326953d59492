package io.sallyport.format;

import io.sallyport.format.Command.Kind;
import io.sallyport.format.Command.Moment;
import io.sallyport.format.Command.Source;
import io.sallyport.format.Command.Span;
import io.sallyport.format.ParsedFormat.Builder;
import io.sallyport.format.ParsedFormat.Quoting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Parses texts with operators, `%NAME(argument):longest%`, `%%` for a percent sign.
public final class FormatParser {
    private static final Pattern FIELD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern NAME = Pattern.compile("[A-Z0-9_]+");
    private static final Set<String> PATHS = Set.of("WQ", "NQ", "WQ:ORIG", "NQ:ORIG", "WQ:PATH", "NQ:PATH");
    private static final Set<String> QUERIES = Set.of("ORIG", "RAW");
    private static final Set<String> STATUSES = Set.of("CAMEL_STRING", "SNAKE_STRING", "NUMBER");
    private static final Map<String, Long> UNITS = Map.of("ms", 1_000_000L, "us", 1_000L, "ns", 1L);
    private static final int LONGEST = 1 << 16;

    private final Builder to;

    FormatParser(Builder to) {
        this.to = to;
    }

    /// A line of text; its end is added where it has none.
    static ParsedFormat line(String text) throws FormatException {
        Builder to = new Builder();
        boolean[] quoted = {false};
        new FormatParser(to).parts(text, new Parts() {
            @Override
            public void literal(String literal) {
                quoted[0] ^= literal.chars().filter(c -> c == '"').count() % 2 == 1;
                to.literal(literal);
            }

            @Override
            public void command(Command command) {
                to.value(command, quoted[0] ? Quoting.QUOTED : Quoting.BARE);
            }
        });
        if (!text.endsWith("\n")) {
            to.literal("\n");
        }
        return to.build(text);
    }

    /// A header's value. There is nothing to escape in it: no field's value can hold what would end another's.
    public static ParsedFormat headerValue(String text) throws FormatException {
        Builder to = new Builder();
        new FormatParser(to).parts(text, new Parts() {
            @Override
            public void literal(String literal) {
                to.literal(literal);
            }

            @Override
            public void command(Command command) {
                to.value(command, Quoting.BARE);
            }
        });
        return to.build(text);
    }

    /// Gets what a text consists of, in its order.
    interface Parts {
        void literal(String literal);

        void command(Command command);
    }

    void parts(String text, Parts parts) throws FormatException {
        int from = 0;
        while (from < text.length()) {
            int percent = text.indexOf('%', from);
            if (percent < 0) {
                parts.literal(text.substring(from));
                return;
            }
            if (percent > from) {
                parts.literal(text.substring(from, percent));
            }
            if (text.startsWith("%%", percent)) {
                parts.literal("%");
                from = percent + 2;
            } else {
                from = command(text, percent, parts);
            }
        }
    }

    /// @return where the text goes on
    private int command(String text, int percent, Parts parts) throws FormatException {
        int end = percent + 1;
        while (end < text.length() && NAME.matcher(text.substring(end, end + 1)).matches()) {
            end++;
        }
        String name = text.substring(percent + 1, end);
        if (name.isEmpty()) {
            throw FormatException.at(percent, "no operator follows the percent sign; write %% for the sign itself");
        }
        Operator operator = Operator.of(name, percent);
        String argument = null;
        int argumentAt = end + 1;
        if (end < text.length() && text.charAt(end) == '(') {
            int close = closing(text, end);
            if (close < 0) {
                throw FormatException.at(end, "the parenthesis of %" + name + " is not closed; add )%");
            }
            argument = text.substring(end + 1, close);
            end = close + 1;
        }
        int longest = 0;
        if (end < text.length() && text.charAt(end) == ':') {
            int digits = end + 1;
            while (digits < text.length() && Character.digit(text.charAt(digits), 10) >= 0 && digits < end + 8) {
                digits++;
            }
            longest = digits == end + 1 ? 0 : Integer.parseInt(text, end + 1, digits, 10);
            if (longest < 1 || longest > LONGEST) {
                throw FormatException.at(end, "the longest length is not a number from 1 to " + LONGEST);
            }
            end = digits;
        }
        if (end >= text.length() || text.charAt(end) != '%') {
            throw FormatException.at(percent, "%" + name + " does not end with a percent sign; add it");
        }
        parts.command(command(operator, argument, argumentAt, longest, percent));
        return end + 1;
    }

    /// The parenthesis that the operator ends behind, with a length or without: others belong to what is within. The
    /// first one where the operator does not end behind any; -1 where there is none.
    private static int closing(String text, int open) {
        for (int close = text.indexOf(')', open); close >= 0; close = text.indexOf(')', close + 1)) {
            int next = close + 1;
            if (next < text.length() && text.charAt(next) == ':') {
                next++;
                while (next < text.length() && text.charAt(next) >= '0' && text.charAt(next) <= '9') {
                    next++;
                }
            }
            if (next < text.length() && text.charAt(next) == '%') {
                return close;
            }
        }
        return text.indexOf(')', open);
    }

    private Command command(Operator operator, @Nullable String given, int argumentAt, int longest, int at)
            throws FormatException {
        String argument = given == null ? "" : given;
        String name = "%" + operator + "%";
        return switch (operator.takes) {
            case NOTHING -> {
                if (given != null) {
                    throw FormatException.at(at, name + " takes nothing in parentheses; take them out");
                }
                yield command(operator, "", List.of(), longest);
            }
            case TIME ->
                new Command(
                        operator,
                        "",
                        List.of(),
                        null,
                        argument.isEmpty() ? TimePattern.usual() : TimePattern.parse(argument, argumentAt),
                        longest);
            case FIELD -> command(operator, "", sources(operator, argument, at), longest);
            case NAME -> {
                if (argument.isEmpty()) {
                    throw FormatException.at(at, name + " needs a name in parentheses");
                }
                yield command(operator, argument, List.of(), longest);
            }
            case PATH -> oneOf(operator, argument, PATHS, "WQ", longest, at);
            case QUERY -> oneOf(operator, argument, QUERIES, "ORIG", longest, at);
            case GRPC -> oneOf(operator, argument, STATUSES, "CAMEL_STRING", longest, at);
            case SPAN -> new Command(operator, "", List.of(), span(argument, at), null, longest);
        };
    }

    private static Command command(Operator operator, String argument, List<Source> places, int longest) {
        return new Command(operator, argument, places, null, null, longest);
    }

    private static Command oneOf(
            Operator operator, String argument, Set<String> known, String usual, int longest, int at)
            throws FormatException {
        if (!argument.isEmpty() && !known.contains(argument)) {
            throw FormatException.at(
                    at,
                    "%" + operator + "% does not know " + argument + "; write "
                            + String.join(", ", known.stream().sorted().toList()));
        }
        return command(operator, argument.isEmpty() ? usual : argument, List.of(), longest);
    }

    private static Span span(String argument, int at) throws FormatException {
        String[] parts = argument.split(":", -1);
        if (parts.length != 3 || !UNITS.containsKey(parts[2])) {
            throw FormatException.at(at, "%COMMON_DURATION% needs (start:end:precision), precision ms, us or ns");
        }
        return new Span(moment(parts[0], at), moment(parts[1], at), UNITS.get(parts[2]));
    }

    private static Moment moment(String name, int at) throws FormatException {
        for (Moment each : Moment.values()) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        throw FormatException.at(
                at, name + " is not a moment that is measured; write one of " + Arrays.toString(Moment.values()));
    }

    private List<Source> sources(Operator operator, String argument, int at) throws FormatException {
        List<Source> sources = new ArrayList<>();
        String[] names = argument.split("\\?", -1);
        if (names.length > 2) {
            throw FormatException.at(at, "%" + operator + "% takes two names at most, X?Y");
        }
        for (String each : names) {
            String name = each.toLowerCase(Locale.ROOT);
            sources.add(source(operator, name, at));
        }
        return sources;
    }

    /// What the client says of these cannot be believed, or they are facts anyway.
    private Source source(Operator operator, String name, int at) throws FormatException {
        boolean ofRequest = operator == Operator.REQ || operator == Operator.REQ_WITHOUT_QUERY;
        Kind kind =
                switch (name) {
                    case ":method" -> ofRequest ? Kind.METHOD : null;
                    case ":scheme" -> ofRequest ? Kind.SCHEME : null;
                    case ":path" -> ofRequest ? Kind.PATH : null;
                    case ":authority", "host" -> ofRequest ? Kind.AUTHORITY : null;
                    case "x-envoy-original-path" -> ofRequest ? Kind.ABSENT : null;
                    case ":status" -> operator == Operator.RESP ? Kind.STATUS : null;
                    case "x-envoy-upstream-service-time" -> operator == Operator.RESP ? Kind.SERVICE_TIME : null;
                    default -> null;
                };
        if (kind != null) {
            return new Source(kind, 0);
        }
        if (!FIELD.matcher(name).matches()) {
            throw FormatException.at(at, "\"" + name + "\" is not a field that %" + operator + "% can have");
        }
        return new Source(Kind.CAPTURED, to.capture(operator, name));
    }
}
