package io.sallyport.telemetry;

import io.sallyport.operators.AddressText;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Addresses as Envoy prints them: `10.0.0.1:80`, `[2001:db8::1]:80`.
public final class SocketNames {
    private SocketNames() {}

    public static String of(SocketAddress address) {
        return AddressText.text(address);
    }

    /// Puts an address into a field without quotes; one of IPv4 number by number, since every line has three of them.
    static LineBuffer put(SocketAddress address, LineBuffer out) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() instanceof Inet4Address host) {
            byte[] numbers = host.getAddress();
            out.put(numbers[0] & 0xff);
            for (int i = 1; i < numbers.length; i++) {
                out.put('.').put(numbers[i] & 0xff);
            }
            return out.put(':').put(inet.getPort());
        }
        return out.bare(of(address), AccessLogFormatter.LONGEST_TEXT);
    }
}
