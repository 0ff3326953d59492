package io.sallyport.snapshot;

import io.sallyport.http.ConnectionInfo;
import io.sallyport.identity.SpiffeId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The workloads of the mesh by address, as ServiceEntries of location MESH_INTERNAL list them.
public final class Workloads {
    public static final Workloads NONE = new Workloads(Map.of());

    private final Map<InetAddress, Workload> byAddress;

    public Workloads(Map<InetAddress, Workload> byAddress) {
        this.byAddress = Map.copyOf(byAddress);
    }

    /// Who the client is. A verified identity says the namespace (`spiffe://<trust
    /// domain>/ns/<namespace>/sa/<account>`)
    /// and outweighs the address: labels of a workload in another namespace are not its own.
    public Workload of(ConnectionInfo connection) {
        InetAddress address = connection.remote() instanceof InetSocketAddress inet ? inet.getAddress() : null;
        String identity = connection.tls() == null ? null : connection.tls().peerIdentity();
        return of(address, identity);
    }

    /// @param identity a verified SPIFFE id, or null
    public Workload of(@Nullable InetAddress address, @Nullable String identity) {
        Workload byPlace = address == null ? null : byAddress.get(address);
        String namespace = identity == null ? null : namespace(identity);
        if (namespace == null) {
            return byPlace == null ? Workload.UNKNOWN : byPlace;
        }
        return byPlace != null && namespace.equals(byPlace.namespace()) ? byPlace : new Workload(namespace, Map.of());
    }

    /// Istio's path of a workload's identity: `/ns/<namespace>/sa/<service account>`.
    private static @Nullable String namespace(String identity) {
        SpiffeId id = SpiffeId.parse(identity);
        String[] segments = id == null ? new String[0] : id.path().split("/", -1);
        return segments.length == 5 && segments[1].equals("ns") && segments[3].equals("sa") ? segments[2] : null;
    }
}
