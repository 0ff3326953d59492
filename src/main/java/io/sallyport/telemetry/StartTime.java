package io.sallyport.telemetry;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/// Envoy's `%START_TIME%`, `2026-05-01T12:00:00.123Z`. The part before the milliseconds is made once a second.
final class StartTime {
    private long second = Long.MIN_VALUE;
    private String upToSecond = "";

    void write(long millis, LineBuffer out) {
        long current = Math.floorDiv(millis, 1000L);
        if (current != second) {
            second = current;
            upToSecond = upToSecond(current);
        }
        out.put(upToSecond).put('.').padded(Math.floorMod(millis, 1000L), 3).put('Z');
    }

    private static String upToSecond(long second) {
        OffsetDateTime time = Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC);
        var out = new LineBuffer(20);
        out.padded(time.getYear(), 4)
                .put('-')
                .padded(time.getMonthValue(), 2)
                .put('-')
                .padded(time.getDayOfMonth(), 2);
        out.put('T')
                .padded(time.getHour(), 2)
                .put(':')
                .padded(time.getMinute(), 2)
                .put(':')
                .padded(time.getSecond(), 2);
        return out.toString();
    }
}
