package io.sallyport.cli.settings;

import io.netty.util.NetUtil;
import java.util.regex.Pattern;

/// The syntax of address ranges: `10.0.0.0/8`, `fd00::/8`, or one address. Stricter than most readers, because some of
/// them take `010.0.0.1` or `10` for addresses, and not the same ones.
final class AddressRange {
    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern IPV4 = Pattern.compile("(?!.*\\b0\\d)" + OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern BITS = Pattern.compile("0|[1-9]\\d{0,2}");
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;

    private AddressRange() {}

    static boolean isOne(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        boolean ipv4 = IPV4.matcher(address).matches();
        boolean ipv6 = !ipv4 && address.indexOf('%') < 0 && NetUtil.isValidIpV6Address(address);
        return (ipv4 || ipv6) && (slash < 0 || isLength(text.substring(slash + 1), ipv4 ? IPV4_BITS : IPV6_BITS));
    }

    private static boolean isLength(String bits, int most) {
        return BITS.matcher(bits).matches() && Integer.parseInt(bits) <= most;
    }
}
