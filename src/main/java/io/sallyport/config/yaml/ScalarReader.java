package io.sallyport.config.yaml;

import io.sallyport.config.problem.ProblemCode;
import io.sallyport.config.problem.Quote;
import io.sallyport.config.yaml.YamlNode.ScalarType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads one scalar as a proto type, as proto JSON has it; what does not fit is reported and read as null.
final class ScalarReader {
    static final long MAX_UINT32 = (1L << 32) - 1;

    private ScalarReader() {}

    static @Nullable String text(Place place) {
        YamlNode node = place.node();
        if (node instanceof YamlNode.Scalar scalar && scalar.type() == ScalarType.TEXT) {
            return scalar.text();
        }
        String hint = node instanceof YamlNode.Scalar ? "put it in quotes" : null;
        return wrongType(place, "text", hint);
    }

    static @Nullable Boolean bool(Place place) {
        if (place.node() instanceof YamlNode.Scalar scalar && scalar.type() == ScalarType.BOOL) {
            return scalar.text().equalsIgnoreCase("true");
        }
        return wrongType(place, "true or false", "write true or false without quotes");
    }

    /// A whole number, in quotes too, as proto JSON allows.
    static @Nullable Long integer(Place place, long min, long max) {
        if (!(place.node() instanceof YamlNode.Scalar scalar) || scalar.type() == ScalarType.BOOL) {
            return wrongType(place, "a whole number", null);
        }
        BigDecimal value = decimal(scalar);
        if (value == null || value.stripTrailingZeros().scale() > 0) {
            return wrongType(place, "a whole number", null);
        }
        if (value.compareTo(BigDecimal.valueOf(min)) < 0 || value.compareTo(BigDecimal.valueOf(max)) > 0) {
            place.report(ProblemCode.OUT_OF_RANGE, Quote.plain(scalar.text()) + " is not in " + min + " to " + max);
            return null;
        }
        return value.longValueExact();
    }

    static @Nullable Double number(Place place) {
        if (place.node() instanceof YamlNode.Scalar scalar && scalar.type() != ScalarType.BOOL) {
            BigDecimal value = decimal(scalar);
            if (value != null) {
                return value.doubleValue();
            }
        }
        return wrongType(place, "a finite number", null);
    }

    /// Decimal with up to 40 characters, or YAML's `0x` and `0o`; null for all else, `.inf` and `.nan` too.
    private static @Nullable BigDecimal decimal(YamlNode.Scalar scalar) {
        String text = scalar.text();
        try {
            if (text.isEmpty() || text.length() > 40) {
                return null;
            }
            if (scalar.type() == ScalarType.INTEGER && text.startsWith("0x")) {
                return new BigDecimal(new BigInteger(text.substring(2), 16));
            }
            if (scalar.type() == ScalarType.INTEGER && text.startsWith("0o")) {
                return new BigDecimal(new BigInteger(text.substring(2), 8));
            }
            BigDecimal value = new BigDecimal(text);
            // 1e999999999 is short to write and long to print.
            return Math.abs((long) value.scale()) > 400 ? null : value;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    static @Nullable Duration duration(Place place) {
        if (!(place.node() instanceof YamlNode.Scalar scalar) || scalar.type() != ScalarType.TEXT) {
            boolean number = place.node() instanceof YamlNode.Scalar scalar
                    && (scalar.type() == ScalarType.INTEGER || scalar.type() == ScalarType.FLOAT);
            if (number
                    && place.node() instanceof YamlNode.Scalar scalar
                    && scalar.text().equals("0")) {
                return Duration.ZERO;
            }
            return wrongType(place, "a duration", number ? "give a unit, such as 5s" : null);
        }
        Duration duration = DurationText.parse(scalar.text());
        if (duration == null) {
            String message = Quote.of(scalar.text()) + " is not a duration";
            place.report(ProblemCode.BAD_DURATION, message, "such as 10ms, 1.5s, 2m or 1h30m");
        }
        return duration;
    }

    /// @param values of the enum, in the proto's order and with its names
    static <E extends Enum<E>> @Nullable E constant(Place place, E[] values) {
        List<String> names = Arrays.stream(values).map(Enum::name).toList();
        if (!(place.node() instanceof YamlNode.Scalar scalar) || scalar.type() != ScalarType.TEXT) {
            return wrongType(place, "one of " + String.join(", ", names), null);
        }
        for (E value : values) {
            if (value.name().equals(scalar.text())) {
                return value;
            }
        }
        unknownValue(place, scalar.text(), names);
        return null;
    }

    static void unknownValue(Place place, String written, List<String> allowed) {
        String message = Quote.of(written) + " is not one of " + String.join(", ", allowed);
        place.report(ProblemCode.UNKNOWN_VALUE, message, Suggestion.didYouMean(written, allowed));
    }

    static <T> @Nullable T wrongType(Place place, String wanted, @Nullable String hint) {
        YamlNode node = place.node();
        String found = node == null ? "nothing" : node.describe();
        if (node instanceof YamlNode.Scalar scalar && scalar.type() != ScalarType.NULL) {
            found = found + " (" + Quote.plain(scalar.text()) + ")";
        }
        place.report(ProblemCode.WRONG_TYPE, "must be " + wanted + ", not " + found, hint);
        return null;
    }
}
