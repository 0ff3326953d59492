package io.sallyport.snapshot;

import io.sallyport.http.ConnectionInfo;
import io.sallyport.identity.SpiffeId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The workloads of the mesh by address: as ServiceEntries of location MESH_INTERNAL list them, else as they are
/// discovered.
public final class Workloads {
    public static final Workloads NONE = new Workloads(Map.of(), _ -> null, List.of());

    private final Map<InetAddress, Workload> byAddress;
    private final Function<InetAddress, @Nullable Workload> discovered;
    private final List<String> trustDomains;

    /// @param discovered says who has an address now, or null
    /// @param trustDomains whose identities name this mesh's namespaces
    public Workloads(
            Map<InetAddress, Workload> byAddress,
            Function<InetAddress, @Nullable Workload> discovered,
            List<String> trustDomains) {
        this.byAddress = Map.copyOf(byAddress);
        this.discovered = discovered;
        this.trustDomains = List.copyOf(trustDomains);
    }

    /// Who the client is. A verified identity says the namespace (`spiffe://<trust
    /// domain>/ns/<namespace>/sa/<account>`) and outweighs the address: labels of a workload in another
    /// namespace are not its own.
    public Workload of(ConnectionInfo connection) {
        InetAddress address = connection.remote() instanceof InetSocketAddress inet ? inet.getAddress() : null;
        String identity = connection.tls() == null ? null : connection.tls().peerIdentity();
        return of(address, identity);
    }

    /// @param identity a verified SPIFFE id, or null
    public Workload of(@Nullable InetAddress address, @Nullable String identity) {
        SpiffeId id = identity == null ? null : SpiffeId.parse(identity);
        if (id != null && !trustDomains.contains(id.trustDomain())) {
            // A workload of another mesh, whose namespaces are others.
            return Workload.UNKNOWN;
        }
        Workload byPlace = address == null ? null : at(address);
        String namespace = id == null ? null : namespace(id);
        if (namespace == null) {
            return byPlace == null ? Workload.UNKNOWN : byPlace;
        }
        return byPlace != null && namespace.equals(byPlace.namespace())
                ? byPlace
                : new Workload(namespace, Map.of(), null);
    }

    private @Nullable Workload at(InetAddress address) {
        Workload listed = byAddress.get(address);
        return listed == null ? discovered.apply(address) : listed;
    }

    /// Istio's path of a workload's identity: `/ns/<namespace>/sa/<service account>`.
    private static @Nullable String namespace(SpiffeId id) {
        String[] segments = id.path().split("/", -1);
        return segments.length == 5 && segments[1].equals("ns") && segments[3].equals("sa") ? segments[2] : null;
    }
}
