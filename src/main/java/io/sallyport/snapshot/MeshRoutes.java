package io.sallyport.snapshot;

import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.sallyport.egress.EgressList;
import io.sallyport.egress.EgressMode;
import io.sallyport.egress.EgressPermit;
import io.sallyport.net.NumericHost;
import io.sallyport.route.HostIndex;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What mesh clients may reach, by host and port: the egress list with the routes behind each entry. A look-up never
/// resolves a name.
public final class MeshRoutes {
    /// A range of addresses that an entry lists.
    ///
    /// @param port that clients ask for
    /// @param hosts at least one; the first holds where nobody says which is meant
    public record Range(IpSubnetFilterRule addresses, int port, List<MeshHost> hosts) {
        public Range {
            hosts = List.copyOf(hosts);
        }
    }

    /// What is let out at every port.
    ///
    /// @param host at most ports
    /// @param special at the others
    public record AnyPort(MeshHost host, Map<Integer, MeshHost> special) {
        public AnyPort {
            special = Map.copyOf(special);
        }

        MeshHost at(int port) {
            return special.isEmpty() ? host : special.getOrDefault(port, host);
        }
    }

    private final EgressMode mode;
    private final List<MeshHost> all;
    private final IntObjectMap<HostIndex<MeshHost>> byPort;
    private final List<Range> ranges;
    private final Map<InetSocketAddress, List<MeshHost>> addresses;
    private final HostIndex<AnyPort> meshServices;
    private final @Nullable HostIndex<AnyPort> anyHosts;
    private final List<MeshHost> catchAlls;
    private final String clusterSuffix;
    private final String namespace;
    private final Workloads workloads;
    private volatile @Nullable EgressList list;

    /// @param all listed hosts
    /// @param byPort listed hosts by the port that clients ask for
    /// @param ranges listed ranges of addresses, the longest prefix first
    /// @param addresses single addresses, listed or of discovered services; as [Range#hosts]
    /// @param meshServices takes any port of a name under the cluster domain that nothing else names
    /// @param anyHosts takes what is not on the list; null with REGISTRY_ONLY
    /// @param catchAlls all of the last two, to be shown
    /// @param clusterDomain such as `cluster.local`
    /// @param namespace in which names without a dot are looked for
    public MeshRoutes(
            EgressMode mode,
            Collection<MeshHost> all,
            Map<Integer, HostIndex<MeshHost>> byPort,
            Collection<Range> ranges,
            Map<InetSocketAddress, List<MeshHost>> addresses,
            HostIndex<AnyPort> meshServices,
            @Nullable HostIndex<AnyPort> anyHosts,
            Collection<MeshHost> catchAlls,
            String clusterDomain,
            String namespace,
            Workloads workloads) {
        this.mode = mode;
        this.all = List.copyOf(all);
        this.byPort = new IntObjectHashMap<>(Math.max(1, byPort.size()));
        byPort.forEach((port, hosts) -> this.byPort.put((int) port, hosts));
        this.ranges = List.copyOf(ranges);
        Map<InetSocketAddress, List<MeshHost>> copied = new HashMap<>();
        addresses.forEach((address, hosts) -> copied.put(address, List.copyOf(hosts)));
        this.addresses = copied;
        this.meshServices = meshServices;
        this.anyHosts = anyHosts;
        this.catchAlls = List.copyOf(catchAlls);
        this.clusterSuffix = ".svc." + clusterDomain;
        this.namespace = namespace;
        this.workloads = workloads;
    }

    public EgressMode mode() {
        return mode;
    }

    public Workloads workloads() {
        return workloads;
    }

    /// What takes a connection or request for that host, or null where nothing may: then it is denied. A mode that lets
    /// everything out does not let out an address that is spelled to look like a name.
    ///
    /// @param host as [io.sallyport.net.HostName#host()] gives it
    public @Nullable MeshHost find(String host, int port) {
        MeshHost listed = listed(host, port);
        if (listed != null || anyHosts == null) {
            return listed;
        }
        AnyPort any = NumericHost.spelling(host) == NumericHost.Spelling.DISGUISED ? null : anyHosts.lookup(host);
        return any == null ? null : any.at(port);
    }

    /// As [#find]; where the host is an address that several services share, TLS's server name decides between them.
    ///
    /// @param sni in lower case, or null
    public @Nullable MeshHost find(String host, int port, @Nullable String sni) {
        InetAddress literal = literal(host);
        MeshHost named = sni == null || literal == null ? null : named(byAddress(literal, port), sni);
        return named == null ? find(host, port) : named;
    }

    private static @Nullable MeshHost named(List<MeshHost> hosts, String sni) {
        MeshHost best = null;
        String bestName = null;
        for (MeshHost host : hosts) {
            String name = host.covering(sni);
            boolean better = name != null
                    && (best == null
                            || bestName == null
                            || name.length() > bestName.length()
                            || (name.length() == bestName.length()
                                    && host.names().size() < best.names().size()));
            if (better) {
                best = host;
                bestName = name;
            }
        }
        return best;
    }

    /// The names that TLS may be for at a host that is an address: of all services that it stands for; empty where it
    /// stands for none.
    public List<String> names(String host, int port) {
        InetAddress literal = literal(host);
        return literal == null
                ? List.of()
                : byAddress(literal, port).stream()
                        .flatMap(each -> each.names().stream())
                        .distinct()
                        .toList();
    }

    /// As [#find], without regard to a mode that lets everything out.
    public @Nullable MeshHost listed(String host, int port) {
        HostIndex<MeshHost> hosts = byPort.get(port);
        MeshHost found = hosts == null ? null : hosts.lookup(host);
        if (found != null) {
            return found;
        }
        InetAddress literal = literal(host);
        if (literal == null) {
            return service(host, port, hosts);
        }
        List<MeshHost> ofAddress = byAddress(literal, port);
        return ofAddress.isEmpty() ? null : ofAddress.getFirst();
    }

    /// Names of mesh services as Istio's clients write them: `payments` of the gateway's own namespace,
    /// `payments.prod` and `payments.prod.svc` where some resource has that service, and every full name.
    private @Nullable MeshHost service(String host, int port, @Nullable HostIndex<MeshHost> hosts) {
        if (host.endsWith(clusterSuffix)) {
            AnyPort any = host.length() > clusterSuffix.length() ? meshServices.lookup(host) : null;
            return any == null ? null : any.at(port);
        }
        String fullName = fullName(host);
        if (fullName == null) {
            return null;
        }
        MeshHost listed = hosts == null ? null : hosts.lookup(fullName);
        if (listed != null) {
            return listed;
        }
        AnyPort any = meshServices.lookup(fullName);
        return any != null && any.host().permit().host().equals(fullName) ? any.at(port) : null;
    }

    private @Nullable String fullName(String host) {
        int dot = host.indexOf('.');
        if (dot < 0) {
            return host + '.' + namespace + clusterSuffix;
        }
        int second = host.indexOf('.', dot + 1);
        if (second < 0) {
            return host + clusterSuffix;
        }
        boolean short3 = host.endsWith(".svc") && second == host.length() - ".svc".length();
        return short3 ? host.substring(0, second) + clusterSuffix : null;
    }

    private List<MeshHost> byAddress(InetAddress address, int port) {
        InetSocketAddress socket = new InetSocketAddress(address, port);
        List<MeshHost> single = addresses.get(socket);
        if (single != null) {
            return single;
        }
        for (Range range : ranges) {
            if (range.port() == port && range.addresses().matches(socket)) {
                return range.hosts();
            }
        }
        return List.of();
    }

    /// The address that a host in its canonical form spells, or null where it is a name.
    private static @Nullable InetAddress literal(String host) {
        if (host.startsWith("[")) {
            return NetUtil.createInetAddressFromIpAddressString(host.substring(1, host.length() - 1));
        }
        return NetUtil.isValidIpV4Address(host) ? NetUtil.createInetAddressFromIpAddressString(host) : null;
    }

    /// The list, to explain why something is not on it. Made when it is first needed.
    public EgressList list() {
        EgressList known = list;
        if (known == null) {
            known = EgressList.of(permits());
            list = known;
        }
        return known;
    }

    /// All entries, in the order of configuration.
    public List<EgressPermit> permits() {
        return all.stream().map(MeshHost::permit).toList();
    }

    /// The entries for hosts that no resource names: services of the mesh, and everything where the mode allows that.
    public List<MeshHost> catchAlls() {
        return catchAlls;
    }

    /// As [#permits], with the routes behind each.
    public List<MeshHost> hosts() {
        return all;
    }
}
