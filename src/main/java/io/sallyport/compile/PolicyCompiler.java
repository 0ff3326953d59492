package io.sallyport.compile;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.index.PolicyIndex;
import io.sallyport.config.model.AttachedPolicy;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.RequestAuthentication;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Attribute;
import io.sallyport.policy.Authorizer;
import io.sallyport.policy.Policy;
import io.sallyport.policy.PolicyBuilder;
import io.sallyport.policy.TrustDomains;
import io.sallyport.route.RequestPaths;
import io.sallyport.snapshot.EndpointPolicies;
import io.sallyport.snapshot.Policies;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Compiles AuthorizationPolicies and RequestAuthentications for what they apply to: this instance, Gateways,
/// and the endpoints behind clusters, which the gateway guards as a waypoint would.
final class PolicyCompiler {
    private static final String SERVICE = "Service";
    private static final String SERVICE_ENTRY = "ServiceEntry";
    private static final String GATEWAY = "Gateway";

    private final Compilation compilation;
    private final ConfigurationIndex index;
    private final InstanceScope scope;
    private final PolicyIndex policies;
    /// By the providers' names.
    private final Map<String, Authorizer> authorizers;

    private final Map<AttachedPolicy, AppliedPolicies.Part> compiled = new LinkedHashMap<>();
    private final Map<String, List<AttachedPolicy>> byNamespace;
    private final Function<List<AppliedPolicies.Part>, AppliedPolicies> applied = shared();

    PolicyCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.index = compilation.index();
        this.scope = compilation.options().scope();
        this.policies = index.policies();
        TrustDomains domains = compilation.options().trustDomains();
        RequestPaths paths = compilation.options().paths();
        var requests = new PolicyBuilder.Kind(PolicyBuilder.Subject.REQUESTS, domains, paths.gateway());
        var meshRequests = new PolicyBuilder.Kind(PolicyBuilder.Subject.REQUESTS, domains, paths.mesh());
        var tunnels = new PolicyBuilder.Kind(PolicyBuilder.Subject.TUNNELS, domains, paths.mesh());
        var connections = new PolicyBuilder.Kind(PolicyBuilder.Subject.CONNECTIONS, domains, paths.mesh());
        authorizers = new AuthorizerCompiler(compilation).compile();
        for (AuthorizationPolicy policy : policies.all()) {
            Authorizer authorizer = authorizers.get(policy.provider());
            compiled.put(
                    policy,
                    new AppliedPolicies.One(
                            compile(policy, authorizer, requests),
                            compile(policy, authorizer, meshRequests),
                            compile(policy, authorizer, tunnels),
                            compile(policy, authorizer, connections)));
        }
        TokenRuleCompiler rules = new TokenRuleCompiler(compilation);
        for (RequestAuthentication tokens : policies.tokens()) {
            compiled.put(tokens, new AppliedPolicies.Tokens(rules.compile(tokens)));
        }
        byNamespace = policies.attached().stream()
                .collect(Collectors.groupingBy(policy -> policy.meta().namespace()));
    }

    /// Many clusters have the same policies.
    private static Function<List<AppliedPolicies.Part>, AppliedPolicies> shared() {
        Map<List<AppliedPolicies.Part>, AppliedPolicies> made = new ConcurrentHashMap<>();
        return selected -> made.computeIfAbsent(selected, each -> AppliedPolicies.of("endpoints", each));
    }

    private AppliedPolicies of(String scope, Predicate<AttachedPolicy> selected) {
        return AppliedPolicies.of(
                scope,
                compiled.entrySet().stream()
                        .filter(entry -> selected.test(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .toList());
    }

    Policies compile() {
        if (compiled.isEmpty()) {
            return Policies.NONE;
        }
        Map<String, AppliedPolicies> gateways = new HashMap<>();
        for (Gateway gateway : index.selectedGateways()) {
            Predicate<AttachedPolicy> targeting = policy -> policy.targets(
                    GATEWAY, gateway.meta().namespace(), gateway.meta().name());
            if (policies.attached().stream().anyMatch(targeting)) {
                // Together with the instance's own: what any of the ALLOW policies allows is allowed.
                gateways.put(
                        gateway.meta().qualifiedName(),
                        of(
                                "Gateway " + gateway.meta().qualifiedName(),
                                policy -> targeting.test(policy) || policies.selectsInstance(policy)));
            }
        }
        Map<String, EndpointPolicies> clusters = new HashMap<>();
        Set<String> byHost = new HashSet<>(Set.of(ClusterSpec.MESH_SERVICES));
        compilation.clusters().origins().forEach((name, origin) -> {
            String service = origin.service();
            ClusterSpec spec = compilation.clusters().specs().get(name);
            if (service == null || spec == null) {
                return;
            }
            ServiceEntry entry = entry(service, spec);
            if (entry == null && service.startsWith("*") && index.hosts().isInCluster(service)) {
                byHost.add(name);
                return;
            }
            EndpointPolicies ofEndpoints = ofEndpoints(service, entry, EndpointPolicies.isNamed(spec.discovery()));
            if (ofEndpoints != null) {
                clusters.put(name, ofEndpoints);
            }
        });
        return new Policies(
                of("this instance", policies::selectsInstance),
                gateways,
                clusters,
                byHost,
                unlisted(),
                compiled.values().stream()
                        .filter(AppliedPolicies.One.class::isInstance)
                        .map(policy -> ((AppliedPolicies.One) policy).requests())
                        .toList(),
                !policies.tokens().isEmpty() || !authorizers.isEmpty());
    }

    /// The policies of mesh services that no resource lists, by the host that a client names.
    private Function<String, @Nullable EndpointPolicies> unlisted() {
        Map<String, EndpointPolicies> known = new HashMap<>();
        byNamespace.forEach((namespace, all) -> {
            known.put(namespace, unlabelled(namespace, ""));
            for (AttachedPolicy policy : all) {
                for (AuthorizationPolicy.TargetRef target : policy.targets()) {
                    if (target.kind().equals(SERVICE)) {
                        known.put(namespace + '/' + target.name(), unlabelled(namespace, target.name()));
                    }
                }
            }
        });
        return new Unlisted(known, unlabelled(scope.rootNamespace(), ""), index.hosts(), scope.namespace());
    }

    /// Holds no more than it needs: it lives as long as its snapshot.
    ///
    /// @param known by `namespace/service`, where policies name the service, and by namespace
    /// @param elsewhere for services of all other namespaces
    /// @param namespace of short names
    private record Unlisted(
            Map<String, EndpointPolicies> known, EndpointPolicies elsewhere, HostResolution hosts, String namespace)
            implements Function<String, @Nullable EndpointPolicies> {
        @Override
        public @Nullable EndpointPolicies apply(String host) {
            String name = fullName(host);
            String within = PolicyCompiler.namespace(name, hosts);
            if (within == null) {
                return null;
            }
            EndpointPolicies ofService = known.get(within + '/' + service(name, hosts));
            return ofService != null ? ofService : known.getOrDefault(within, elsewhere);
        }

        /// As mesh clients may write it: `payments`, `payments.prod`, `payments.prod.svc`, and the whole.
        private String fullName(String host) {
            String name = hosts.fullyQualified(host, namespace);
            String completed = hosts.isInCluster(name) ? null : hosts.completed(name);
            return completed == null ? name : completed;
        }
    }

    private EndpointPolicies unlabelled(String namespace, String service) {
        return new EndpointPolicies(candidates(namespace, SERVICE, service), false, applied);
    }

    private @Nullable ServiceEntry entry(String service, ClusterSpec spec) {
        ServiceEntry ofPort = index.serviceEntries().find(service, spec.port());
        return ofPort == null ? index.serviceEntries().find(service) : ofPort;
    }

    /// @param named a request itself says which endpoint it is for, so that nobody knows its labels
    private @Nullable EndpointPolicies ofEndpoints(String service, @Nullable ServiceEntry entry, boolean named) {
        String namespace =
                entry == null ? namespace(service, index.hosts()) : entry.meta().namespace();
        if (namespace == null) {
            return null;
        }
        String kind = entry == null || entry.isService() ? SERVICE : SERVICE_ENTRY;
        String name =
                entry == null ? service(service, index.hosts()) : entry.meta().name();
        List<EndpointPolicies.Candidate> candidates = new ArrayList<>(
                entry == null || entry.location() == ServiceEntry.Location.MESH_INTERNAL
                        ? candidates(namespace, kind, name)
                        : targeting(kind, namespace, name));
        return candidates.isEmpty()
                ? null
                : new EndpointPolicies(
                        candidates,
                        !named
                                && entry != null
                                && (entry.isDiscovered() || !entry.endpoints().isEmpty()),
                        applied);
    }

    /// The policies that may be about endpoints of that namespace, in their order.
    private List<AttachedPolicy> meant(String namespace) {
        List<AttachedPolicy> own = byNamespace.getOrDefault(namespace, List.of());
        if (namespace.equals(scope.rootNamespace())) {
            return own;
        }
        List<AttachedPolicy> ofMesh = byNamespace.getOrDefault(scope.rootNamespace(), List.of());
        return ofMesh.isEmpty()
                ? own
                : Stream.concat(ofMesh.stream(), own.stream()).toList();
    }

    /// By selector, or by reference to the service.
    private List<EndpointPolicies.Candidate> candidates(String namespace, String kind, String name) {
        List<EndpointPolicies.Candidate> candidates = new ArrayList<>();
        meant(namespace).forEach(policy -> {
            boolean selecting = policies.selectsWithin(policy, namespace);
            if (selecting || policy.targets(kind, namespace, name)) {
                candidates.add(new EndpointPolicies.Candidate(
                        selecting ? policy.selector() : null, Objects.requireNonNull(compiled.get(policy))));
            }
        });
        return candidates;
    }

    private List<EndpointPolicies.Candidate> targeting(String kind, String namespace, String name) {
        List<EndpointPolicies.Candidate> candidates = new ArrayList<>();
        meant(namespace).forEach(policy -> {
            if (policy.targets(kind, namespace, name)) {
                candidates.add(new EndpointPolicies.Candidate(null, Objects.requireNonNull(compiled.get(policy))));
            }
        });
        return candidates;
    }

    /// Of a name within the cluster domain, `<name>.<namespace>.svc.<domain>`, also of a pod's with more labels before;
    /// null for any other.
    private static @Nullable String namespace(String host, HostResolution hosts) {
        return hosts.isInCluster(host) ? last(labels(host, hosts)) : null;
    }

    /// Of a name within the cluster domain: the label before the namespace.
    private static String service(String host, HostResolution hosts) {
        String labels = labels(host, hosts);
        return last(labels.substring(0, Math.max(0, labels.lastIndexOf('.'))));
    }

    private static String labels(String host, HostResolution hosts) {
        return host.substring(0, host.length() - hosts.clusterDomain().length() - ".svc.".length());
    }

    private static String last(String labels) {
        return labels.substring(labels.lastIndexOf('.') + 1);
    }

    /// @param authorizer whom CUSTOM asks; null for nobody
    static Policy compile(AuthorizationPolicy policy, @Nullable Authorizer authorizer, PolicyBuilder.Kind kind) {
        PolicyBuilder builder = new PolicyBuilder(
                policy.meta().qualifiedName(),
                policy.meta().at().file() + ":" + policy.meta().at().line(),
                switch (policy.action()) {
                    case ALLOW -> Policy.Action.ALLOW;
                    case DENY -> Policy.Action.DENY;
                    case AUDIT -> Policy.Action.AUDIT;
                    case CUSTOM -> Policy.Action.CUSTOM;
                },
                policy.isDryRun(),
                authorizer,
                kind);
        for (AuthorizationPolicy.Rule rule : policy.rules()) {
            builder.rule(
                    rule.from().stream().map(PolicyCompiler::fields).toList(),
                    rule.to().stream().map(PolicyCompiler::fields).toList(),
                    rule.when().stream()
                            .map(condition -> field(attribute(condition.key()), condition.key(), condition.values()))
                            .toList());
        }
        return builder.build();
    }

    private static List<PolicyBuilder.Field> fields(AuthorizationPolicy.Source source) {
        return fields(Map.of(
                Attribute.SOURCE_PRINCIPAL, source.principals(),
                Attribute.REQUEST_PRINCIPAL, source.requestPrincipals(),
                Attribute.SOURCE_NAMESPACE, source.namespaces(),
                Attribute.SOURCE_SERVICE_ACCOUNT, source.serviceAccounts(),
                Attribute.SOURCE_TRUST_DOMAIN, source.trustDomains(),
                Attribute.SOURCE_IP, source.ipBlocks(),
                Attribute.REMOTE_IP, source.remoteIpBlocks()));
    }

    private static List<PolicyBuilder.Field> fields(AuthorizationPolicy.Operation operation) {
        return fields(Map.of(
                Attribute.METHOD, operation.methods(),
                Attribute.PATH, operation.paths(),
                Attribute.HOST, operation.hosts(),
                Attribute.DESTINATION_PORT, operation.ports()));
    }

    private static List<PolicyBuilder.Field> fields(Map<Attribute, AuthorizationPolicy.Values> values) {
        return values.entrySet().stream()
                .filter(entry -> !entry.getValue().isEmpty())
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> field(entry.getKey(), "", entry.getValue()))
                .toList();
    }

    private static PolicyBuilder.Field field(Attribute attribute, String key, AuthorizationPolicy.Values values) {
        return new PolicyBuilder.Field(attribute, key, values.any(), values.none());
    }

    private static Attribute attribute(String key) {
        Attribute attribute = Attribute.ofKey(key);
        if (attribute == null) {
            throw new IllegalStateException("an unknown condition passed the checks: " + key);
        }
        return attribute;
    }
}
