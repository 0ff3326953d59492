package io.sallyport.net;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// A range of IP addresses, or a single one. Two are equal that hold the same addresses.
public final class AddressRange {
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;

    private final String text;
    /// Its bytes: native images may hold ranges that are constants, but no `InetAddress`.
    private final byte[] first;
    private final int bits;
    private final IpSubnetFilterRule rule;

    private AddressRange(InetAddress first, int bits) {
        this.first = first.getAddress();
        this.bits = bits;
        text = first.getHostAddress() + '/' + bits;
        rule = new IpSubnetFilterRule(first, bits, IpFilterRuleType.ACCEPT);
    }

    /// @param text `10.0.0.0/8`, `fd00::/8`, or an address; only in full: no `10/8`, no leading zeros, no zones, no
    ///     brackets. Bits behind the prefix are ignored
    /// @throws IllegalArgumentException for anything else, with the text in the message
    public static AddressRange parse(String text) {
        AddressRange range = parseOrNull(text.strip());
        if (range == null) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not an address range such as 10.0.0.0/8 or fd00::/8");
        }
        return range;
    }

    private static @Nullable AddressRange parseOrNull(String text) {
        int slash = text.indexOf('/');
        InetAddress address = AddressLiteral.parse(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return null;
        }
        boolean sixteenBytes = text.indexOf(':') >= 0;
        int whole = sixteenBytes ? IPV6_BITS : IPV4_BITS;
        int bits = slash < 0 ? whole : bits(text.substring(slash + 1));
        if (bits < 0 || bits > whole) {
            return null;
        }
        // Java takes ::ffff:10.0.0.0 for the IPv4 address in it, here and wherever one is dialled.
        int mapped = sixteenBytes && address instanceof Inet4Address ? IPV6_BITS - IPV4_BITS : 0;
        return bits < mapped ? null : new AddressRange(masked(address, bits - mapped), bits - mapped);
    }

    /// The range of this one address.
    public static AddressRange of(InetAddress address) {
        int bits = address instanceof Inet4Address ? IPV4_BITS : IPV6_BITS;
        return new AddressRange(masked(address, bits), bits);
    }

    /// False for an address of the other family.
    ///
    /// @param address resolved; its port does not matter
    public boolean contains(InetSocketAddress address) {
        return rule.matches(address);
    }

    /// With zeros behind the prefix.
    public InetAddress first() {
        return address(first);
    }

    /// The length of the prefix that all of its addresses have, in bits.
    public int prefix() {
        return bits;
    }

    /// The only address, or null where there are several.
    public @Nullable InetAddress single() {
        return bits == first.length * Byte.SIZE ? address(first) : null;
    }

    /// The same as a rule of Netty's filters that accepts.
    public IpSubnetFilterRule rule() {
        return rule;
    }

    /// Whether the text is one address: a dotted quad without leading zeros, or an IPv6 address without brackets and
    /// zone.
    public static boolean isAddress(String text) {
        return AddressLiteral.isValid(text);
    }

    /// Whether [#parse] accepts the text as it is.
    public static boolean isRange(String text) {
        return parseOrNull(text) != null;
    }

    private static int bits(String digits) {
        return digits.matches("0|[1-9]\\d{0,2}") ? Integer.parseInt(digits) : -1;
    }

    private static InetAddress masked(InetAddress address, int bits) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.clamp(bits - (long) i * Byte.SIZE, 0, Byte.SIZE);
            bytes[i] &= (byte) (0xff << (Byte.SIZE - kept));
        }
        return address(bytes);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AddressRange range && range.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /// In its canonical form, always with the prefix's length.
    @Override
    public String toString() {
        return text;
    }
}
