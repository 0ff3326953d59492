package io.sallyport.operators;

import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// Addresses and their halves: `10.0.0.1:80`, `[2001:db8::1]:80`; without the port there are no brackets.
public final class AddressText {
    private static final int MOST_DIGITS = 5;

    private AddressText() {}

    static @Nullable String of(@Nullable SocketAddress address) {
        return address == null ? null : text(address);
    }

    /// As Envoy prints it.
    public static String text(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return address.toString();
        }
        String host = host(inet);
        return inet.getAddress() instanceof Inet6Address
                ? '[' + host + "]:" + inet.getPort()
                : host + ':' + inet.getPort();
    }

    static @Nullable String host(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? host(inet) : of(address);
    }

    private static String host(InetSocketAddress inet) {
        InetAddress host = inet.getAddress();
        return host == null ? inet.getHostString() : NetUtil.toAddressString(host);
    }

    /// -1 where there is none.
    static long port(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    /// Of an address that is a text.
    static @Nullable String host(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String host = port(text) < 0 ? text : text.substring(0, text.lastIndexOf(':'));
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /// Likewise; -1 where there is none.
    static long port(@Nullable String text) {
        int colon = text == null ? -1 : text.lastIndexOf(':');
        if (text == null || colon < 0 || colon + 1 == text.length() || text.length() - colon - 1 > MOST_DIGITS) {
            return -1;
        }
        for (int i = colon + 1; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        return Integer.parseInt(text, colon + 1, text.length(), 10);
    }
}
