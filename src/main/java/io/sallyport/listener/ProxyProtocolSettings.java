package io.sallyport.listener;

import io.sallyport.net.AddressRange;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

/// Who may say on behalf of whom a connection was made (the PROXY protocol of HAProxy, versions 1 and 2).
///
/// @param enabled connections from `allowed` must begin with a header
/// @param allowed the senders' addresses; from anywhere else a header is not interpreted
public record ProxyProtocolSettings(boolean enabled, List<AddressRange> allowed) {
    public static final ProxyProtocolSettings OFF = new ProxyProtocolSettings(false, List.of());

    public ProxyProtocolSettings {
        allowed = List.copyOf(allowed);
    }

    boolean allows(SocketAddress sender) {
        return sender instanceof InetSocketAddress address
                && allowed.stream().anyMatch(range -> range.contains(address));
    }
}
