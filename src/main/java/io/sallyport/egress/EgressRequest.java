package io.sallyport.egress;

import org.jspecify.annotations.Nullable;

/// What a mesh client asks for.
///
/// @param host as [io.sallyport.net.HostName#host()] gives it: canonical, IPv6 in brackets
/// @param port 1 to 65535
/// @param kind how it is asked for: HTTP for requests in plain text, TLS for a ClientHello's server name and for
///     CONNECT to port 443, TCP for CONNECT to any other port
/// @param principal the client's verified identity; null where it has none
/// @param address the client's address without its port; null where it is not known
public record EgressRequest(
        String host,
        int port,
        EgressPermit.Kind kind,
        @Nullable String principal,
        @Nullable String address) {
    private static final int LONGEST_PRINCIPAL = 300;

    /// `api.example.com:443 (TLS)`.
    public String target() {
        return printable(host) + ":" + port + " (" + kind + ")";
    }

    /// `spiffe://cluster.local/ns/shop/sa/web, 10.0.0.7`.
    public String client() {
        if (principal == null) {
            return address == null ? "an unknown client" : address;
        }
        String name = printable(principal);
        return address == null ? name : name + ", " + address;
    }

    /// Visible ASCII only, and not without end: what a peer sent must neither end a line nor reach a terminal.
    private static String printable(String text) {
        var out = new StringBuilder(text.length());
        for (int i = 0; i < Math.min(text.length(), LONGEST_PRINCIPAL); i++) {
            char c = text.charAt(i);
            out.append(c > 0x20 && c < 0x7f ? c : '?');
        }
        return out.toString();
    }
}
