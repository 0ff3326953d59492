package io.sallyport.compile;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.config.index.HostResolution;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.index.PolicyIndex;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.ServiceEntry;
import io.sallyport.policy.AppliedPolicies;
import io.sallyport.policy.Attribute;
import io.sallyport.policy.Policy;
import io.sallyport.policy.PolicyBuilder;
import io.sallyport.policy.TrustDomains;
import io.sallyport.snapshot.EndpointPolicies;
import io.sallyport.snapshot.Policies;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Compiles AuthorizationPolicies for what they apply to: this instance, Gateways, and the endpoints behind clusters,
/// which the gateway guards as a waypoint would.
final class PolicyCompiler {
    private static final String SERVICE = "Service";
    private static final String SERVICE_ENTRY = "ServiceEntry";
    private static final String GATEWAY = "Gateway";

    private final Compilation compilation;
    private final InstanceScope scope;
    private final PolicyIndex policies;
    private final Map<AuthorizationPolicy, AppliedPolicies.One> compiled = new LinkedHashMap<>();
    private final Map<String, List<AuthorizationPolicy>> byNamespace;
    /// Many clusters have the same policies.
    private final Map<List<AppliedPolicies.One>, AppliedPolicies> shared = new ConcurrentHashMap<>();

    PolicyCompiler(Compilation compilation) {
        this.compilation = compilation;
        this.scope = compilation.options().scope();
        this.policies = compilation.index().policies();
        TrustDomains domains = compilation.options().trustDomains();
        PolicyBuilder.Kind requests = new PolicyBuilder.Kind(
                true, domains, compilation.options().paths().gateway());
        PolicyBuilder.Kind meshRequests = new PolicyBuilder.Kind(
                true, domains, compilation.options().paths().mesh());
        PolicyBuilder.Kind connections = new PolicyBuilder.Kind(
                false, domains, compilation.options().paths().mesh());
        for (AuthorizationPolicy policy : policies.all()) {
            compiled.put(
                    policy,
                    new AppliedPolicies.One(
                            compile(policy, requests), compile(policy, meshRequests), compile(policy, connections)));
        }
        byNamespace = policies.all().stream()
                .collect(Collectors.groupingBy(policy -> policy.meta().namespace()));
    }

    private AppliedPolicies applied(List<AppliedPolicies.One> selected) {
        return shared.computeIfAbsent(selected, AppliedPolicies::of);
    }

    Policies compile() {
        if (compiled.isEmpty()) {
            return Policies.NONE;
        }
        Map<String, AppliedPolicies> gateways = new HashMap<>();
        for (Gateway gateway : compilation.index().selectedGateways()) {
            List<AppliedPolicies.One> targeting = compiled.entrySet().stream()
                    .filter(entry -> targets(
                            entry.getKey(),
                            GATEWAY,
                            gateway.meta().namespace(),
                            gateway.meta().name()))
                    .map(Map.Entry::getValue)
                    .toList();
            if (!targeting.isEmpty()) {
                gateways.put(gateway.meta().qualifiedName(), AppliedPolicies.of(targeting));
            }
        }
        Map<String, EndpointPolicies> clusters = new HashMap<>();
        compilation.clusters().specs().forEach((name, spec) -> {
            EndpointPolicies ofEndpoints = ofEndpoints(spec);
            if (ofEndpoints != null) {
                clusters.put(name, ofEndpoints);
            }
        });
        Map<String, EndpointPolicies> unlisted = new HashMap<>();
        byNamespace.keySet().forEach(namespace -> unlisted.put(namespace, ofNamespace(namespace)));
        EndpointPolicies elsewhere = ofNamespace(scope.rootNamespace());
        HostResolution hosts = compilation.index().hosts();
        clusters.computeIfAbsent(ClusterSpec.MESH_SERVICES, _ -> elsewhere);
        return new Policies(
                AppliedPolicies.of(compiled.entrySet().stream()
                        .filter(entry -> policies.selectsInstance(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .toList()),
                gateways,
                clusters,
                host -> {
                    String namespace = namespace(hosts.fullyQualified(host, scope.namespace()));
                    return namespace == null ? null : unlisted.getOrDefault(namespace, elsewhere);
                });
    }

    /// Of endpoints of that namespace about which no more is known.
    private EndpointPolicies ofNamespace(String namespace) {
        return new EndpointPolicies(candidates(namespace, SERVICE, ""), false, this::applied);
    }

    private @Nullable EndpointPolicies ofEndpoints(ClusterSpec spec) {
        ServiceEntry entry = compilation.index().serviceEntries().find(spec.host(), spec.port());
        if (entry == null) {
            entry = compilation.index().serviceEntries().find(spec.host());
        }
        String namespace = entry == null ? namespace(spec.host()) : entry.meta().namespace();
        if (namespace == null) {
            return null;
        }
        String kind = entry == null || entry.isService() ? SERVICE : SERVICE_ENTRY;
        String name = entry == null
                ? spec.host().substring(0, spec.host().indexOf('.'))
                : entry.meta().name();
        List<EndpointPolicies.Candidate> candidates = new ArrayList<>(
                entry == null || entry.location() == ServiceEntry.Location.MESH_INTERNAL
                        ? candidates(namespace, kind, name)
                        : targeting(kind, namespace, name));
        return candidates.isEmpty()
                ? null
                : new EndpointPolicies(
                        candidates,
                        entry != null
                                && (entry.isDiscovered() || !entry.endpoints().isEmpty()),
                        this::applied);
    }

    /// The policies that may be about endpoints of that namespace, in their order.
    private List<AuthorizationPolicy> meant(String namespace) {
        List<AuthorizationPolicy> own = byNamespace.getOrDefault(namespace, List.of());
        if (namespace.equals(scope.rootNamespace())) {
            return own;
        }
        List<AuthorizationPolicy> ofMesh = byNamespace.getOrDefault(scope.rootNamespace(), List.of());
        return ofMesh.isEmpty()
                ? own
                : Stream.concat(ofMesh.stream(), own.stream()).toList();
    }

    /// By selector, or by reference to the service.
    private List<EndpointPolicies.Candidate> candidates(String namespace, String kind, String name) {
        List<EndpointPolicies.Candidate> candidates = new ArrayList<>();
        meant(namespace).forEach(policy -> {
            boolean selecting = policies.selectsWithin(policy, namespace);
            if (selecting || targets(policy, kind, namespace, name)) {
                candidates.add(new EndpointPolicies.Candidate(
                        selecting ? policy.selector() : null, Objects.requireNonNull(compiled.get(policy))));
            }
        });
        return candidates;
    }

    private List<EndpointPolicies.Candidate> targeting(String kind, String namespace, String name) {
        List<EndpointPolicies.Candidate> candidates = new ArrayList<>();
        meant(namespace).forEach(policy -> {
            if (targets(policy, kind, namespace, name)) {
                candidates.add(new EndpointPolicies.Candidate(null, Objects.requireNonNull(compiled.get(policy))));
            }
        });
        return candidates;
    }

    private static boolean targets(AuthorizationPolicy policy, String kind, String namespace, String name) {
        return policy.meta().namespace().equals(namespace)
                && policy.targets().stream()
                        .anyMatch(target ->
                                target.kind().equals(kind) && target.name().equals(name));
    }

    /// Of a name within the cluster domain, `<name>.<namespace>.svc.<domain>`, also of a pod's with more labels before;
    /// null for any other.
    private @Nullable String namespace(String host) {
        HostResolution hosts = compilation.index().hosts();
        if (!hosts.isInCluster(host)) {
            return null;
        }
        String labels = host.substring(0, host.length() - hosts.clusterDomain().length() - ".svc.".length());
        return labels.substring(labels.lastIndexOf('.') + 1);
    }

    static Policy compile(AuthorizationPolicy policy, PolicyBuilder.Kind kind) {
        PolicyBuilder builder = new PolicyBuilder(
                policy.meta().qualifiedName(),
                policy.meta().at().file() + ":" + policy.meta().at().line(),
                switch (policy.action()) {
                    case ALLOW -> Policy.Action.ALLOW;
                    case DENY -> Policy.Action.DENY;
                    case AUDIT -> Policy.Action.AUDIT;
                    case CUSTOM -> throw new IllegalStateException("CUSTOM passed the checks: " + policy.meta());
                },
                policy.isDryRun(),
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
