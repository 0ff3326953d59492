package io.sallyport.snapshot;

import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.sallyport.policy.EgressList;
import io.sallyport.policy.EgressMode;
import io.sallyport.policy.EgressPermit;
import io.sallyport.policy.NumericHost;
import io.sallyport.route.HostIndex;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What mesh clients may reach, by host and port: the egress list with the routes behind each entry. A look-up never
/// resolves a name.
public final class MeshRoutes {
    /// An address or range that an entry lists.
    ///
    /// @param port that clients ask for
    public record Range(IpSubnetFilterRule addresses, int port, MeshHost host) {}

    private final EgressMode mode;
    private final List<MeshHost> all;
    private final IntObjectMap<HostIndex<MeshHost>> byPort;
    private final List<Range> ranges;
    private final Map<InetSocketAddress, MeshHost> services;
    private final @Nullable MeshHost meshServices;
    private final @Nullable MeshHost unlisted;
    private final String clusterSuffix;
    private final String namespace;
    private final Workloads workloads;
    private volatile @Nullable EgressList list;

    /// @param all listed hosts
    /// @param byPort listed hosts by the port that clients ask for
    /// @param ranges listed addresses
    /// @param services by the addresses that stand for them
    /// @param meshServices takes any port of a name under the cluster domain that nothing else names; null: none
    /// @param unlisted takes what is not on the list; null with REGISTRY_ONLY
    /// @param clusterDomain such as `cluster.local`
    /// @param namespace in which names without a dot are looked for
    public MeshRoutes(
            EgressMode mode,
            Collection<MeshHost> all,
            Map<Integer, HostIndex<MeshHost>> byPort,
            Collection<Range> ranges,
            Map<InetSocketAddress, MeshHost> services,
            @Nullable MeshHost meshServices,
            @Nullable MeshHost unlisted,
            String clusterDomain,
            String namespace,
            Workloads workloads) {
        this.mode = mode;
        this.all = List.copyOf(all);
        this.byPort = new IntObjectHashMap<>(Math.max(1, byPort.size()));
        byPort.forEach((port, hosts) -> this.byPort.put((int) port, hosts));
        this.ranges = List.copyOf(ranges);
        this.services = Map.copyOf(services);
        this.meshServices = meshServices;
        this.unlisted = unlisted;
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
    /// @param host as [io.sallyport.route.HostName#host()] gives it
    public @Nullable MeshHost find(String host, int port) {
        MeshHost listed = listed(host, port);
        if (listed != null || unlisted == null) {
            return listed;
        }
        return NumericHost.spelling(host) == NumericHost.Spelling.DISGUISED ? null : unlisted;
    }

    /// As [#find], without regard to a mode that lets everything out.
    public @Nullable MeshHost listed(String host, int port) {
        HostIndex<MeshHost> hosts = byPort.get(port);
        MeshHost found = hosts == null ? null : hosts.lookup(host);
        if (found != null) {
            return found;
        }
        InetAddress literal = literal(host);
        return literal != null ? byAddress(literal, port) : service(host, hosts);
    }

    /// Names of mesh services as Istio's clients write them: `payments` of the gateway's own namespace,
    /// `payments.prod` and `payments.prod.svc` where the list has that service, and every full name.
    private @Nullable MeshHost service(String host, @Nullable HostIndex<MeshHost> hosts) {
        if (host.endsWith(clusterSuffix)) {
            return host.length() > clusterSuffix.length() ? meshServices : null;
        }
        if (hosts == null) {
            return null;
        }
        int dot = host.indexOf('.');
        if (dot < 0) {
            return hosts.lookup(host + '.' + namespace + clusterSuffix);
        }
        int second = host.indexOf('.', dot + 1);
        if (second < 0) {
            return hosts.lookup(host + clusterSuffix);
        }
        boolean short3 = host.endsWith(".svc") && second == host.length() - ".svc".length();
        return short3 ? hosts.lookup(host.substring(0, second) + clusterSuffix) : null;
    }

    private @Nullable MeshHost byAddress(InetAddress address, int port) {
        InetSocketAddress socket = new InetSocketAddress(address, port);
        for (Range range : ranges) {
            if (range.port() == port && range.addresses().matches(socket)) {
                return range.host();
            }
        }
        return services.get(socket);
    }

    /// The address that a host in its canonical form spells, or null where it is a name.
    private static @Nullable InetAddress literal(String host) {
        if (host.startsWith("[")) {
            return NetUtil.createInetAddressFromIpAddressString(host.substring(1, host.length() - 1));
        }
        return NetUtil.isValidIpV4Address(host) ? NetUtil.createInetAddressFromIpAddressString(host) : null;
    }

    /// The list, to say why something is not on it. Made when it is first asked for.
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

    /// What lets out hosts that no resource names: services of the mesh, and everything where the mode says so.
    public List<MeshHost> catchAlls() {
        return Stream.of(meshServices, unlisted).filter(Objects::nonNull).toList();
    }

    /// As [#permits], with the routes behind each.
    public List<MeshHost> hosts() {
        return all;
    }
}
