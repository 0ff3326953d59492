package io.sallyport.config.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `security.istio.io` PeerAuthentication: whether workloads are spoken to by mutual TLS.
///
/// @param selector labels of the workloads it applies to; null or empty for every workload of its namespace, or of the
///     mesh in the root namespace
/// @param mtls `mtls.mode`
/// @param ports `portLevelMtls`: the modes of a workload's ports; only with a selector
public record PeerAuthentication(
        ResourceMeta meta, @Nullable Map<String, String> selector, Mode mtls, Map<Integer, Mode> ports)
        implements Resource {
    /// `PeerAuthentication.MutualTLS.Mode`.
    public enum Mode {
        /// As the scope around it says.
        UNSET,
        DISABLE,
        PERMISSIVE,
        STRICT
    }

    public PeerAuthentication {
        ports = Map.copyOf(ports);
    }

    /// Whether it is for some workloads only.
    public boolean isForWorkloads() {
        return selector != null && !selector.isEmpty();
    }
}
