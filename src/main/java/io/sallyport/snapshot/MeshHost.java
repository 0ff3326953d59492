package io.sallyport.snapshot;

import io.sallyport.egress.EgressPermit;
import io.sallyport.route.HostIndex;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One port of one listed host, as the mesh listener serves it.
///
/// @param permit the entry of the list
/// @param http the routes of requests; null where only tunnels may be opened
/// @param bytes the routes of tunnels, the first that matches is taken; empty where the port speaks plain HTTP
/// @param names that TLS may be for where the host is an address: those of the service that it stands for, `*.suffix`
///     or exact; empty where the host is a name
/// @param routesRequests whether VirtualServices have routes for requests, which hold within a tunnel, too
public record MeshHost(
        EgressPermit permit, @Nullable HttpHost http, List<L4Route> bytes, List<String> names, boolean routesRequests) {
    public MeshHost {
        bytes = List.copyOf(bytes);
        names = List.copyOf(names);
    }

    /// By an address that stands for the service.
    public MeshHost at(String address, List<String> serverNames) {
        EgressPermit byAddress =
                new EgressPermit(permit.resource(), permit.source(), address, permit.port(), permit.kind());
        return new MeshHost(byAddress, http, bytes, serverNames, routesRequests);
    }

    /// The most specific of [#names] that holds for the server name, or null.
    ///
    /// @param sni in lower case
    public @Nullable String covering(String sni) {
        String best = null;
        for (String name : names) {
            if (HostIndex.holds(name, sni)
                    && (best == null || name.length() > best.length() || !name.startsWith("*"))) {
                best = name;
            }
        }
        return best;
    }
}
