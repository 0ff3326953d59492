package io.sallyport.egress;

/// One entry of the egress list: what lets connections to a host and port out.
///
/// @param resource who names it: `ServiceEntry default/partner-api`, `VirtualService default/payments`; `mesh service`
///     for names under the cluster domain that no resource names, `egress mode` where everything is let out
/// @param source `file:line` of the resource; empty where there is none
/// @param host the host pattern as the list has it: `api.example.com`, `*.example.com`, `10.0.0.0/8`; `*` for any
/// @param port that clients ask for; 0 for any
/// @param kind what may be spoken
public record EgressPermit(String resource, String source, String host, int port, Kind kind) {

    /// What the bytes to a listed port are.
    public enum Kind {
        /// Requests, routed by host and path; a tunnel to such a port is read, too.
        HTTP,
        /// Tunnels that begin with a ClientHello for the very host that was asked for.
        TLS,
        /// Tunnels of any bytes.
        TCP,
        /// Requests and tunnels: nothing is known of the port.
        ANY
    }
}
