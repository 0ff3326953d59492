package io.sallyport.runtime.settings;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads a name server's address. A name would itself have to be looked up, so there are none.
final class NameServer {
    private static final int DNS_PORT = 53;
    private static final Pattern WITH_PORT = Pattern.compile("(?:\\[([^]]+)]|([^:]+))(?::(\\d{1,5}))?");

    private NameServer() {}

    /// @throws IllegalArgumentException if it is no address with or without a port
    static InetSocketAddress parse(String text) {
        if (NetUtil.isValidIpV6Address(text) && !text.startsWith("[")) {
            return new InetSocketAddress(InetAddress.ofLiteral(text), DNS_PORT);
        }
        Matcher matcher = WITH_PORT.matcher(text);
        if (matcher.matches()) {
            String address = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            int port = matcher.group(3) == null ? DNS_PORT : Integer.parseInt(matcher.group(3));
            if ((matcher.group(1) == null ? NetUtil.isValidIpV4Address(address) : NetUtil.isValidIpV6Address(address))
                    && port > 0
                    && port <= SettingsCheck.HIGHEST_PORT) {
                return new InetSocketAddress(InetAddress.ofLiteral(address), port);
            }
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" is not an address such as 10.96.0.10, 10.96.0.10:5353 or [fd00::10]:53");
    }
}
