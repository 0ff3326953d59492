package io.sallyport.net;

import org.jspecify.annotations.Nullable;

/// Distinguishes hosts that are names, hosts that are addresses, and what only some readers take for an address.
///
/// `0x7f.1`, `2130706433`, `127.1` and `0177.0.0.1` are all 127.0.0.1 to `inet_aton` (POSIX) and to browsers (WHATWG
/// URL, "IPv4 parser"), and names to others. A host whose last label is a number is therefore never a name: it is an
/// address in its one canonical spelling, or it is denied.
public final class NumericHost {
    /// What a host is.
    public enum Spelling {
        NAME,
        /// A dotted quad without leading zeros, or an IPv6 address in brackets.
        ADDRESS,
        /// Ends in a number and is not a dotted quad: denied, whatever the list says.
        DISGUISED
    }

    private static final int MOST_PARTS = 4;
    private static final long ADDRESSES = 1L << 32;

    private NumericHost() {}

    /// @param host as [HostName#host()] gives it
    public static Spelling spelling(String host) {
        if (host.startsWith("[")) {
            return Spelling.ADDRESS;
        }
        if (!endsInNumber(host)) {
            return Spelling.NAME;
        }
        return isQuad(host) ? Spelling.ADDRESS : Spelling.DISGUISED;
    }

    /// Whether the text is an IPv4 address in its canonical spelling, a dotted quad without leading zeros.
    public static boolean isQuad(String text) {
        return text.equals(address(text));
    }

    /// Whether the host is an address in its canonical spelling.
    public static boolean isAddress(String host) {
        return spelling(host) == Spelling.ADDRESS;
    }

    /// Whether the last label, one empty label after it not counted, is a number (WHATWG URL, "ends in a number
    /// checker").
    public static boolean endsInNumber(String host) {
        int end = host.endsWith(".") ? host.length() - 1 : host.length();
        String last = host.substring(host.lastIndexOf('.', end - 1) + 1, end);
        return isDigits(last, 10) || isHex(last);
    }

    /// The canonical dotted quad that a lenient reader makes of the text, or null if none does.
    public static @Nullable String address(String host) {
        String text = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        String[] parts = text.split("\\.", -1);
        if (parts.length > MOST_PARTS) {
            return null;
        }
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            long value = number(parts[i]);
            boolean last = i == parts.length - 1;
            // The last number fills all bytes that are left.
            long bound = last ? ADDRESSES >> 8 * i : 256;
            if (value < 0 || value >= bound) {
                return null;
            }
            address |= last ? value : value << 8 * (3 - i);
        }
        return (address >> 24) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
    }

    /// A decimal, octal (`0…`) or hexadecimal (`0x…`) number, or -1. Octal with an 8 or 9 is read as decimal, as some
    /// readers do.
    private static long number(String text) {
        if (isHex(text)) {
            String digits = text.substring(2);
            return digits.isEmpty() ? 0 : bounded(digits, 16);
        }
        if (!isDigits(text, 10)) {
            return -1;
        }
        return bounded(text, text.startsWith("0") && isDigits(text, 8) ? 8 : 10);
    }

    private static long bounded(String digits, int radix) {
        long value = 0;
        for (int i = 0; i < digits.length() && value < ADDRESSES; i++) {
            value = value * radix + Character.digit(digits.charAt(i), radix);
        }
        return value < ADDRESSES ? value : -1;
    }

    /// `0x` alone is a number, too: zero.
    private static boolean isHex(String text) {
        boolean prefixed = text.startsWith("0x") || text.startsWith("0X");
        return prefixed && (text.length() == 2 || isDigits(text.substring(2), 16));
    }

    private static boolean isDigits(String text, int radix) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || Character.digit(c, radix) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }
}
