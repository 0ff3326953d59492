package io.sallyport.discovery.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;

/// Objects without what discovery does not read: a cluster's pods are many, and most of a pod is its containers.
final class BareObjects {
    private BareObjects() {}

    static Pod pod(Pod pod) {
        PodSpec spec = pod.getSpec() == null ? new PodSpec() : pod.getSpec();
        PodStatus status = pod.getStatus() == null ? new PodStatus() : pod.getStatus();
        return new PodBuilder()
                .withMetadata(meta(pod.getMetadata()))
                .withSpec(new PodSpecBuilder()
                        .withServiceAccountName(spec.getServiceAccountName())
                        .withHostNetwork(spec.getHostNetwork())
                        .build())
                .withStatus(new PodStatusBuilder()
                        .withPhase(status.getPhase())
                        .withPodIP(status.getPodIP())
                        .withPodIPs(status.getPodIPs())
                        .build())
                .build();
    }

    static Node node(Node node) {
        return new NodeBuilder().withMetadata(meta(node.getMetadata())).build();
    }

    private static ObjectMeta meta(ObjectMeta full) {
        return new ObjectMetaBuilder()
                .withNamespace(full.getNamespace())
                .withName(full.getName())
                .withUid(full.getUid())
                .withResourceVersion(full.getResourceVersion())
                .withLabels(full.getLabels())
                .build();
    }

    /// As it is, but for who changed which field.
    static <T extends HasMetadata> T withoutHistory(T object) {
        object.getMetadata().setManagedFields(null);
        return object;
    }
}
