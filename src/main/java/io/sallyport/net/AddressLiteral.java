package io.sallyport.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/// Addresses as text in the spelling that every reader takes for the same one: a dotted quad without leading zeros
/// (`010.1.1.1` is 8.1.1.1 to some), or an IPv6 address without brackets and zone.
public final class AddressLiteral {
    private AddressLiteral() {}

    /// The address, or null if the text is none. An IPv4-mapped address is the IPv4 address in it.
    public static @Nullable InetAddress parse(CharSequence text) {
        if (isQuad(text)) {
            return NetUtil.createInetAddressFromIpAddressString(text.toString());
        }
        InetAddress address = has(text, ':') ? Ipv6Literal.parse(text.toString()) : null;
        if (address == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Whether [#parse] makes an address of the text.
    public static boolean isValid(CharSequence text) {
        return isQuad(text) || (has(text, ':') && Ipv6Literal.parse(text.toString()) != null);
    }

    private static boolean isQuad(CharSequence text) {
        return NetUtil.isValidIpV4Address(text) && NumericHost.isQuad(text.toString());
    }

    private static boolean has(CharSequence text, char c) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == c) {
                return true;
            }
        }
        return false;
    }
}
