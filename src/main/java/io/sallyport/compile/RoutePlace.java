package io.sallyport.compile;

import io.sallyport.config.index.GatewayReference;
import io.sallyport.config.index.InstanceScope;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where routes are compiled for: one port of a gateway, or of the mesh listener.
///
/// @param gateway `namespace/name`, or `mesh`
/// @param port the Gateway's port number; at the mesh listener the one that clients ask for, 0 for any that
///     no condition of the routes names
/// @param tls whether the gateway's port is for TLS; false at the mesh listener
/// @param asked the address by which clients ask at this place, where it is connected to as they ask for it; else null
record RoutePlace(
        String gateway,
        int port,
        boolean tls,
        InstanceScope scope,
        @Nullable AskedAddress asked) {
    RoutePlace(String gateway, int port, boolean tls, InstanceScope scope) {
        this(gateway, port, tls, scope, null);
    }

    static RoutePlace mesh(int port, InstanceScope scope, @Nullable AskedAddress asked) {
        return new RoutePlace(GatewayReference.MESH, port, false, scope, asked);
    }

    boolean isMesh() {
        return gateway.equals(GatewayReference.MESH);
    }

    /// Whether the port is the one that its protocol's addresses need not name.
    boolean isDefaultPort() {
        return port == (tls ? 443 : 80);
    }

    /// Whether requests or connections at this place can meet a match with these conditions at all (Istio pilot,
    /// `sourceMatchHTTP`). At a gateway, `sourceLabels` and `sourceNamespace` mean the gateway's own workload, so
    /// they are settled here; at the mesh listener they are about each client, and remain to be asked.
    ///
    /// @param namespace of the VirtualService
    /// @param matchPort 0 for any
    boolean admits(
            String namespace,
            List<String> gateways,
            int matchPort,
            Map<String, String> sourceLabels,
            String sourceNamespace) {
        if (matchPort != 0 && matchPort != port) {
            return false;
        }
        if (!gateways.isEmpty()) {
            return gateways.stream().anyMatch(reference -> GatewayReference.resolve(reference, namespace)
                    .equals(gateway));
        }
        return isMesh()
                || (scope.carries(sourceLabels)
                        && (sourceNamespace.isEmpty() || sourceNamespace.equals(scope.namespace())));
    }
}
