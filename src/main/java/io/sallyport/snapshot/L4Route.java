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

    public L4Route {
        matches = List.copyOf(matches);
        clusters = List.copyOf(clusters);
    }

    /// All conditions must hold.
    ///
    /// @param serverNames SNI patterns, `*.foo.com` or exact; empty for any
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

        boolean matches(
                @Nullable String sni,
                @Nullable InetSocketAddress destination,
                @Nullable InetSocketAddress source,
                Workload client) {
            return client.is(sourceNamespace, sourceLabels)
                    && (serverNames.isEmpty() || (sni != null && matchesName(sni)))
                    && within(destinationSubnets, destination)
                    && within(sourceSubnets, source);
        }

        private boolean matchesName(String sni) {
            for (String pattern : serverNames) {
                if (HostIndex.holds(pattern, sni)) {
                    return true;
                }
            }
            return false;
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

    /// The first of the routes that takes the connection, or null where none does.
    ///
    /// @param sni in lower case, or null where there is none
    /// @param otherName that the same host has besides, or null
    /// @param client the workload that the connection comes from
    public static @Nullable L4Route first(
            List<L4Route> routes,
            @Nullable String sni,
            @Nullable String otherName,
            @Nullable InetSocketAddress destination,
            @Nullable InetSocketAddress source,
            Workload client) {
        for (L4Route route : routes) {
            if (route.matches(sni, destination, source, client)
                    || (otherName != null && route.matches(otherName, destination, source, client))) {
                return route;
            }
        }
        return null;
    }

    private boolean matches(
            @Nullable String sni,
            @Nullable InetSocketAddress destination,
            @Nullable InetSocketAddress source,
            Workload client) {
        if (matches.isEmpty()) {
            return true;
        }
        for (Match match : matches) {
            if (match.matches(sni, destination, source, client)) {
                return true;
            }
        }
        return false;
    }

    /// The cluster for this connection, by weight.
    ///
    /// @param random any int, uniformly distributed
    public WeightedCluster pick(int random) {
        return WeightedCluster.pick(clusters, random);
    }
}
