package io.sallyport.snapshot.compile;

import io.sallyport.config.model.ServerTlsSettings;
import io.sallyport.identity.AddressRange;
import io.sallyport.policy.EgressMode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The mesh listener and what it lets out, as the process's settings say.
///
/// @param port of the mesh listener; 0 for none (`sallyport.mesh.enabled=false`)
/// @param tls null where the proxy port itself speaks no TLS
/// @param mode `sallyport.egress.mode`
/// @param allowedCidrs ranges that names outside the mesh may resolve to although they are guarded
///     (`sallyport.egress.allowed-cidrs`)
public record EgressOptions(int port, @Nullable MeshTls tls, EgressMode mode, List<String> allowedCidrs) {

    public static final EgressOptions NO_MESH = new EgressOptions(0, null, EgressMode.REGISTRY_ONLY, List.of());

    /// @throws IllegalArgumentException where one of the ranges is none
    public EgressOptions {
        allowedCidrs = List.copyOf(allowedCidrs);
        allowedCidrs.forEach(AddressRange::parse);
    }

    List<AddressRange> allowedRanges() {
        return allowedCidrs.stream().map(AddressRange::parse).toList();
    }

    public boolean hasMeshListener() {
        return port != 0;
    }

    /// TLS between a client and the proxy port (an `https://` proxy). A ClientHello for one of these names, or for
    /// none, is for the proxy itself; any other is a tunnel to the host that it names.
    ///
    /// @param credentialName of the proxy's certificate in the secrets directory; empty with ISTIO_MUTUAL
    /// @param mode SIMPLE, MUTUAL, OPTIONAL_MUTUAL or ISTIO_MUTUAL
    /// @param names of the proxy in lower case
    /// @param required plain-text clients are turned away
    public record MeshTls(String credentialName, ServerTlsSettings.Mode mode, List<String> names, boolean required) {
        public MeshTls {
            names = List.copyOf(names);
        }
    }
}
