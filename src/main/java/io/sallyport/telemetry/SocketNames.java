package io.sallyport.telemetry;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Addresses as Envoy prints them: `10.0.0.1:80`, `[2001:db8::1]:80`.
final class SocketNames {
    private SocketNames() {}

    static String of(SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return address.toString();
        }
        InetAddress host = inet.getAddress();
        if (host == null) {
            return inet.getHostString() + ':' + inet.getPort();
        }
        return host instanceof Inet6Address
                ? '[' + io.netty.util.NetUtil.toAddressString(host) + "]:" + inet.getPort()
                : host.getHostAddress() + ':' + inet.getPort();
    }
}
