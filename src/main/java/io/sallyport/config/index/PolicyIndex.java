package io.sallyport.config.index;

import io.sallyport.config.model.AuthorizationPolicy;
import io.sallyport.config.model.Gateway;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// AuthorizationPolicies, and which of them mean this instance.
public final class PolicyIndex {
    private static final Comparator<AuthorizationPolicy> BY_NAMESPACE = Comparator.comparing(
                    (AuthorizationPolicy policy) -> policy.meta().namespace())
            .thenComparing(policy -> policy.meta().name());

    private final List<AuthorizationPolicy> all;
    private final InstanceScope scope;
    private final Set<Map.Entry<String, String>> labels;

    PolicyIndex(Collection<AuthorizationPolicy> policies, InstanceScope scope, List<Gateway> selectedGateways) {
        all = policies.stream().sorted(BY_NAMESPACE).toList();
        this.scope = scope;
        labels = new HashSet<>(scope.labels().entrySet());
        if (labels.isEmpty()) {
            selectedGateways.forEach(gateway -> labels.addAll(gateway.selector().entrySet()));
        }
    }

    /// In the order in which they are judged: by namespace, then by name.
    public List<AuthorizationPolicy> all() {
        return all;
    }

    /// Whether the policy is for everything that this instance serves. An instance without labels of its own serves
    /// every Gateway, so it has the labels of all of their selectors.
    public boolean selectsInstance(AuthorizationPolicy policy) {
        return selectsWithin(policy, scope.namespace())
                && (policy.selector() == null
                        || labels.containsAll(policy.selector().entrySet()));
    }

    /// Whether the policy selects workloads of that namespace: it is in the same one, or in the root namespace.
    public boolean selectsWithin(AuthorizationPolicy policy, String namespace) {
        return policy.targets().isEmpty()
                && (isRoot(policy) || policy.meta().namespace().equals(namespace));
    }

    /// Whether the policy is in the root namespace, and so for the whole mesh.
    public boolean isRoot(AuthorizationPolicy policy) {
        return policy.meta().namespace().equals(scope.rootNamespace());
    }
}
