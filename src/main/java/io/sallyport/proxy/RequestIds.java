package io.sallyport.proxy;

import io.netty.util.AsciiString;
import java.util.SplittableRandom;

/// Makes request ids: random UUIDs (RFC 9562, version 4) as Envoy's `x-request-id`. One an event loop.
///
/// They name requests in logs and guard nothing, so a fast generator serves, seeded once from the system.
final class RequestIds {
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    private static final int LENGTH = 36;
    private static final int LONGEST_ACCEPTED = 128;

    private final SplittableRandom random;

    RequestIds(long seed) {
        random = new SplittableRandom(seed);
    }

    AsciiString next() {
        long high = (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L;
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        byte[] text = new byte[LENGTH];
        int at = 0;
        for (int shift = 60; shift >= 0; shift -= 4) {
            if (at == 8 || at == 13) {
                text[at++] = '-';
            }
            text[at++] = HEX[(int) (high >>> shift) & 0xF];
        }
        text[at++] = '-';
        for (int shift = 60; shift >= 0; shift -= 4) {
            if (at == 23) {
                text[at++] = '-';
            }
            text[at++] = HEX[(int) (low >>> shift) & 0xF];
        }
        return new AsciiString(text, false);
    }

    /// True if a trusted peer's id can go on as it is: short and printable, so that it cannot break a log line.
    static boolean acceptable(AsciiString id) {
        if (id.isEmpty() || id.length() > LONGEST_ACCEPTED) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            byte b = id.byteAt(i);
            if (b <= ' ' || b == 0x7F || b < 0 || b == '"' || b == '\\') {
                return false;
            }
        }
        return true;
    }
}
