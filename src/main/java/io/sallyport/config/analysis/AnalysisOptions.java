package io.sallyport.config.analysis;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.index.PathLiterals;
import java.util.Map;

/// What the process settings say that a check depends on.
///
/// @param portMap Gateway port to the port that is bound instead (`sallyport.port-map`)
/// @param reservedPorts ports of the process itself and what each is for, such as `15021` and `health`
/// @param gatewayPaths the form of paths where Gateways are
/// @param meshPaths the form of paths at the mesh listener
/// @param mesh what MeshConfig must not contradict
public record AnalysisOptions(
        InstanceScope scope,
        Map<Integer, Integer> portMap,
        Map<Integer, String> reservedPorts,
        SecretLookup secrets,
        PathLiterals gatewayPaths,
        PathLiterals meshPaths,
        MeshFacts mesh) {

    public AnalysisOptions {
        portMap = Map.copyOf(portMap);
        reservedPorts = Map.copyOf(reservedPorts);
    }

    /// Where paths are compared as they are written.
    public AnalysisOptions(
            InstanceScope scope,
            Map<Integer, Integer> portMap,
            Map<Integer, String> reservedPorts,
            SecretLookup secrets) {
        this(
                scope,
                portMap,
                reservedPorts,
                secrets,
                PathLiterals.AS_WRITTEN,
                PathLiterals.AS_WRITTEN,
                MeshFacts.DEFAULT);
    }

    public AnalysisOptions withPaths(PathLiterals ofGateways, PathLiterals ofMesh) {
        return new AnalysisOptions(scope, portMap, reservedPorts, secrets, ofGateways, ofMesh, mesh);
    }

    public AnalysisOptions withMesh(MeshFacts facts) {
        return new AnalysisOptions(scope, portMap, reservedPorts, secrets, gatewayPaths, meshPaths, facts);
    }

    /// How paths are compared that come by a gateway.
    ///
    /// @param gateway `namespace/name` or `mesh`
    PathLiterals paths(String gateway) {
        return gateway.equals(GatewayReference.MESH) ? meshPaths : gatewayPaths;
    }

    public static AnalysisOptions defaults() {
        return new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED);
    }

    /// Whether the process itself has that port.
    boolean isReserved(int port) {
        return reservedPorts.containsKey(port);
    }

    boolean hasMeshListener() {
        return reservedPorts.containsValue(GatewayReference.MESH);
    }

    /// The port that is bound for a Gateway's port.
    public int boundPort(int gatewayPort) {
        return portMap.getOrDefault(gatewayPort, gatewayPort);
    }
}
