package io.sallyport.config.yaml;

import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Durations as Istio's YAML has them: Go's `time.ParseDuration`, of which proto JSON's `1.5s` is a part.
public final class DurationText {
    /// Go's range: 2^63 nanoseconds, about 292 years.
    private static final BigDecimal MAX_NANOS = BigDecimal.valueOf(Long.MAX_VALUE);

    private DurationText() {}

    /// Such as `10ms`, `1.5s`, `1h30m`, `0`; or null when the text is none, is negative or above 292 years.
    public static @Nullable Duration parse(String text) {
        if (text.equals("0") || text.equals("+0")) {
            return Duration.ZERO;
        }
        if (text.length() > 64) {
            return null;
        }
        int at = text.startsWith("+") ? 1 : 0;
        if (at == text.length()) {
            return null;
        }
        BigDecimal nanos = BigDecimal.ZERO;
        while (at < text.length()) {
            int unitAt = end(text, at, true);
            int next = end(text, unitAt, false);
            long unit = nanosOf(text.substring(unitAt, next));
            BigDecimal number = number(text.substring(at, unitAt));
            if (number == null || unit == 0) {
                return null;
            }
            nanos = nanos.add(number.multiply(BigDecimal.valueOf(unit)));
            at = next;
        }
        return nanos.compareTo(MAX_NANOS) > 0 ? null : Duration.ofNanos(nanos.longValue());
    }

    /// The end of the run of number characters, or of unit characters, that begins at `from`.
    private static int end(String text, int from, boolean number) {
        int at = from;
        while (at < text.length() && isNumeric(text.charAt(at)) == number) {
            at++;
        }
        return at;
    }

    private static boolean isNumeric(char c) {
        return (c >= '0' && c <= '9') || c == '.';
    }

    private static @Nullable BigDecimal number(String digits) {
        int point = digits.indexOf('.');
        boolean hasDigit = digits.length() > (point < 0 ? 0 : 1);
        return hasDigit && point == digits.lastIndexOf('.') ? new BigDecimal(digits) : null;
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "ns" -> 1;
            case "us", "\u00b5s", "\u03bcs" -> 1_000;
            case "ms" -> 1_000_000;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 0;
        };
    }
}
