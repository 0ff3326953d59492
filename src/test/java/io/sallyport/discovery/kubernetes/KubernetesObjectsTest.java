package io.sallyport.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sallyport.discovery.EndpointSlice.Member;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.MeshService;
import io.sallyport.discovery.ServiceName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KubernetesObjectsTest {
    private static <T> T read(String yaml, Class<T> type) {
        return ReadFields.mapper().convertValue(Serialization.unmarshal(yaml, Map.class), type);
    }

    @Test
    void aSlicesEndpointsWithTheirStatePodAndPlace() {
        EndpointSlice slice = read("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {namespace: prod, name: payments-abc, labels: {kubernetes.io/service-name: payments}}
                addressType: IPv4
                ports:
                - {name: http, port: 8080, protocol: TCP}
                - {name: stats, port: 9125, protocol: UDP}
                - {name: any}
                endpoints:
                - addresses: [10.0.0.1]
                  conditions: {ready: true, serving: true, terminating: false}
                  nodeName: node-1
                  zone: zone-a
                  targetRef: {kind: Pod, name: payments-1, namespace: prod}
                - addresses: [10.0.0.2]
                  conditions: {ready: false, serving: true, terminating: true}
                  targetRef: {kind: Node, name: node-2}
                - addresses: [10.0.0.3]
                - addresses: []
                """, EndpointSlice.class);

        assertThat(KubernetesObjects.slice(slice))
                .isEqualTo(new io.sallyport.discovery.EndpointSlice(
                        "prod/payments-abc",
                        new ServiceName("prod", "payments"),
                        "IPv4",
                        Map.of("http", 8080),
                        List.of(
                                new Member("10.0.0.1", true, false, "payments-1", "node-1", "zone-a"),
                                new Member("10.0.0.2", false, true, null, null, null),
                                new Member("10.0.0.3", true, false, null, null, null))));
    }

    @Test
    void whatIsNoPortIsLeftOut() {
        io.sallyport.discovery.EndpointSlice slice = KubernetesObjects.slice(read("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {namespace: prod, name: a, labels: {kubernetes.io/service-name: payments}}
                addressType: IPv4
                ports:
                - {name: http, port: 8080}
                - {name: high, port: 70000}
                - {name: top, port: 65535}
                - {name: none, port: 0}
                - {name: low, port: -1}
                - {name: odd}
                endpoints: [{addresses: [10.0.0.1]}]
                """, EndpointSlice.class));
        assertThat(slice).isNotNull();
        assertThat(slice.ports()).isEqualTo(Map.of("http", 8080, "top", 65_535));

        MeshService service = KubernetesObjects.service(read("""
                apiVersion: v1
                kind: Service
                metadata: {namespace: prod, name: payments}
                spec: {ports: [{name: a, port: 80}, {name: b, port: 65536}, {name: c}, {name: d, port: 0}]}
                """, Service.class));
        assertThat(service.ports()).extracting(MeshService.Port::name).containsExactly("a");
    }

    @Test
    void aSliceOfNamesOrOfNoServiceIsNone() {
        assertThat(KubernetesObjects.slice(read("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {namespace: prod, name: a, labels: {kubernetes.io/service-name: payments}}
                addressType: FQDN
                endpoints: [{addresses: [example.com]}]
                """, EndpointSlice.class))).isNull();
        assertThat(KubernetesObjects.slice(read("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {namespace: prod, name: a}
                addressType: IPv4
                """, EndpointSlice.class))).isNull();
    }

    @Test
    void aServiceWithItsPortsAndAddresses() {
        Service service = read("""
                apiVersion: v1
                kind: Service
                metadata: {namespace: prod, name: payments, annotations: {networking.istio.io/exportTo: "., web"}}
                spec:
                  clusterIP: 10.96.0.7
                  clusterIPs: [10.96.0.7, "fd00::7"]
                  ipFamilies: [IPv4, IPv6]
                  publishNotReadyAddresses: true
                  ports:
                  - {name: web, port: 80, targetPort: http, appProtocol: kubernetes.io/h2c}
                  - {name: dns, port: 53, protocol: UDP}
                """, Service.class);

        assertThat(KubernetesObjects.service(service))
                .isEqualTo(new MeshService(
                        new ServiceName("prod", "payments"),
                        List.of(new MeshService.Port(80, "web", "kubernetes.io/h2c")),
                        List.of("10.96.0.7", "fd00::7"),
                        null,
                        "IPv4",
                        true,
                        List.of(".", "web")));
    }

    @Test
    void aHeadlessServiceHasNoAddressAndAnExternalOneAName() {
        MeshService headless = KubernetesObjects.service(read("""
                apiVersion: v1
                kind: Service
                metadata: {namespace: prod, name: db}
                spec: {clusterIP: None, ports: [{port: 5432}]}
                """, Service.class));
        assertThat(headless.addresses()).isEmpty();
        assertThat(headless.ports()).containsExactly(new MeshService.Port(5432, "", null));

        MeshService external = KubernetesObjects.service(read("""
                apiVersion: v1
                kind: Service
                metadata: {namespace: prod, name: api}
                spec: {type: ExternalName, externalName: api.example.com, ports: [{port: 443}]}
                """, Service.class));
        assertThat(external.externalName()).isEqualTo("api.example.com");
    }

    @Test
    void aPodOwnsItsAddressUnlessItSharesItsNodesOrHasEnded() {
        String pod = """
                apiVersion: v1
                kind: Pod
                metadata: {namespace: prod, name: payments-1, labels: {app: payments}}
                spec: {serviceAccountName: payments, containers: [{name: a, image: b}]%s}
                status: {phase: %s, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}]}
                """;

        assertThat(read(pod, "", "Running"))
                .isEqualTo(new MeshPod(
                        "prod", "payments-1", Map.of("app", "payments"), "payments", List.of("10.0.0.1", "fd00::1")));
        assertThat(read(pod, ", hostNetwork: true", "Running").addresses()).isEmpty();
        assertThat(read(pod, "", "Succeeded").addresses()).isEmpty();
    }

    @Test
    void whatNobodyReadsIsNotKept() {
        Pod pod = read("""
                apiVersion: v1
                kind: Pod
                metadata: {namespace: prod, name: payments-1, annotations: {long: text}, managedFields: [{manager: m}]}
                spec: {serviceAccountName: payments, containers: [{name: a, image: b}], dnsPolicy: None}
                status: {phase: Running, conditions: [{type: Ready}]}
                """, Pod.class);

        assertThat(pod.getMetadata().getManagedFields()).isEmpty();
        assertThat(pod.getSpec().getContainers()).isEmpty();
        assertThat(pod.getSpec().getDnsPolicy()).isNull();
        assertThat(pod.getSpec().getAdditionalProperties()).isEmpty();
        assertThat(pod.getStatus().getConditions()).isEmpty();
    }

    private static MeshPod read(String yaml, String spec, String phase) {
        return KubernetesObjects.pod(read(yaml.formatted(spec, phase), Pod.class));
    }
}
