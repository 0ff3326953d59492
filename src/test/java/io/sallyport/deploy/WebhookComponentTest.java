package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.RuleWithOperations;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.sallyport.cli.SallyportCommand;
import io.sallyport.config.model.ResourceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// The admission webhook's component: pods as hardened as the gateway's, and questions that they answer.
class WebhookComponentTest {
    private final Deployment deployment = component("deployment.yaml", Deployment.class);
    private final PodTemplateSpec template = deployment.getSpec().getTemplate();
    private final PodSpec pod = template.getSpec();
    private final Container container = pod.getContainers().getFirst();
    private final Service service = component("service.yaml", Service.class);
    private final Deployment gateway = Manifests.one(Manifests.BASE.resolve("deployment.yaml"), Deployment.class);
    private final List<ValidatingWebhook> webhooks = component(
                    "validating-webhook-configuration.yaml", ValidatingWebhookConfiguration.class)
            .getWebhooks();

    private static <T extends HasMetadata> T component(String file, Class<T> kind) {
        return Manifests.one(Manifests.WEBHOOK.resolve(file), kind);
    }

    @Test
    void itsPodMayDoNoMoreThanTheGateways() {
        PodSpec gatewayPod = gateway.getSpec().getTemplate().getSpec();
        assertThat(pod.getSecurityContext()).isEqualTo(gatewayPod.getSecurityContext());
        assertThat(container.getSecurityContext())
                .isEqualTo(gatewayPod.getContainers().getFirst().getSecurityContext());
        assertThat(container.getResources().getLimits()).containsOnlyKeys("cpu", "memory");
        assertThat(container.getResources().getRequests()).containsOnlyKeys("cpu", "memory");
        assertThat(pod.getEnableServiceLinks()).isFalse();
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        ServiceAccount account = component("service-account.yaml", ServiceAccount.class);
        assertThat(account.getAutomountServiceAccountToken()).isFalse();
        assertThat(account.getMetadata().getName()).isEqualTo(pod.getServiceAccountName());
        assertThat(Kustomization.read(Manifests.WEBHOOK).resources())
                .flatExtracting(Manifests::in)
                .extracting(Manifest::kind)
                .as("no rights")
                .noneMatch(kind -> kind.contains("Role"));
    }

    @Test
    void everySelectorSelectsItsPodsAndNoneOfTheGatewaysDoes() {
        var selectors = new ArrayList<Map<String, String>>();
        selectors.add(deployment.getSpec().getSelector().getMatchLabels());
        selectors.add(service.getSpec().getSelector());
        selectors.add(component("pod-disruption-budget.yaml", PodDisruptionBudget.class)
                .getSpec()
                .getSelector()
                .getMatchLabels());
        selectors.add(component("network-policy.yaml", NetworkPolicy.class)
                .getSpec()
                .getPodSelector()
                .getMatchLabels());
        pod.getTopologySpreadConstraints()
                .forEach(spread -> selectors.add(spread.getLabelSelector().getMatchLabels()));
        Map<String, String> labels = template.getMetadata().getLabels();

        assertThat(selectors).hasSize(6).allSatisfy(selector -> {
            assertThat(selector).isNotEmpty();
            assertThat(labels).containsAllEntriesOf(selector);
        });
        gateway.getSpec().getSelector().getMatchLabels().forEach((key, value) -> assertThat(labels)
                .doesNotContainEntry(key, value));
        assertThat(deployment.getSpec().getReplicas()).isGreaterThan(1);
    }

    @Test
    void theCommandTakesItsArguments() {
        CommandLine.ParseResult parsed = new CommandLine(new SallyportCommand())
                .parseArgs(container.getArgs().toArray(String[]::new))
                .subcommand();

        assertThat(parsed.commandSpec().name()).isEqualTo("webhook");
        assertThat(container.getPorts()).singleElement().satisfies(port -> assertThat(port.getContainerPort())
                .isEqualTo((Integer) parsed.commandSpec().findOption("--port").getValue()));
        assertThat(container.getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .containsExactlyInAnyOrder(
                        parsed.matchedOption("--tls-dir").getValue().toString(), "/tmp");
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getSecret() != null)
                .singleElement()
                .satisfies(
                        volume -> assertThat(volume.getSecret().getOptional()).isNull());
    }

    @Test
    void theProbesAskByHttps() {
        assertThat(List.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe()))
                .extracting(Probe::getHttpGet)
                .allSatisfy(probe -> {
                    assertThat(probe.getPath()).isEqualTo("/healthz");
                    assertThat(probe.getScheme()).isEqualTo("HTTPS");
                    assertThat(probe.getPort().getStrVal())
                            .isEqualTo(container.getPorts().getFirst().getName());
                });
    }

    @Test
    void itAsksNobodyAndIsAskedAtOnePort() {
        NetworkPolicy policy = component("network-policy.yaml", NetworkPolicy.class);
        assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress");
        assertThat(policy.getSpec().getEgress()).isEmpty();
        assertThat(policy.getSpec().getIngress())
                .singleElement()
                .extracting(NetworkPolicyIngressRule::getPorts)
                .satisfies(ports -> assertThat(ports).singleElement().satisfies(port -> assertThat(
                                port.getPort().getStrVal())
                        .isEqualTo(container.getPorts().getFirst().getName())));
    }

    @Test
    void apiServersAskItForEveryKindThatAGatewayServes() {
        assertThat(webhooks).hasSize(2).allSatisfy(webhook -> {
            assertThat(webhook.getFailurePolicy()).isEqualTo("Ignore");
            assertThat(webhook.getTimeoutSeconds()).isEqualTo(5);
            assertThat(webhook.getMatchPolicy()).isEqualTo("Equivalent");
            assertThat(webhook.getSideEffects()).isEqualTo("None");
            assertThat(webhook.getAdmissionReviewVersions()).containsExactly("v1");
            assertThat(webhook.getNamespaceSelector().getMatchLabels()).containsEntry("sallyport.io/validate", "true");
            assertThat(webhook.getClientConfig().getCaBundle())
                    .as("applying it again takes away none that was filled in")
                    .isNull();
            var asked = webhook.getClientConfig().getService();
            assertThat(asked.getName()).isEqualTo(service.getMetadata().getName());
            assertThat(asked.getPath()).isEqualTo("/validate");
            assertThat(service.getSpec().getPorts()).singleElement().satisfies(port -> {
                assertThat(port.getPort()).isEqualTo(asked.getPort());
                assertThat(port.getTargetPort().getStrVal())
                        .isEqualTo(container.getPorts().getFirst().getName());
            });
            assertThat(webhook.getRules()).allSatisfy(rule -> {
                assertThat(rule.getOperations()).containsExactly("CREATE", "UPDATE");
                assertThat(rule.getScope()).isEqualTo("Namespaced");
            });
        });
        assertThat(webhooks.getFirst().getRules())
                .flatExtracting(WebhookComponentTest::resources)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(ResourceKind.values())
                        .filter(kind -> kind.group() != ResourceKind.ApiGroup.CORE)
                        .map(kind -> kind.group().domain() + "/" + plural(kind))
                        .toList());
    }

    private static List<String> resources(RuleWithOperations rule) {
        return rule.getApiGroups().stream()
                .flatMap(group -> rule.getResources().stream().map(resource -> group + "/" + resource))
                .toList();
    }

    private static String plural(ResourceKind kind) {
        String name = kind.istioName().toLowerCase(Locale.ROOT);
        return name.endsWith("y") && !name.endsWith("ay") ? name.substring(0, name.length() - 1) + "ies" : name + "s";
    }

    /// Any other would be sent to it whole, and be allowed.
    @Test
    void ofConfigMapsOnlyTheGatewaysAreSent() {
        ValidatingWebhook webhook = webhooks.getLast();
        assertThat(webhook.getRules())
                .flatExtracting(WebhookComponentTest::resources)
                .containsExactly("/configmaps");
        LabelSelector selector = webhook.getObjectSelector();
        assertThat(selector.getMatchLabels()).isNotEmpty();
        assertThat(Kustomization.read(Manifests.BASE).fields().get("labels").toString())
                .contains(selector.getMatchLabels().entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .toList());
    }

    /// Its image is the gateway's.
    @Test
    void whatIsReplacedIsThere() {
        var replacement = (Map<?, ?>)
                ((List<?>) Kustomization.read(Manifests.WEBHOOK).fields().get("replacements")).getFirst();
        var source = (Map<?, ?>) replacement.get("source");
        var target = (Map<?, ?>) ((List<?>) replacement.get("targets")).getFirst();
        assertThat(source.get("name")).isEqualTo(gateway.getMetadata().getName());
        assertThat(source.get("fieldPath"))
                .isEqualTo(image(gateway.getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()));
        assertThat(((Map<?, ?>) target.get("select")).get("name"))
                .isEqualTo(deployment.getMetadata().getName());
        assertThat(target.get("fieldPaths")).isEqualTo(List.of(image(container)));
    }

    private static String image(Container of) {
        return "spec.template.spec.containers.[name=" + of.getName() + "].image";
    }
}
