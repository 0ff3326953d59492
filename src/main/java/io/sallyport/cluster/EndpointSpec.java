package io.sallyport.cluster;

import io.sallyport.outcome.WorkloadNames;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One configured endpoint of a cluster (Istio: `WorkloadEntry`).
///
/// @param address an IP literal, a DNS name, or `unix://` and an absolute path
/// @param port 1 to 65535; 0 only for Unix sockets
/// @param weight relative, at least 1
/// @param locality `region/zone/subzone`
/// @param serviceAccount `namespace/name`, which its certificate must say where the mesh's own TLS is spoken
/// @param priority 0 is asked first; the next ones take what those before are too unhealthy for (Envoy:
///     `LocalityLbEndpoints.priority`)
/// @param workload what metrics call it; null where nothing is known of it
public record EndpointSpec(
        String address,
        int port,
        Map<String, String> labels,
        int weight,
        @Nullable String locality,
        @Nullable String network,
        @Nullable String serviceAccount,
        int priority,
        @Nullable WorkloadNames workload) {
    private static final String UNIX = "unix://";

    public EndpointSpec {
        labels = Map.copyOf(labels);
        if (weight < 1) {
            throw new IllegalArgumentException("weight " + weight + " of " + address);
        }
    }

    public EndpointSpec(String address, int port) {
        this(address, port, Map.of(), 1, null, null, null);
    }

    /// One of the first priority.
    public EndpointSpec(
            String address,
            int port,
            Map<String, String> labels,
            int weight,
            @Nullable String locality,
            @Nullable String network,
            @Nullable String serviceAccount) {
        this(address, port, labels, weight, locality, network, serviceAccount, 0, null);
    }

    public boolean isUnixSocket() {
        return address.startsWith(UNIX);
    }

    /// The socket's path in the file system; only where [#isUnixSocket()].
    public String unixPath() {
        return address.substring(UNIX.length());
    }

    public EndpointSpec withPriority(int newPriority) {
        return new EndpointSpec(
                address, port, labels, weight, locality, network, serviceAccount, newPriority, workload);
    }

    public EndpointSpec named(@Nullable WorkloadNames newWorkload) {
        return new EndpointSpec(
                address, port, labels, weight, locality, network, serviceAccount, priority, newWorkload);
    }
}
