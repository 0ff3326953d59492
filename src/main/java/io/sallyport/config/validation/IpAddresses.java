package io.sallyport.config.validation;

import io.sallyport.config.problem.Quote;
import io.sallyport.config.problem.ResourceProblem;
import io.sallyport.config.yaml.Place;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/// IP addresses and ranges in their strict spelling: no octal, no short forms, no zones.
final class IpAddresses {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9a-fA-F:.]{2,45}");
    private static final Pattern PREFIX_LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

    private IpAddresses() {}

    static boolean isAddress(String text) {
        return isIpv4(text) || isIpv6(text);
    }

    private static boolean isIpv4(String text) {
        return text.length() <= 15 && IPV4.matcher(text).matches();
    }

    private static boolean isIpv6(String text) {
        if (!text.contains(":") || !IPV6_CHARACTERS.matcher(text).matches()) {
            return false;
        }
        try {
            // A literal is never looked up.
            return InetAddress.ofLiteral(text) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// An address, or a range in CIDR notation.
    static boolean isAddressOrRange(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return isAddress(text);
        }
        String address = text.substring(0, slash);
        String length = text.substring(slash + 1);
        if (!isAddress(address) || !PREFIX_LENGTH.matcher(length).matches()) {
            return false;
        }
        int bits = Integer.parseInt(length);
        // Java takes ::ffff:10.0.0.0 for the IPv4 address in it: shorter prefixes would be ranges of nothing.
        boolean mapped = address.contains(":") && InetAddress.ofLiteral(address) instanceof Inet4Address;
        return bits <= (address.contains(":") ? 128 : 32) && (!mapped || bits >= 96);
    }

    static void checkRange(String text, Place place) {
        if (!isAddressOrRange(text)) {
            String message = Quote.of(text) + " is neither an IP address nor a range";
            place.report(ResourceProblem.BAD_ADDRESS, message, "such as 10.0.0.1, 10.0.0.0/8 or 2001:db8::/32");
        }
    }
}
