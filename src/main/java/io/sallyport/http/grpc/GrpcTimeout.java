package io.sallyport.http.grpc;

import io.netty.util.AsciiString;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// `grpc-timeout`: how long the caller waits (gRPC over HTTP/2, Requests). One to eight digits and a unit.
public final class GrpcTimeout {
    private static final int MOST_DIGITS = 8;
    private static final long MOST = 99_999_999;

    private GrpcTimeout() {}

    /// Nanoseconds; 0 where there is none, or none that can be understood: what is not, is left to the endpoint.
    public static long parse(@Nullable AsciiString value) {
        if (value == null || value.length() < 2 || value.length() > MOST_DIGITS + 1) {
            return 0;
        }
        int last = value.length() - 1;
        long amount = 0;
        for (int i = 0; i < last; i++) {
            int digit = value.byteAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            amount = amount * 10 + digit;
        }
        return switch (value.byteAt(last)) {
            case 'H' -> TimeUnit.HOURS.toNanos(amount);
            case 'M' -> TimeUnit.MINUTES.toNanos(amount);
            case 'S' -> TimeUnit.SECONDS.toNanos(amount);
            case 'm' -> TimeUnit.MILLISECONDS.toNanos(amount);
            case 'u' -> TimeUnit.MICROSECONDS.toNanos(amount);
            case 'n' -> amount;
            default -> 0;
        };
    }

    /// In the finest of milliseconds, seconds and hours that has room for it, rounded down; microseconds below one
    /// millisecond.
    public static AsciiString of(long nanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
        if (millis == 0) {
            return new AsciiString(Math.max(1, TimeUnit.NANOSECONDS.toMicros(nanos)) + "u");
        }
        if (millis <= MOST) {
            return new AsciiString(millis + "m");
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(nanos);
        return new AsciiString(seconds <= MOST ? seconds + "S" : TimeUnit.SECONDS.toHours(seconds) + "H");
    }
}
