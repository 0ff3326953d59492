package io.sallyport.config.index;

import io.sallyport.config.model.AttachedPolicy;
import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.ExtensionProvider;
import io.sallyport.config.model.ExtensionProvider.ExternalAuthorizer;
import io.sallyport.config.model.Gateway;
import io.sallyport.config.model.MeshConfig;
import io.sallyport.config.model.RequestAuthentication;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Policies that select workloads or are attached to something, and which of them mean this instance.
public final class PolicyIndex {
    private static final Comparator<AttachedPolicy> BY_NAMESPACE = Comparator.comparing(
                    (AttachedPolicy policy) -> policy.meta().namespace())
            .thenComparing(MergeOrder.OLDEST_FIRST);

    private final List<AuthorizationPolicy> all;
    private final List<RequestAuthentication> tokens;
    private final InstanceScope scope;
    private final Set<Map.Entry<String, String>> labels;
    private final Map<String, ExternalAuthorizer> authorizers = new LinkedHashMap<>();

    PolicyIndex(
            Collection<AuthorizationPolicy> policies,
            Collection<RequestAuthentication> authentications,
            Collection<MeshConfig> meshConfigs,
            InstanceScope scope,
            List<Gateway> selectedGateways) {
        for (MeshConfig config : meshConfigs) {
            for (ExtensionProvider provider : config.extensionProviders()) {
                if (provider.authorizer() != null) {
                    authorizers.putIfAbsent(provider.name(), provider.authorizer());
                }
            }
        }
        all = policies.stream().sorted(BY_NAMESPACE).toList();
        tokens = authentications.stream().sorted(BY_NAMESPACE).toList();
        this.scope = scope;
        labels = new HashSet<>(scope.labels().entrySet());
        if (labels.isEmpty()) {
            selectedGateways.forEach(gateway -> labels.addAll(gateway.selector().entrySet()));
        }
    }

    /// AuthorizationPolicies in the order in which they are judged: by namespace, then by name.
    public List<AuthorizationPolicy> all() {
        return all;
    }

    /// Rules for tokens, in the same order.
    public List<RequestAuthentication> tokens() {
        return tokens;
    }

    /// Both.
    public List<AttachedPolicy> attached() {
        return Stream.<AttachedPolicy>concat(all.stream(), tokens.stream()).toList();
    }

    /// Those that policies may ask, by their providers' names.
    public Map<String, ExternalAuthorizer> authorizers() {
        return Collections.unmodifiableMap(authorizers);
    }

    /// The one that a policy with action CUSTOM asks, or null where its provider is unknown.
    public @Nullable ExternalAuthorizer authorizer(AuthorizationPolicy policy) {
        return authorizers.get(policy.provider());
    }

    /// Whether the policy is for everything that this instance serves. An instance without labels of its own serves
    /// every Gateway, so it has the labels of all of their selectors.
    public boolean selectsInstance(AttachedPolicy policy) {
        return selectsWithin(policy, scope.namespace())
                && (policy.selector() == null
                        || labels.containsAll(policy.selector().entrySet()));
    }

    /// Whether the policy selects workloads of that namespace: it is in the same one, or in the root namespace.
    public boolean selectsWithin(AttachedPolicy policy, String namespace) {
        return policy.targets().isEmpty()
                && (isRoot(policy) || policy.meta().namespace().equals(namespace));
    }

    /// Whether the policy is in the root namespace, and so for the whole mesh.
    public boolean isRoot(AttachedPolicy policy) {
        return policy.meta().namespace().equals(scope.rootNamespace());
    }
}
