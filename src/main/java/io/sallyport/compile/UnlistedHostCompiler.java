package io.sallyport.compile;

import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostPatterns;
import io.sallyport.config.index.MatchLiterals;
import io.sallyport.config.model.Destination;
import io.sallyport.config.model.DestinationRule;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.config.model.Subset;
import io.sallyport.config.model.TrafficPolicy;
import io.sallyport.config.model.VirtualService;
import io.sallyport.egress.EgressPermit;
import io.sallyport.route.HostIndex;
import io.sallyport.snapshot.MeshHost;
import io.sallyport.snapshot.MeshRoutes.AnyPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Makes what is let out without being listed by host and port: services of the mesh that only DNS knows and, where the
/// mode lets everything out, all other hosts. Nobody has said which ports they have, so what DestinationRules and
/// VirtualServices say of a host holds at every port.
///
/// Of each host the most specific rule has to be found by its name alone. So there is an entry for every pattern from
/// which on another rule or VirtualService might hold.
final class UnlistedHostCompiler {
    private final Compilation compilation;
    private final ConfigurationIndex index;
    private final MeshHostCompiler hosts;
    private final List<MeshHost> all = new ArrayList<>();

    UnlistedHostCompiler(Compilation compilation, MeshHostCompiler hosts) {
        this.compilation = compilation;
        this.index = compilation.index();
        this.hosts = hosts;
    }

    /// The entries of all patterns, as they are at most ports; in the order in which they were made.
    List<MeshHost> made() {
        return all;
    }

    /// Names under the cluster domain.
    HostIndex<AnyPort> meshServices() {
        String domain = "*.svc." + index.hosts().clusterDomain();
        DestinationRule ofAll = index.destinationRules().find(domain);
        Set<String> patterns = new LinkedHashSet<>();
        for (String namespace : index.destinationRules().namespaces()) {
            String ofNamespace = "*." + namespace + ".svc." + index.hosts().clusterDomain();
            if (!Objects.equals(index.destinationRules().find(ofNamespace), ofAll)) {
                patterns.add(ofNamespace);
            }
        }
        for (String named : named()) {
            String within = HostPatterns.intersection(named, domain);
            if (within != null && !within.equals(domain)) {
                patterns.add(within);
            }
        }
        patterns.add(domain);
        HostIndex.Builder<AnyPort> builder = HostIndex.builder();
        for (String pattern : patterns) {
            // Pods of a headless service have names below the service's (Kubernetes: "DNS for Services and Pods").
            String pods = "*." + pattern;
            if (!HostPatterns.isWildcard(pattern) && !patterns.contains(pods)) {
                builder.add(pods, meshService(pods, pattern));
            }
            builder.add(pattern, meshService(pattern, pattern));
        }
        return builder.build();
    }

    private AnyPort meshService(String pattern, String service) {
        boolean ruled = index.destinationRules().find(service) != null;
        return anyPort(
                new EgressPermit("mesh service", "", pattern, 0, EgressPermit.Kind.ANY),
                service,
                port -> HostPatterns.isWildcard(pattern) && !ruled
                        ? compilation.clusters().requireMeshServices()
                        : compilation.clusters().requireUnlisted(pattern, service, port, true));
    }

    /// Everything, where the mode lets everything out.
    HostIndex<AnyPort> anyHosts() {
        Set<String> patterns = new LinkedHashSet<>(named());
        patterns.remove(HostPatterns.ANY);
        patterns.add(HostPatterns.ANY);
        HostIndex.Builder<AnyPort> builder = HostIndex.builder();
        patterns.forEach(pattern -> builder.add(pattern, anyHost(pattern)));
        return builder.build();
    }

    /// A rule for `*` is meant for what somebody knows to be a service; what nobody knows goes out as it is.
    private AnyPort anyHost(String pattern) {
        DestinationRule rule = index.destinationRules().find(pattern);
        boolean ruled = rule != null && !HostPatterns.canonical(rule.host()).equals(HostPatterns.ANY);
        return anyPort(
                new EgressPermit("egress mode", "", pattern, 0, EgressPermit.Kind.ANY),
                pattern,
                port -> ruled
                        ? compilation.clusters().requireUnlisted(pattern, pattern, port, false)
                        : compilation.clusters().requirePassthrough());
    }

    private Set<String> named() {
        Set<String> names = new LinkedHashSet<>(index.destinationRules().hosts());
        hosts.governed().forEach(names::add);
        return names;
    }

    /// The name of a cluster that leads to one port; 0 for whichever a request asks for.
    private interface ClusterOfPort {
        String name(int port);
    }

    private AnyPort anyPort(EgressPermit permit, String service, ClusterOfPort clusters) {
        MeshHost host = hosts.unlisted(permit, 0, service, clusters.name(0));
        all.add(host);
        Map<Integer, MeshHost> special = new HashMap<>();
        for (int port : ports(service)) {
            special.put(port, hosts.unlisted(permit, port, service, clusters.name(port)));
        }
        return new AnyPort(host, special);
    }

    /// The ports of which a resource says something of their own.
    private Set<Integer> ports(String service) {
        Set<Integer> ports = new TreeSet<>();
        DestinationRule rule = index.destinationRules().find(service);
        if (rule != null) {
            add(rule.trafficPolicy(), ports);
            for (Subset subset : rule.subsets()) {
                add(subset.trafficPolicy(), ports);
            }
        }
        for (VirtualService virtualService : hosts.governing(service)) {
            addMatched(virtualService, ports);
        }
        ports.remove(0);
        return ports;
    }

    private static void add(@Nullable TrafficPolicy policy, Set<Integer> ports) {
        if (policy != null) {
            policy.portLevelSettings().forEach(settings -> ports.add(settings.port()));
        }
    }

    private void addMatched(VirtualService service, Set<Integer> ports) {
        MatchLiterals literals = new MatchLiterals(
                new CanonicalPaths(compilation.options().paths().mesh()));
        index.delegates().merge(service, literals).forEach(effective -> {
            String namespace = effective.declaredIn().meta().namespace();
            effective.route().match().forEach(match -> ports.add(match.port()));
            effective.route().route().forEach(each -> addListed(each.destination(), namespace, ports));
        });
        String namespace = service.meta().namespace();
        service.tls().forEach(route -> {
            route.match().forEach(match -> ports.add(match.port()));
            route.route().forEach(each -> addListed(each.destination(), namespace, ports));
        });
        service.tcp().forEach(route -> {
            route.match().forEach(match -> ports.add(match.port()));
            route.route().forEach(each -> addListed(each.destination(), namespace, ports));
        });
    }

    /// A destination without a port has the one that the client asks for, where its service lists that.
    private void addListed(Destination destination, String namespace, Set<Integer> ports) {
        if (destination.port() == 0) {
            String host = index.hosts().fullyQualified(destination.host(), namespace);
            for (ServiceEntry entry : index.serviceEntries().findAll(host)) {
                entry.ports().forEach(port -> ports.add(port.number()));
            }
        }
    }
}
