package io.sallyport.config.analysis;

import io.sallyport.config.index.InstanceScope;
import java.util.Map;

/// What the process settings say that a check depends on.
///
/// @param portMap Gateway port to the port that is bound instead (`sallyport.port-map`)
/// @param reservedPorts ports of the process itself and what each is for, such as `15021` and `health`
public record AnalysisOptions(
        InstanceScope scope, Map<Integer, Integer> portMap, Map<Integer, String> reservedPorts, SecretLookup secrets) {

    public AnalysisOptions {
        portMap = Map.copyOf(portMap);
        reservedPorts = Map.copyOf(reservedPorts);
    }

    public static AnalysisOptions defaults() {
        return new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED);
    }

    /// The port that is bound for a Gateway's port.
    public int boundPort(int gatewayPort) {
        return portMap.getOrDefault(gatewayPort, gatewayPort);
    }
}
