package io.sallyport.config.model;

import java.util.List;
import java.util.Map;

/// `L4MatchAttributes`: all conditions must hold.
///
/// @param destinationSubnets any of these CIDR ranges or addresses
/// @param port the listener's port; 0 is any
public record L4MatchAttributes(
        List<String> destinationSubnets,
        int port,
        String sourceSubnet,
        Map<String, String> sourceLabels,
        List<String> gateways,
        String sourceNamespace,
        Position at) {}
