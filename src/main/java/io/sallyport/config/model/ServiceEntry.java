package io.sallyport.config.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `networking.istio.io` ServiceEntry: a service that is on the list.
///
/// @param hosts names or `*.suffix`
/// @param addresses virtual IP addresses or CIDR ranges
/// @param workloadSelector labels of the workloads that are its endpoints; excludes `endpoints`; null is absent
/// @param subjectAltNames any of these must be the upstream's identity
/// @param healthCheck of its annotation; null for none
public record ServiceEntry(
        ResourceMeta meta,
        List<String> hosts,
        List<String> addresses,
        List<ServicePort> ports,
        Location location,
        Resolution resolution,
        List<WorkloadEntry> endpoints,
        @Nullable Map<String, String> workloadSelector,
        List<String> exportTo,
        List<String> subjectAltNames,
        @Nullable HealthCheck healthCheck)
        implements Resource {

    /// Its port of that number, or null.
    public @Nullable ServicePort port(int number) {
        for (ServicePort port : ports) {
            if (port.number() == number) {
                return port;
            }
        }
        return null;
    }

    /// Whether it stands for a service of the mesh whose endpoints are discovered, and so not listed here.
    public boolean isDiscovered() {
        return isService() && resolution == Resolution.STATIC;
    }

    /// Whether it stands for a discovered service, and is in no file.
    public boolean isService() {
        return meta.kind() == ResourceKind.SERVICE;
    }

    /// `ServiceEntry.Location`.
    public enum Location {
        MESH_EXTERNAL,
        MESH_INTERNAL
    }

    /// `ServiceEntry.Resolution`: how the endpoints' addresses are found.
    public enum Resolution {
        NONE,
        STATIC,
        DNS,
        DNS_ROUND_ROBIN,
        DYNAMIC_DNS
    }
}
