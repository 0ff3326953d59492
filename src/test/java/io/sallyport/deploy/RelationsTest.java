package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.sallyport.runtime.settings.SettingsException;
import io.sallyport.runtime.settings.SettingsLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What selects the gateway's pods selects them, and what names their ports names ports they have.
class RelationsTest {
    private static final Path MONITOR = Manifests.COMPONENTS.resolve("service-monitor");
    private final Deployment deployment = base("deployment.yaml", Deployment.class);
    private final Map<String, String> podLabels =
            deployment.getSpec().getTemplate().getMetadata().getLabels();

    private static <T extends io.fabric8.kubernetes.api.model.HasMetadata> T base(String file, Class<T> kind) {
        return Manifests.one(Manifests.BASE.resolve(file), kind);
    }

    private static NetworkPolicy policy(Path directory, String file, int index) {
        return (NetworkPolicy) Manifests.in(directory.resolve(file)).get(index).read();
    }

    private List<String> portNames() {
        return deployment.getSpec().getTemplate().getSpec().getContainers().getFirst().getPorts().stream()
                .map(ContainerPort::getName)
                .toList();
    }

    @Test
    void everySelectorSelectsTheGatewaysPods() {
        var selectors = new ArrayList<Map<String, String>>();
        selectors.add(deployment.getSpec().getSelector().getMatchLabels());
        selectors.add(base("service.yaml", Service.class).getSpec().getSelector());
        selectors.add(base("pod-disruption-budget.yaml", PodDisruptionBudget.class)
                .getSpec()
                .getSelector()
                .getMatchLabels());
        selectors.add(Manifests.one(MONITOR.resolve("service.yaml"), Service.class)
                .getSpec()
                .getSelector());
        selectors.add(policy(Manifests.EGRESS_GATEWAY, "network-policy.yaml", 1)
                .getSpec()
                .getPodSelector()
                .getMatchLabels());
        deployment
                .getSpec()
                .getTemplate()
                .getSpec()
                .getTopologySpreadConstraints()
                .forEach(spread -> selectors.add(spread.getLabelSelector().getMatchLabels()));

        assertThat(selectors).hasSize(7).allSatisfy(selector -> assertThat(selector)
                .isNotEmpty()
                .allSatisfy((key, value) -> assertThat(podLabels).containsEntry(key, value)));
    }

    @Test
    void theAutoscalerScalesTheDeploymentWhichLeavesTheNumberToIt() {
        var target = base("horizontal-pod-autoscaler.yaml", HorizontalPodAutoscaler.class)
                .getSpec()
                .getScaleTargetRef();
        assertThat(target.getApiVersion()).isEqualTo(deployment.getApiVersion());
        assertThat(target.getKind()).isEqualTo(deployment.getKind());
        assertThat(target.getName()).isEqualTo(deployment.getMetadata().getName());
        assertThat(deployment.getSpec().getReplicas()).isNull();
    }

    @Test
    void servicesLeadToPortsOfThePod() {
        assertThat(base("service.yaml", Service.class).getSpec().getPorts())
                .extracting(ServicePort::getPort)
                .containsExactly(80, 443);
        assertThat(base("service.yaml", Service.class).getSpec().getPorts()).allSatisfy(port -> assertThat(portNames())
                .contains(port.getTargetPort().getStrVal()));
        Service ingress = Manifests.one(Manifests.INGRESS.resolve("service.yaml"), Service.class);
        assertThat(ingress.getSpec().getType()).isEqualTo("LoadBalancer");
        assertThat(ingress.getSpec().getExternalTrafficPolicy()).isEqualTo("Local");
    }

    @Test
    void theMonitorFindsItsServiceAndItsPort() {
        ServiceMonitor monitor = Manifests.one(MONITOR.resolve("service-monitor.yaml"), ServiceMonitor.class);
        Service service = Manifests.one(MONITOR.resolve("service.yaml"), Service.class);
        assertThat(service.getMetadata().getLabels())
                .containsAllEntriesOf(monitor.getSpec().selector().getMatchLabels());
        assertThat(monitor.getSpec().endpoints()).singleElement().satisfies(endpoint -> {
            assertThat(service.getSpec().getPorts())
                    .extracting(ServicePort::getName)
                    .containsExactly(endpoint.port());
            assertThat(endpoint.path())
                    .isEqualTo(deployment
                            .getSpec()
                            .getTemplate()
                            .getMetadata()
                            .getAnnotations()
                            .get("prometheus.io/path"));
        });
        assertThat(portNames())
                .contains(
                        service.getSpec().getPorts().getFirst().getTargetPort().getStrVal());
    }

    /// The mesh's pods reach DNS and the gateway; the gateway reaches everything; no other pod beside it anything.
    @Test
    void onlyTheGatewayGetsOut() throws SettingsException {
        int meshPort = SettingsLoader.load(Map.of()).mesh().port();
        NetworkPolicy fence = policy(Manifests.FENCE, "default-deny.yaml", 0);
        assertThat(fence.getSpec().getPodSelector().getMatchLabels()).isEmpty();
        assertThat(fence.getSpec().getPolicyTypes()).containsExactly("Egress");
        assertThat(fence.getSpec().getEgress()).hasSize(2).allSatisfy(rule -> {
            assertThat(rule.getTo()).hasSize(1);
            assertThat(rule.getPorts()).isNotEmpty();
        });
        assertThat(ports(fence.getSpec().getEgress().getFirst())).containsExactly(53, 53);
        assertThat(ports(fence.getSpec().getEgress().getLast())).containsExactly(meshPort);
        NetworkPolicyPeer gateway =
                fence.getSpec().getEgress().getLast().getTo().getFirst();
        Kustomization overlay = Kustomization.read(Manifests.EGRESS_GATEWAY);
        assertThat(gateway.getNamespaceSelector().getMatchLabels())
                .containsExactlyEntriesOf(Map.of(
                        "kubernetes.io/metadata.name", (String) overlay.fields().get("namespace")));
        assertThat(gateway.getPodSelector().getMatchLabels())
                .containsAllEntriesOf(podLabels)
                .containsEntry("app.kubernetes.io/instance", "egress");
        assertThat(overlay.fields().get("labels").toString()).contains("app.kubernetes.io/instance=egress");

        NetworkPolicy within = policy(Manifests.FENCE, "within-namespace.yaml", 0);
        assertThat(within.getSpec().getEgress())
                .singleElement()
                .satisfies(rule -> assertThat(rule.getTo()).singleElement().satisfies(peer -> {
                    assertThat(peer.getNamespaceSelector()).isNull();
                    assertThat(peer.getIpBlock()).isNull();
                }));

        NetworkPolicy deny = policy(Manifests.EGRESS_GATEWAY, "network-policy.yaml", 0);
        assertThat(deny.getSpec().getPodSelector().getMatchLabels()).isEmpty();
        assertThat(deny.getSpec().getPolicyTypes()).contains("Egress");
        assertThat(deny.getSpec().getEgress()).isEmpty();
        NetworkPolicy out = policy(Manifests.EGRESS_GATEWAY, "network-policy.yaml", 1);
        assertThat(out.getSpec().getEgress()).containsExactly(new NetworkPolicyEgressRule());
    }

    private static List<Integer> ports(NetworkPolicyEgressRule rule) {
        return rule.getPorts().stream()
                .map(NetworkPolicyPort::getPort)
                .map(port -> port.getIntVal())
                .toList();
    }

    @Test
    void discoveryMayOnlyReadAndNoSecrets() {
        ClusterRole role =
                Manifests.one(Manifests.COMPONENTS.resolve("discovery/cluster-role.yaml"), ClusterRole.class);
        assertThat(role.getRules())
                .allSatisfy(rule -> assertThat(rule.getVerbs()).containsExactly("get", "list", "watch"));
        assertThat(role.getRules().stream().map(PolicyRule::getResources).flatMap(List::stream))
                .containsExactlyInAnyOrder("services", "pods", "nodes", "endpointslices");
    }

    @Test
    void resourcesMayOnlyBeReadAndNoOthersThanIstios() {
        ClusterRole role =
                Manifests.one(Manifests.COMPONENTS.resolve("resources/cluster-role.yaml"), ClusterRole.class);
        assertThat(role.getRules()).allSatisfy(rule -> {
            assertThat(rule.getVerbs()).containsExactly("get", "list", "watch");
            assertThat(rule.getApiGroups()).singleElement().asString().endsWith(".istio.io");
        });
        assertThat(role.getRules().stream().map(PolicyRule::getResources).flatMap(List::stream))
                .doesNotContain("*")
                .hasSize(8);
    }

    @Test
    void secretsMayBeReadInTheGatewaysNamespaceAlone() {
        Path component = Manifests.COMPONENTS.resolve("secrets");
        Role role = Manifests.one(component.resolve("role.yaml"), Role.class);
        assertThat(role.getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getApiGroups()).containsExactly("");
            assertThat(rule.getResources()).containsExactly("secrets");
            assertThat(rule.getVerbs()).containsExactly("get", "list", "watch");
        });
        RoleBinding binding = Manifests.one(component.resolve("role-binding.yaml"), RoleBinding.class);
        assertThat(binding.getRoleRef().getKind()).isEqualTo("Role");
        assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
        assertThat(binding.getSubjects()).singleElement().satisfies(subject -> {
            assertThat(subject.getKind()).isEqualTo("ServiceAccount");
            assertThat(subject.getName()).isEqualTo("sallyport");
        });
    }
}
