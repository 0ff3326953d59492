package io.sallyport.net;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import org.jspecify.annotations.Nullable;

/// IPv6 addresses as text (RFC 4291, 2.2), without brackets and zones.
public final class Ipv6Literal {
    private Ipv6Literal() {}

    /// The address, or null if the text is none. An IPv4-mapped address stays an IPv6 address.
    public static @Nullable Inet6Address parse(String text) {
        String groups = text.indexOf('.') < 0 ? text : withoutQuad(text);
        // Netty's validity check permits brackets and zones, its parser too many groups.
        boolean valid = groups != null
                && groups.indexOf('[') < 0
                && groups.indexOf('%') < 0
                && NetUtil.isValidIpV6Address(groups);
        return valid ? NetUtil.getByName(groups, false) : null;
    }

    /// The address in its canonical form (RFC 5952) and in brackets, or null if the text is none.
    public static @Nullable String canonical(String text) {
        Inet6Address address = parse(text);
        return address == null ? null : '[' + NetUtil.toAddressString(address) + ']';
    }

    /// Replaces an IPv4 address at the end by the two groups it stands for: Netty accepts one behind `::ffff:` only.
    private static @Nullable String withoutQuad(String text) {
        int start = text.lastIndexOf(':') + 1;
        String quad = text.substring(start);
        if (!NumericHost.isQuad(quad)) {
            return null;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(quad);
        return "%s%02x%02x:%02x%02x".formatted(text.substring(0, start), bytes[0], bytes[1], bytes[2], bytes[3]);
    }
}
