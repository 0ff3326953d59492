package io.sallyport.cluster;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.NetUtil;
import io.sallyport.net.NumericHost;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Addresses that need no look-up.
final class Addresses {
    private Addresses() {}

    /// The address that an endpoint names by itself, or null where it names a host.
    static @Nullable SocketAddress literal(EndpointSpec spec) {
        return spec.isUnixSocket() ? new DomainSocketAddress(spec.unixPath()) : literal(spec.address(), spec.port());
    }

    /// The address of an IP literal in its canonical spelling (dotted quad, or IPv6 without brackets); null for all
    /// else.
    static @Nullable SocketAddress literal(String host, int port) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        if (bytes == null) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The same addresses with a port.
    static List<InetSocketAddress> of(List<InetAddress> addresses, int port) {
        return addresses.stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    /// True where a host is no name that DNS could know but an address in some spelling that is not its canonical one:
    /// decimal, octal, hex, short. Its last label would be a top-level domain, and none is a number (RFC 3696, 2).
    static boolean isNumeric(String host) {
        return host.indexOf(':') >= 0 || NumericHost.endsInNumber(host);
    }
}
