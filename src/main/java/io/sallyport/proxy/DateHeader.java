package io.sallyport.proxy;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.LongSupplier;

/// The value of `date` (RFC 9110, 6.6.1), formatted once a second. One an event loop.
final class DateHeader {
    private static final DateTimeFormatter IMF_FIXDATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final LongSupplier clockMillis;
    private long second = Long.MIN_VALUE;
    private AsciiString text = AsciiString.EMPTY_STRING;

    /// @param clockMillis milliseconds since 1970
    DateHeader(LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
    }

    AsciiString value() {
        long now = Math.floorDiv(clockMillis.getAsLong(), 1000L);
        if (now != second) {
            second = now;
            text = new AsciiString(IMF_FIXDATE.format(Instant.ofEpochSecond(now)));
        }
        return text;
    }
}
