package io.sallyport.config.index;

import java.util.Map;

/// Where this gateway instance stands in the mesh: what a control plane would know of the proxy it configures.
///
/// @param namespace the instance's own namespace; decides what `exportTo` lets it see and which DestinationRules win
/// @param rootNamespace `MeshConfig.root_namespace`: DestinationRules there apply where no nearer one does
/// @param clusterDomain the suffix of mesh services' names without a leading dot, such as `cluster.local`
/// @param labels the instance's labels; empty when none are configured, which every Gateway selector then matches
/// @param locality `region/zone/subzone`, of which the last parts may be missing; empty where it is not known
public record InstanceScope(
        String namespace, String rootNamespace, String clusterDomain, Map<String, String> labels, String locality) {
    public static final String DEFAULT_NAMESPACE = "default";
    public static final String DEFAULT_ROOT_NAMESPACE = "istio-system";
    public static final String DEFAULT_CLUSTER_DOMAIN = "cluster.local";

    public InstanceScope {
        labels = Map.copyOf(labels);
    }

    /// Whose locality is not known.
    public InstanceScope(String namespace, String rootNamespace, String clusterDomain, Map<String, String> labels) {
        this(namespace, rootNamespace, clusterDomain, labels, "");
    }

    public static InstanceScope defaults() {
        return new InstanceScope(DEFAULT_NAMESPACE, DEFAULT_ROOT_NAMESPACE, DEFAULT_CLUSTER_DOMAIN, Map.of());
    }

    /// Whether a Gateway with that selector is for this instance (`Gateway.selector`).
    public boolean selectedBy(Map<String, String> selector) {
        return labels.isEmpty() || carries(selector);
    }

    /// Whether the instance carries all of these labels; an empty selector asks for nothing.
    public boolean carries(Map<String, String> selector) {
        return labels.entrySet().containsAll(selector.entrySet());
    }
}
