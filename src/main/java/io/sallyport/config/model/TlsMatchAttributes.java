package io.sallyport.config.model;

import java.util.List;
import java.util.Map;

/// `TLSMatchAttributes`: all conditions must hold.
///
/// @param sniHosts any of these: a name or `*.suffix`, within the VirtualService's hosts
/// @param destinationSubnets any of these CIDR ranges or addresses
/// @param port the listener's port; 0 is any
public record TlsMatchAttributes(
        List<String> sniHosts,
        List<String> destinationSubnets,
        int port,
        Map<String, String> sourceLabels,
        List<String> gateways,
        String sourceNamespace,
        Position at) {}
