package io.sallyport.operators;

import io.sallyport.format.TimePattern;
import io.sallyport.format.TimePattern.Part;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.util.Locale;

/// Moments by a [TimePattern], in UTC. It remembers the second that it was asked for last, so
/// one thread alone may use it.
public final class TimeText {
    private final TimePattern pattern;
    private final StringBuilder text = new StringBuilder();
    private OffsetDateTime time = OffsetDateTime.MIN;
    private long second = Long.MIN_VALUE;

    public TimeText(TimePattern pattern) {
        this.pattern = pattern;
    }

    /// @param millis since 1970
    /// @return good until the next call
    public CharSequence at(long millis) {
        long current = Math.floorDiv(millis, 1000L);
        if (current != second) {
            second = current;
            time = Instant.ofEpochSecond(current).atOffset(ZoneOffset.UTC);
        }
        text.setLength(0);
        for (Part part : pattern.parts()) {
            append(part, Math.floorMod(millis, 1000));
        }
        return text;
    }

    private void append(Part part, int millis) {
        switch (part.field()) {
            case 'Y' -> padded(time.getYear(), 4);
            case 'y' -> padded(time.getYear() % 100, 2);
            case 'm' -> padded(time.getMonthValue(), 2);
            case 'd' -> padded(time.getDayOfMonth(), 2);
            case 'e' -> text.append(time.getDayOfMonth() < 10 ? " " : "").append(time.getDayOfMonth());
            case 'j' -> padded(time.getDayOfYear(), 3);
            case 'H' -> padded(time.getHour(), 2);
            case 'I' -> padded((time.getHour() + 11) % 12 + 1, 2);
            case 'M' -> padded(time.getMinute(), 2);
            case 'S' -> padded(time.getSecond(), 2);
            case 'p' -> text.append(time.getHour() < 12 ? "AM" : "PM");
            case 'b' -> text.append(time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            case 'B' -> text.append(time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'a' -> text.append(time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            case 'A' -> text.append(time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 's' -> text.append(second);
            case 'z' -> text.append("+0000");
            case 'Z' -> text.append("UTC");
            case 'f' -> fraction(millis, part.digits());
            default -> text.append(part.literal());
        }
    }

    private void padded(int number, int digits) {
        for (int least = 10, i = 1; i < digits; i++, least *= 10) {
            if (number < least) {
                text.append('0');
            }
        }
        text.append(number);
    }

    /// Time is known to the millisecond.
    private void fraction(int millis, int digits) {
        int start = text.length();
        padded(millis, 3);
        for (int i = 3; i < digits; i++) {
            text.append('0');
        }
        text.setLength(start + digits);
    }
}
