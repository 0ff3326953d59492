package io.sallyport.compile;

import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.cluster.EndpointPlacement;
import io.sallyport.cluster.MeshTls;
import io.sallyport.cluster.TcpKeepalive;
import io.sallyport.cluster.TunnelSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.model.ConnectionPoolSettings;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.PortProtocol;
import io.sallyport.config.model.Position;
import io.sallyport.config.model.Resource;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.ServicePort;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.net.AddressGuard;
import io.sallyport.persistent.PersistentMap;
import io.sallyport.route.HostIndex;
import io.sallyport.tls.UpstreamTlsSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes the clusters that routes lead to, each once. A destination's cluster always has a name; where there is no such
/// cluster (an unknown subset) nothing answers to the name, and requests get 503 NC.
final class ClusterCompiler {
    /// More than these Linux refuses (tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT).
    private static final int MAX_KEEPALIVE_SECONDS = 32_767;

    private static final int MAX_KEEPALIVE_PROBES = 127;

    private final ConfigurationIndex index;
    private final Credentials problems;
    private final HostResolution hosts;
    private final EndpointCompiler endpoints;
    private final ClientTlsCompiler tls;
    private final MeshTlsCompiler meshTls;
    private final LocalityCompiler localities;
    private PersistentMap<String, ClusterSpec> specs = PersistentMap.empty();
    /// Of all names, also of those of which there is no cluster.
    private PersistentMap<String, Origin> origins = PersistentMap.empty();
    /// Whose cluster has the name that is made of an address.
    private final Map<String, AskedAddress> addresses = new HashMap<>();

    /// What a cluster is made of.
    ///
    /// @param name the cluster's: every route to it has the same string
    /// @param service the host of the service that it is of: another than the cluster's own where clients name the
    ///     service by an address; null where there is no cluster
    /// @param rule that holds for it; null for none
    record Origin(
            String name, @Nullable String service, @Nullable DestinationRule rule) {
        /// Where its policy is from, wherever that has moved since.
        @Nullable
        String policy() {
            if (rule == null) {
                return null;
            }
            Position at = rule.meta().at();
            return rule.meta() + " (" + at.file() + ":" + at.line() + ")";
        }
    }

    /// @param spec null where there is no such cluster
    record Cluster(Origin origin, @Nullable ClusterSpec spec) {}

    ClusterCompiler(
            CompileOptions options,
            ConfigurationIndex index,
            ClientTlsCompiler tls,
            PeerModesCompiler peers,
            Credentials problems) {
        this.problems = problems;
        this.index = index;
        this.hosts = index.hosts();
        this.endpoints = new EndpointCompiler(options, index);
        this.tls = tls;
        this.meshTls = new MeshTlsCompiler(index, tls, peers);
        this.localities = new LocalityCompiler(options.scope());
    }

    /// Begins with clusters that are made already.
    void begin(
            PersistentMap<String, ClusterSpec> plain,
            PersistentMap<String, Origin> originsOfPlain,
            List<Cluster> others) {
        specs = plain;
        origins = originsOfPlain;
        others.forEach(this::add);
    }

    private void add(Cluster cluster) {
        origins = origins.with(cluster.origin.name, cluster.origin);
        if (cluster.spec != null) {
            specs = specs.with(cluster.origin.name, cluster.spec);
        }
    }

    PersistentMap<String, ClusterSpec> specs() {
        return specs;
    }

    PersistentMap<String, Origin> origins() {
        return origins;
    }

    /// The name of the destination's cluster, which is made unless it is there.
    ///
    /// @param namespace of the resource that names the destination
    /// @param listenerPort stands in for a port that neither destination nor service says (Istio pilot,
    ///     `GetDestinationCluster`)
    String require(Destination destination, String namespace, int listenerPort, boolean isHttp) {
        return require(aim(destination, namespace, listenerPort), isHttp);
    }

    /// The name alone.
    String name(Destination destination, String namespace, int listenerPort) {
        return aim(destination, namespace, listenerPort).name();
    }

    /// The cluster of a destination of requests, which is not required by that.
    Cluster make(Destination destination, String namespace, int listenerPort) {
        Aim aim = aim(destination, namespace, listenerPort);
        return make(aim, true, sources(aim));
    }

    /// The same destination with all that is left to be found out.
    Destination inFull(Destination destination, String namespace, int listenerPort) {
        Aim aim = aim(destination, namespace, listenerPort);
        return new Destination(aim.host(), destination.subset(), aim.port(), destination.at());
    }

    private Aim aim(Destination destination, String namespace, int listenerPort) {
        String host = hosts.fullyQualified(destination.host(), namespace);
        int port = destination.port() != 0 ? destination.port() : onlyPort(host, listenerPort);
        return new Aim(host, port, host, port, destination.subset().isEmpty() ? null : destination.subset());
    }

    /// Whether nothing but services and rules say anything of it.
    static boolean isPlain(ClusterSpec spec) {
        return spec.tls() == null
                && spec.meshTls() == null
                && spec.discovery() != Discovery.DISCOVERED
                && spec.endpoints().stream().noneMatch(each -> MeshTls.isOffered(each, true));
    }

    /// The name of the cluster of a listed host.
    String require(String host, int port, boolean isHttp) {
        return require(new Aim(host, port, host, port, null), isHttp);
    }

    /// The name of the cluster of a provider's service, by which the gateway itself asks it; null where the service is
    /// not known.
    @Nullable
    String requireProvider(String host, int port) {
        String name = require(host, port, true);
        return specs.containsKey(name) ? name : null;
    }

    /// The name of a cluster that connects to the very address that is asked for, within what an entry lists, by the
    /// rules of the service that the address stands for.
    ///
    String requireAddresses(AskedAddress address, @Nullable String subset, boolean isHttp) {
        String name = ClusterSpec.name(address.range(), subset, address.asked());
        AskedAddress owner = addresses.putIfAbsent(name, address);
        // Another service has the same addresses.
        String host =
                owner == null || owner.equals(address) ? address.range() : address.service() + '@' + address.range();
        Aim aim =
                new Aim(host, address.asked(), address.service(), address.port().number(), subset);
        return require(aim, isHttp, _ -> endpoints.asked(address));
    }

    /// The name of the cluster of a destination that is the very service that the client named by one of its addresses,
    /// and whose endpoints nobody lists: it leads to that address. Null for any other destination.
    @Nullable
    String requireAsked(Destination destination, String namespace, RoutePlace place, boolean isHttp) {
        AskedAddress asked = place.asked();
        if (asked == null
                || !hosts.fullyQualified(destination.host(), namespace).equals(asked.service())
                || (destination.port() != 0
                        && destination.port() != asked.port().number())) {
            return null;
        }
        return requireAddresses(asked, destination.subset().isEmpty() ? null : destination.subset(), isHttp);
    }

    /// The name of the cluster of a host at a port that no ServiceEntry lists.
    ///
    /// @param host a name, or a wildcard: then each request says which name
    /// @param service whose DestinationRule holds for it
    /// @param port 0: each request says which port
    String requireUnlisted(String host, String service, int port, boolean inMesh) {
        AddressGuard guard =
                inMesh ? endpoints.guards().inMesh() : endpoints.guards().outside();
        Aim aim = new Aim(host, port, service, port, null);
        if (!specs.containsKey(aim.name())) {
            origins = origins.without(aim.name());
        }
        return require(aim, true, subset -> endpoints.unlisted(host, port, subset, guard));
    }

    /// How the gateway itself reaches a host: as requests would, by a cluster that is not theirs.
    ClusterSpec ofOwnCalls(String host, int port) {
        Aim aim = new Aim(host, port, host, port, null);
        if (index.isWithheld(host)) {
            return ClusterSpec.of(host, port, Discovery.STATIC, List.of());
        }
        ClusterSpec listed = compile(aim, true, subset -> endpoints.find(host, port, subset));
        return listed != null
                ? listed
                : Objects.requireNonNull(
                        compile(aim, true, subset -> endpoints.unlisted(host, port, subset, guards().outside())));
    }

    GuardCompiler guards() {
        return endpoints.guards();
    }

    /// The name of the cluster that goes wherever a request asks to, outside the mesh.
    String requirePassthrough() {
        return catchAll(ClusterSpec.PASSTHROUGH, endpoints.guards().outside());
    }

    /// The name of the cluster that goes to the mesh service that a request names.
    String requireMeshServices() {
        return catchAll(ClusterSpec.MESH_SERVICES, endpoints.guards().inMesh());
    }

    private String catchAll(String name, AddressGuard guard) {
        if (!specs.containsKey(name)) {
            specs = specs.with(name, ClusterSpec.catchAll(name, guard));
        }
        return name;
    }

    /// Clusters for AUTO_PASSTHROUGH, by server name: of all services in the mesh whose host one of the patterns
    /// covers, without TLS of their own (Istio pilot, `buildOutboundSniDnatClusters`).
    void requireAll(List<String> patterns) {
        List<ServiceEntry> entries = new ArrayList<>(index.configuration().serviceEntries());
        entries.addAll(index.serviceEntries().discovered());
        for (ServiceEntry entry : entries) {
            for (String host : entry.hosts()) {
                String name = HostPatterns.canonical(host);
                if (patterns.stream().anyMatch(pattern -> HostIndex.holds(pattern, name))) {
                    entry.ports().stream()
                            .filter(port -> isInMesh(name, port))
                            .forEach(port -> requireWithSubsets(name, port.number()));
                }
            }
        }
    }

    /// By the entry that governs the port, whatever others say of the host.
    private boolean isInMesh(String host, ServicePort port) {
        ServiceEntry owner = index.serviceEntries().find(host, port.number());
        return owner != null
                && owner.location() == ServiceEntry.Location.MESH_INTERNAL
                && port.protocol() != PortProtocol.UDP;
    }

    private void requireWithSubsets(String host, int port) {
        Aim whole = new Aim(host, port, host, port, null, true);
        require(whole, false);
        DestinationRule rule = index.destinationRules().find(host);
        if (rule != null) {
            rule.subsets().forEach(subset -> require(new Aim(host, port, host, port, subset.name(), true), false));
        }
    }

    private String require(Aim aim, boolean isHttp) {
        return require(aim, isHttp, sources(aim));
    }

    private Sources sources(Aim aim) {
        return labels -> endpoints.find(aim.host(), aim.port(), labels);
    }

    /// What a cluster is of, and whose DestinationRule holds for it.
    ///
    /// @param servicePort by which the rule's settings of ports go
    /// @param byServerName for bytes that are TLS already
    private record Aim(
            String host,
            int port,
            String service,
            int servicePort,
            @Nullable String subset,
            boolean byServerName) {
        Aim(String host, int port, String service, int servicePort, @Nullable String subset) {
            this(host, port, service, servicePort, subset, false);
        }

        String name() {
            return byServerName ? ClusterSpec.serverName(host, subset, port) : ClusterSpec.name(host, subset, port);
        }
    }

    /// Finds the endpoints of a subset; null where there is no such service.
    private interface Sources {
        EndpointCompiler.@Nullable Source of(@Nullable Subset subset);
    }

    private String require(Aim aim, boolean isHttp, Sources sources) {
        Origin known = origins.get(aim.name());
        if (known != null) {
            return known.name;
        }
        Cluster made = make(aim, isHttp, sources);
        add(made);
        return made.origin.name;
    }

    private Cluster make(Aim aim, boolean isHttp, Sources sources) {
        String name = aim.name();
        if (index.isWithheld(aim.service())) {
            return new Cluster(new Origin(name, null, null), null);
        }
        DestinationRule rule = index.destinationRules().find(aim.service());
        ClusterSpec spec = null;
        try {
            spec = compile(aim, isHttp, sources);
        } catch (RuntimeException failure) {
            Resource resource = rule != null ? rule : index.serviceEntries().find(aim.service());
            if (resource == null) {
                throw failure;
            }
            problems.report(failure, resource.meta());
        }
        return new Cluster(new Origin(name, spec == null ? null : aim.service(), rule), spec);
    }

    private int onlyPort(String host, int listenerPort) {
        List<Integer> ports = index.serviceEntries().findAll(host).stream()
                .flatMap(entry -> entry.ports().stream())
                .map(ServicePort::number)
                .distinct()
                .toList();
        return ports.size() == 1 ? ports.getFirst() : listenerPort;
    }

    private @Nullable ClusterSpec compile(Aim aim, boolean isHttp, Sources sources) {
        DestinationRule rule = index.destinationRules().find(aim.service());
        Subset subset = aim.subset() == null ? null : subset(rule, aim.subset());
        if (aim.subset() != null && subset == null) {
            return null;
        }
        EndpointCompiler.Source source = sources.of(subset);
        if (source == null) {
            return null;
        }
        EffectivePolicy policy = EffectivePolicy.of(rule, subset, aim.servicePort());
        boolean encrypts = !aim.byServerName()
                && policy.tls() != null
                && policy.tls().mode() != io.sallyport.config.model.ClientTlsSettings.Mode.DISABLE;
        UpstreamTlsSpec tlsSpec = null;
        if (encrypts && rule != null && policy.tls() != null) {
            tlsSpec = tls.compile(
                    policy.tls(),
                    rule.meta().namespace(),
                    source.subjectAltNames(),
                    ClusterSpec.serverName(aim.service(), aim.subset(), aim.servicePort()));
        }
        EndpointPlacement.Placed placed = localities.place(source, policy);
        ClusterSpec spec = ClusterSpec.of(aim.host(), aim.port(), source.discovery(), placed.endpoints())
                .withSubset(aim.subset(), placed.endpoints())
                .withTargetPort(source.targetPort())
                .withGuard(source.guard())
                .withService(source.service())
                .withTunnel(aim.byServerName() ? null : tunnel(policy.tunnel()))
                .withProxyProtocol(aim.byServerName() ? null : proxyProtocol(policy.proxyProtocol()))
                .withResilience(ResilienceCompiler.compile(policy, source.healthCheck()))
                .withLoadBalancing(BalancingCompiler.loadBalancing(policy.loadBalancer()))
                .withBalancing(BalancingCompiler.balancing(policy.loadBalancer(), placed.localityWeights()))
                .withProtocol(protocol(source.protocol(), policy.connectionPool(), encrypts, isHttp), tlsSpec);
        if (aim.byServerName()) {
            spec = spec.byServerName();
        } else if (policy.tls() == null) {
            spec = spec.withMeshTls(
                    meshTls.compile(aim.service(), aim.servicePort(), aim.subset(), source, placed.endpoints()));
        }
        if (source.discovery() == Discovery.DISCOVERED) {
            spec = spec.withPlacement(localities.later(source, policy, subset == null ? Map.of() : subset.labels()));
        }
        return withConnections(spec, policy.connectionPool());
    }

    private static @Nullable Subset subset(@Nullable DestinationRule rule, String name) {
        return rule == null
                ? null
                : rule.subsets().stream()
                        .filter(subset -> subset.name().equals(name))
                        .findFirst()
                        .orElse(null);
    }

    /// What to speak with a service.
    ///
    /// @param protocol of the service's port; null where nothing is known of it, as with a mesh service found by
    ///     DNS
    /// @param isHttp whether requests are forwarded, or bytes
    private static UpstreamProtocol protocol(
            @Nullable PortProtocol protocol, @Nullable ConnectionPoolSettings pool, boolean tls, boolean isHttp) {
        if (!isHttp) {
            return UpstreamProtocol.TCP;
        }
        ConnectionPoolSettings.Http http = pool == null ? null : pool.http();
        if (http != null && http.useClientProtocol()) {
            return UpstreamProtocol.CLIENT;
        }
        ConnectionPoolSettings.H2UpgradePolicy upgrade =
                http == null ? ConnectionPoolSettings.H2UpgradePolicy.DEFAULT : http.h2UpgradePolicy();
        if (protocol == PortProtocol.GRPC_WEB) {
            return UpstreamProtocol.GRPC_WEB;
        }
        if (protocol == PortProtocol.HTTP2 || protocol == PortProtocol.GRPC) {
            return UpstreamProtocol.HTTP2;
        }
        if (upgrade == ConnectionPoolSettings.H2UpgradePolicy.UPGRADE) {
            return tls ? UpstreamProtocol.ALPN : UpstreamProtocol.HTTP2;
        }
        return protocol == null ? UpstreamProtocol.GRPC_AWARE : UpstreamProtocol.HTTP1;
    }

    private static @Nullable TunnelSpec tunnel(TrafficPolicy.@Nullable TunnelSettings settings) {
        if (settings == null) {
            return null;
        }
        boolean brackets = settings.targetHost().indexOf(':') >= 0;
        String host = brackets ? '[' + settings.targetHost() + ']' : settings.targetHost();
        return new TunnelSpec(
                settings.protocol().equals("POST") ? TunnelSpec.Method.POST : TunnelSpec.Method.CONNECT,
                host + ':' + settings.targetPort());
    }

    private static @Nullable HAProxyProtocolVersion proxyProtocol(TrafficPolicy.@Nullable ProxyProtocol settings) {
        if (settings == null) {
            return null;
        }
        return switch (settings.version()) {
            case V1 -> HAProxyProtocolVersion.V1;
            case V2 -> HAProxyProtocolVersion.V2;
        };
    }

    private static ClusterSpec withConnections(ClusterSpec spec, @Nullable ConnectionPoolSettings pool) {
        ConnectionPoolSettings.Tcp tcp = pool == null ? null : pool.tcp();
        ConnectionPoolSettings.Http http = pool == null ? null : pool.http();
        Duration connect = tcp == null ? null : tcp.connectTimeout();
        Duration idle = http != null && http.idleTimeout() != null
                ? http.idleTimeout()
                : tcp == null ? null : tcp.idleTimeout();
        return spec.withConnections(
                connect == null ? ClusterSpec.DEFAULT_CONNECT_TIMEOUT : connect,
                idle == null ? ClusterSpec.DEFAULT_IDLE_TIMEOUT : idle,
                http == null ? 0 : http.maxRequestsPerConnection(),
                tcp == null ? null : keepalive(tcp.tcpKeepalive()));
    }

    private static @Nullable TcpKeepalive keepalive(ConnectionPoolSettings.@Nullable Keepalive keepalive) {
        return keepalive == null
                ? null
                : new TcpKeepalive(
                        Math.min(keepalive.probes(), MAX_KEEPALIVE_PROBES),
                        seconds(keepalive.time()),
                        seconds(keepalive.interval()));
    }

    private static int seconds(@Nullable Duration duration) {
        return duration == null ? 0 : (int) Math.min(duration.toSeconds(), MAX_KEEPALIVE_SECONDS);
    }
}
