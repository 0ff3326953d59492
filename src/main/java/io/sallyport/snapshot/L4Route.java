package io.sallyport.snapshot;

import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.sallyport.route.HostIndex;
import io.sallyport.route.WeightedCluster;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A compiled `TLSRoute` or `TCPRoute`: any of the matches leads to the clusters.
///
/// @param virtualService `namespace/name`
/// @param index its place in the VirtualService's `tls` or `tcp` list
/// @param matches empty means every connection
/// @param clusters at least one
public record L4Route(String virtualService, int index, List<Match> matches, List<WeightedCluster> clusters) {
    private static final int NONE = -1;

    public L4Route {
        matches = List.copyOf(matches);
        clusters = List.copyOf(clusters);
    }

    /// All conditions must hold.
    ///
    /// @param serverNames SNI patterns, `*.foo.com` or exact; empty for any, and for clients that name none
    /// @param destinationSubnets of the address that the client connected to; empty for any
    /// @param sourceSubnets of the client's address; empty for any
    /// @param sourceLabels that the client's workload must have, on the mesh listener
    /// @param sourceNamespace that the client's workload must be of, on the mesh listener; null for any
    public record Match(
            List<String> serverNames,
            List<IpSubnetFilterRule> destinationSubnets,
            List<IpSubnetFilterRule> sourceSubnets,
            Map<String, String> sourceLabels,
            @Nullable String sourceNamespace) {

        public Match {
            serverNames = List.copyOf(serverNames);
            destinationSubnets = List.copyOf(destinationSubnets);
            sourceSubnets = List.copyOf(sourceSubnets);
            sourceLabels = Map.copyOf(sourceLabels);
        }

        /// How closely the match names the server of a connection that it admits: the most for the exact name, else
        /// the characters of the wildcard; [#NONE] where it does not admit it.
        int closeness(
                @Nullable String sni,
                @Nullable InetSocketAddress destination,
                @Nullable InetSocketAddress source,
                Workload client) {
            return client.is(sourceNamespace, sourceLabels)
                            && within(destinationSubnets, destination)
                            && within(sourceSubnets, source)
                    ? closeness(sni)
                    : NONE;
        }

        private int closeness(@Nullable String sni) {
            if (serverNames.isEmpty()) {
                return 0;
            }
            int closest = NONE;
            for (String pattern : serverNames) {
                if (sni != null && HostIndex.holds(pattern, sni)) {
                    closest = Math.max(closest, pattern.equals(sni) ? Integer.MAX_VALUE : pattern.length());
                }
            }
            return closest;
        }

        private static boolean within(List<IpSubnetFilterRule> subnets, @Nullable InetSocketAddress address) {
            if (subnets.isEmpty()) {
                return true;
            }
            if (address == null) {
                return false;
            }
            for (IpSubnetFilterRule subnet : subnets) {
                if (subnet.matches(address)) {
                    return true;
                }
            }
            return false;
        }
    }

    /// The route that takes the connection, or null where none does: the one that names the server most closely, as
    /// Envoy chooses among filter chains (`FilterChainMatch.server_names`), and of equals the first.
    ///
    /// @param sni in lower case, or null where there is none
    /// @param otherName that the same host has besides, or null
    /// @param client the workload that the connection comes from
    public static @Nullable L4Route choose(
            List<L4Route> routes,
            @Nullable String sni,
            @Nullable String otherName,
            @Nullable InetSocketAddress destination,
            @Nullable InetSocketAddress source,
            Workload client) {
        L4Route chosen = null;
        int closest = NONE;
        for (L4Route route : routes) {
            int closeness = route.closeness(sni, destination, source, client);
            if (otherName != null) {
                closeness = Math.max(closeness, route.closeness(otherName, destination, source, client));
            }
            if (closeness > closest) {
                chosen = route;
                closest = closeness;
            }
        }
        return chosen;
    }

    private int closeness(
            @Nullable String sni,
            @Nullable InetSocketAddress destination,
            @Nullable InetSocketAddress source,
            Workload client) {
        int closest = matches.isEmpty() ? 0 : NONE;
        for (Match match : matches) {
            closest = Math.max(closest, match.closeness(sni, destination, source, client));
        }
        return closest;
    }

    /// The cluster for this connection, by weight.
    ///
    /// @param random any int, uniformly distributed
    public WeightedCluster pick(int random) {
        return WeightedCluster.pick(clusters, random);
    }
}
