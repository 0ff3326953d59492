package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.sallyport.testing.InstalledTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `kubectl apply -k` would send, where there is a kubectl; it needs no cluster for that.
@Timeout(120)
class RenderedTest {
    private static final String WEBHOOK = "sallyport-webhook-";

    @BeforeAll
    static void kubectlIsThere() {
        InstalledTool.assume("kubectl", "kustomize", "--help");
    }

    private static List<HasMetadata> render(Path overlay) throws Exception {
        Process kubectl = new ProcessBuilder("kubectl", "kustomize", overlay.toString()).start();
        String yaml = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String said = new String(kubectl.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kubectl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(kubectl.exitValue()).as(said).isZero();
        return Manifest.parse(overlay, yaml).stream().map(Manifest::read).toList();
    }

    private static <T extends HasMetadata> T only(List<HasMetadata> rendered, Class<T> kind) {
        return only(rendered, kind, "");
    }

    private static <T extends HasMetadata> T only(List<HasMetadata> rendered, Class<T> kind, String prefix) {
        List<T> found = rendered.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .filter(each -> each.getMetadata().getName().startsWith(prefix))
                .toList();
        assertThat(found).as("%s %s", kind.getSimpleName(), prefix).hasSize(1);
        return found.getFirst();
    }

    /// The gateway's own, and no component's.
    private static <T extends HasMetadata> T gateways(List<HasMetadata> rendered, Class<T> kind) {
        return only(
                rendered.stream()
                        .filter(each -> each.getMetadata().getLabels() != null
                                && "sallyport"
                                        .equals(each.getMetadata().getLabels().get("app.kubernetes.io/name")))
                        .toList(),
                kind);
    }

    private static void fitsTogether(List<HasMetadata> rendered) {
        Deployment deployment = gateways(rendered, Deployment.class);
        var labels = deployment.getSpec().getTemplate().getMetadata().getLabels();
        assertThat(labels)
                .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
        assertThat(labels)
                .containsAllEntriesOf(
                        gateways(rendered, Service.class).getSpec().getSelector());
        assertThat(labels)
                .containsAllEntriesOf(gateways(rendered, PodDisruptionBudget.class)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels());
        assertThat(gateways(rendered, HorizontalPodAutoscaler.class)
                        .getSpec()
                        .getScaleTargetRef()
                        .getName())
                .isEqualTo(deployment.getMetadata().getName());
        assertThat(deployment.getSpec().getTemplate().getSpec().getVolumes())
                .filteredOn(volume -> volume.getConfigMap() != null)
                .singleElement()
                .satisfies(volume -> assertThat(volume.getConfigMap().getName())
                        .isEqualTo(gateways(rendered, ConfigMap.class)
                                .getMetadata()
                                .getName()));
        assertThat(deployment
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage())
                .matches("sallyport:\\d.*");
    }

    @Test
    void theIngressOverlayRenders() throws Exception {
        List<HasMetadata> rendered = render(Manifests.INGRESS);
        fitsTogether(rendered);
        Deployment deployment = gateways(rendered, Deployment.class);
        assertThat(deployment
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getEnv())
                .as("the base's variables and the overlay's")
                .hasSize(5);
        assertThat(gateways(rendered, Service.class).getSpec().getType()).isEqualTo("LoadBalancer");
    }

    @Test
    void theEgressOverlayRenders() throws Exception {
        List<HasMetadata> rendered = render(Manifests.EGRESS);
        fitsTogether(rendered);
        assertThat(gateways(rendered, Service.class).getSpec().getPorts())
                .extracting(ServicePort::getPort)
                .containsExactly(15001);
        assertThat(rendered)
                .filteredOn(each -> each.getKind().equals("NetworkPolicy"))
                .extracting(each -> each.getMetadata().getNamespace())
                .containsExactlyInAnyOrder("mesh", "mesh", "sallyport-egress", "sallyport-egress");
    }

    @Test
    void theComponentsFitTheOverlays(@TempDir Path copy) throws Exception {
        for (Path tree : List.of(Manifests.ROOT, Path.of("config"))) {
            copy(tree, copy);
        }
        for (Path overlay : List.of(Manifests.INGRESS, Manifests.EGRESS_GATEWAY)) {
            Path kustomization = copy.resolve(overlay).resolve(Kustomization.FILE);
            String text = Files.readString(kustomization);
            Files.writeString(kustomization, text.replaceAll("(?m)^# (components:|- \\.\\.)", "$1"));
            List<HasMetadata> rendered = render(copy.resolve(overlay));
            var subject = only(rendered, ClusterRoleBinding.class, "sallyport-discovery")
                    .getSubjects()
                    .getFirst();
            Deployment deployment = gateways(rendered, Deployment.class);
            PodSpec pod = deployment.getSpec().getTemplate().getSpec();
            assertThat(subject.getNamespace())
                    .isEqualTo(deployment.getMetadata().getNamespace());
            assertThat(subject.getName()).isEqualTo(pod.getServiceAccountName());
            assertThat(only(rendered, ClusterRoleBinding.class, "sallyport-resources")
                            .getSubjects())
                    .containsExactly(subject);
            RoleBinding binding = only(rendered, RoleBinding.class);
            assertThat(binding.getMetadata().getNamespace())
                    .isEqualTo(deployment.getMetadata().getNamespace());
            assertThat(binding.getSubjects().getFirst()).isEqualTo(subject);
            assertThat(binding.getRoleRef().getName())
                    .isEqualTo(only(rendered, Role.class).getMetadata().getName());
            assertThat(pod.getAutomountServiceAccountToken()).isTrue();
            assertThat(rendered)
                    .extracting(HasMetadata::getKind)
                    .contains("ServiceMonitor", "PrometheusRule", "ClusterRole");
            webhookFits(rendered);
        }
    }

    /// It asks its own pods, which are the gateway's program and nobody else's pods.
    private static void webhookFits(List<HasMetadata> rendered) {
        Deployment deployment = only(rendered, Deployment.class, WEBHOOK);
        Deployment gateway = gateways(rendered, Deployment.class);
        var template = deployment.getSpec().getTemplate();
        Map<String, String> labels = template.getMetadata().getLabels();
        assertThat(template.getSpec().getContainers().getFirst().getImage())
                .isEqualTo(gateway.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage());
        assertThat(template.getSpec().getServiceAccountName())
                .isEqualTo(only(rendered, ServiceAccount.class, WEBHOOK)
                        .getMetadata()
                        .getName());
        Service service = only(rendered, Service.class, WEBHOOK);
        List<Map<String, String>> selectors = List.of(
                deployment.getSpec().getSelector().getMatchLabels(),
                service.getSpec().getSelector(),
                only(rendered, PodDisruptionBudget.class, WEBHOOK)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels(),
                only(rendered, NetworkPolicy.class, WEBHOOK)
                        .getSpec()
                        .getPodSelector()
                        .getMatchLabels());
        assertThat(selectors).allSatisfy(selector -> assertThat(labels).containsAllEntriesOf(selector));
        assertThat(List.of(
                        gateway.getSpec().getSelector().getMatchLabels(),
                        gateways(rendered, Service.class).getSpec().getSelector()))
                .noneMatch(selector -> labels.entrySet().containsAll(selector.entrySet()));

        ValidatingWebhookConfiguration configuration = only(rendered, ValidatingWebhookConfiguration.class);
        assertThat(configuration.getWebhooks()).hasSize(2).allSatisfy(webhook -> {
            assertThat(webhook.getClientConfig().getService().getName())
                    .isEqualTo(service.getMetadata().getName());
            assertThat(webhook.getClientConfig().getService().getNamespace())
                    .isEqualTo(service.getMetadata().getNamespace());
        });
        assertThat(gateways(rendered, ConfigMap.class).getMetadata().getLabels())
                .containsAllEntriesOf(configuration
                        .getWebhooks()
                        .getLast()
                        .getObjectSelector()
                        .getMatchLabels());
    }

    private static void copy(Path tree, Path root) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.createDirectories(root.resolve(file).getParent());
                Files.copy(file, root.resolve(file));
            }
        }
    }
}
