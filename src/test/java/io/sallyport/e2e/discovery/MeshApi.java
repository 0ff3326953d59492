package io.sallyport.e2e.discovery;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An API server with objects that the client has classes for.
final class MeshApi extends ScriptedApi {
    void put(HasMetadata object) {
        put(new JsonObject(Serialization.asJson(object)));
    }

    void delete(HasMetadata object) {
        delete(new JsonObject(Serialization.asJson(object)));
    }

    static HasMetadata service(String name, String portName, String clusterAddress) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP(clusterAddress)
                .addNewPort()
                .withName(portName)
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    static HasMetadata pod(String name, String address, Map<String, String> labels) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(name + "-account")
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP(address)
                .endStatus()
                .build();
    }

    static HasMetadata node(String name, String region) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("topology.kubernetes.io/region", region))
                .endMetadata()
                .build();
    }

    static HasMetadata configMap(String name, Map<String, String> files) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withData(files)
                .build();
    }

    /// A slice of one service's port whose endpoints all stand at 127.0.0.1: a slice has one port for all of its
    /// endpoints, so each endpoint of a test has a slice of its own.
    static EndpointSlice slice(String service, String portName, int port, String pod, boolean ready) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(service + "-" + pod)
                .withLabels(Map.of("kubernetes.io/service-name", service))
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName(portName)
                .withPort(port)
                .endPort()
                .withEndpoints(new EndpointBuilder()
                        .withAddresses("127.0.0.1")
                        .withNewConditions()
                        .withReady(ready)
                        .endConditions()
                        .withNodeName("node-1")
                        .withZone("zone-a")
                        .withNewTargetRef()
                        .withKind("Pod")
                        .withName(pod)
                        .endTargetRef()
                        .build())
                .build();
    }

    static List<String> answers(int count, java.util.concurrent.Callable<String> request) throws Exception {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(request.call());
        }
        return answers;
    }
}
