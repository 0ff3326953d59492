package io.sallyport.discovery.kubernetes;

import com.fasterxml.jackson.annotation.JsonIncludeProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;

/// What is parsed of the API's objects: the fields that discovery reads. All else, such as a Pod's containers, is
/// skipped as text: it takes no memory, and a native image needs no classes for it. Those that it has are in
/// `META-INF/native-image/io.sallyport/kubernetes`; a kind that is added here needs adding there.
final class ReadFields {
    private ReadFields() {}

    static ObjectMapper mapper() {
        return new ObjectMapper()
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
