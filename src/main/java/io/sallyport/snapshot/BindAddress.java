package io.sallyport.snapshot;

/// Where a listener is bound: an IP address of this host, and the port after `sallyport.port-map`.
///
/// @param host an IP literal, `0.0.0.0` for all of IPv4, `::` for both families
/// @param port 1 to 65535; 0 in tests: any free port
public record BindAddress(String host, int port) {
    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
