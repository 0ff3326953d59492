package io.sallyport.discovery.kubernetes;

import com.fasterxml.jackson.annotation.JsonIncludeProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/// What is parsed of the API's objects: the fields that discovery reads. All else, such as a Pod's containers, is
/// skipped as text: it takes no memory, and a native image needs no classes for it. Those that it has are in
/// `META-INF/native-image/io.sallyport/kubernetes`; a kind that is added here needs adding there.
final class ReadFields {
    private ReadFields() {}

    static KubernetesSerialization serialization() {
        ObjectMapper mapper = new ObjectMapper()
                .addMixIn(ObjectMeta.class, OfMeta.class)
                .addMixIn(Service.class, OfService.class)
                .addMixIn(ServiceSpec.class, OfServiceSpec.class)
                .addMixIn(ServicePort.class, OfServicePort.class)
                .addMixIn(Endpoint.class, OfEndpoint.class)
                .addMixIn(EndpointPort.class, OfEndpointPort.class)
                .addMixIn(ObjectReference.class, OfReference.class)
                .addMixIn(PodSpec.class, OfPodSpec.class)
                .addMixIn(PodStatus.class, OfPodStatus.class)
                .addMixIn(Node.class, OfNode.class)
                .addMixIn(Secret.class, OfSecret.class);
        // Without a search for classes: it would load those of all kinds that there are.
        KubernetesSerialization serialization = new KubernetesSerialization(mapper, false);
        List.of(Service.class, EndpointSlice.class, Pod.class, Node.class, ConfigMap.class, Secret.class, Status.class)
                .forEach(serialization::registerKubernetesResource);
        return serialization;
    }

    /// A cluster's pods are many, and their annotations can be long; only a Service's are read.
    static <T extends HasMetadata> T withoutAnnotations(T object) {
        object.getMetadata().setAnnotations(null);
        return object;
    }

    @JsonIncludeProperties({"namespace", "name", "uid", "resourceVersion", "creationTimestamp", "labels", "annotations"
    })
    private interface OfMeta {}

    @JsonIncludeProperties({"apiVersion", "kind", "metadata", "spec"})
    private interface OfService {}

    @JsonIncludeProperties({
        "ports",
        "clusterIP",
        "clusterIPs",
        "type",
        "externalName",
        "ipFamilies",
        "publishNotReadyAddresses"
    })
    private interface OfServiceSpec {}

    @JsonIncludeProperties({"name", "port", "protocol", "appProtocol"})
    private interface OfServicePort {}

    @JsonIncludeProperties({"addresses", "conditions", "targetRef", "nodeName", "zone"})
    private interface OfEndpoint {}

    @JsonIncludeProperties({"name", "port", "protocol"})
    private interface OfEndpointPort {}

    @JsonIncludeProperties({"kind", "name"})
    private interface OfReference {}

    @JsonIncludeProperties({"serviceAccountName", "hostNetwork"})
    private interface OfPodSpec {}

    @JsonIncludeProperties({"phase", "podIP", "podIPs"})
    private interface OfPodStatus {}

    @JsonIncludeProperties({"apiVersion", "kind", "metadata"})
    private interface OfNode {}

    @JsonIncludeProperties({"apiVersion", "kind", "metadata", "data"})
    private interface OfSecret {}
}
