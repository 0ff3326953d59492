package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsException;
import io.sallyport.runtime.settings.SettingsLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/// The pod: without rights that it does not need, and in agreement with the gateway's own settings.
class GatewayPodTest {
    /// [io.sallyport.cli.Serving] closes what the grace has left, for so long.
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final Deployment deployment = Manifests.one(Manifests.BASE.resolve("deployment.yaml"), Deployment.class);
    private final PodSpec pod = deployment.getSpec().getTemplate().getSpec();
    private final Container container = pod.getContainers().getFirst();
    private final Settings settings;

    GatewayPodTest() throws SettingsException {
        settings = SettingsLoader.load(Map.of());
    }

    private static List<PodSpec> patches() {
        return List.of(
                patch(Manifests.INGRESS),
                patch(Manifests.EGRESS_GATEWAY),
                patch(Manifests.COMPONENTS.resolve("discovery")),
                patch(Manifests.COMPONENTS.resolve("secrets")),
                patch(Manifests.COMPONENTS.resolve("resources")));
    }

    private static PodSpec patch(Path directory) {
        return Manifests.one(directory.resolve("deployment.yaml"), Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    @Test
    void itMayDoNothingThatItNeedNot() {
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isGreaterThan(0);
        assertThat(pod.getSecurityContext().getRunAsGroup()).isGreaterThan(0);
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getSecurityContext().getCapabilities().getAdd()).isEmpty();
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(Manifests.one(Manifests.BASE.resolve("service-account.yaml"), ServiceAccount.class)
                        .getAutomountServiceAccountToken())
                .isFalse();
        // No overlay takes any of it back.
        assertThat(patches()).allSatisfy(patch -> {
            assertThat(patch.getSecurityContext()).isNull();
            assertThat(patch.getContainers())
                    .allSatisfy(each -> assertThat(each.getSecurityContext()).isNull());
        });
    }

    @Test
    void itsPortsAreAboveThoseOfRoot() {
        assertThat(container.getPorts())
                .extracting(ContainerPort::getContainerPort)
                .allMatch(port -> port >= 1024)
                .contains(settings.health().port());
        assertThat(patch(Manifests.EGRESS_GATEWAY).getContainers().getFirst().getPorts())
                .extracting(ContainerPort::getContainerPort)
                .containsExactly(settings.mesh().port());
        Map<String, Integer> mapped = Map.of("SALLYPORT_PORT_MAP_80", 8080, "SALLYPORT_PORT_MAP_443", 8443);
        mapped.forEach((variable, port) -> {
            assertThat(container.getEnv())
                    .anyMatch(each ->
                            each.getName().equals(variable) && port.toString().equals(each.getValue()));
            assertThat(container.getPorts())
                    .anyMatch(each -> each.getContainerPort().equals(port));
        });
    }

    @Test
    void theProbesAskWhatTheGatewayAnswers() throws IOException {
        var properties = new Properties();
        properties.load(Files.newBufferedReader(Path.of("src/main/resources/application.properties")));
        String root = properties.getProperty("quarkus.smallrye-health.root-path");
        String ready = root + "/" + properties.getProperty("quarkus.smallrye-health.readiness-path");
        String live = root + "/" + properties.getProperty("quarkus.smallrye-health.liveness-path");

        assertThat(path(container.getStartupProbe())).isEqualTo(ready);
        assertThat(path(container.getReadinessProbe())).isEqualTo(ready);
        assertThat(path(container.getLivenessProbe())).isEqualTo(live);
        assertThat(deployment.getSpec().getTemplate().getMetadata().getAnnotations())
                .containsEntry("prometheus.io/path", "/metrics")
                .containsEntry(
                        "prometheus.io/port", Integer.toString(settings.health().port()));
    }

    private String path(Probe probe) {
        String name = probe.getHttpGet().getPort().getStrVal();
        assertThat(container.getPorts())
                .filteredOn(port -> port.getName().equals(name))
                .extracting(ContainerPort::getContainerPort)
                .containsExactly(settings.health().port());
        return probe.getHttpGet().getPath();
    }

    @Test
    void kubernetesWaitsForTheWholeDrain() {
        PodSpec ingress = patch(Manifests.INGRESS);
        for (PodSpec each : List.of(pod, ingress)) {
            long pause = each.getContainers()
                    .getFirst()
                    .getLifecycle()
                    .getPreStop()
                    .getSleep()
                    .getSeconds();
            long drain = settings.drain().grace().plus(CLOSING).toSeconds();
            assertThat(pause).isPositive();
            assertThat(each.getTerminationGracePeriodSeconds()).isGreaterThan(pause + drain);
        }
        assertThat(settings.drain().delay()).isLessThan(settings.drain().grace());
        assertThat(patches().stream().flatMap(each -> each.getContainers().getFirst().getEnv().stream()))
                .extracting(EnvVar::getName)
                .noneMatch(name -> name.startsWith("SALLYPORT_DRAIN"));
    }

    @Test
    void itsDirectoriesAreWhereTheGatewayLooks() {
        assertThat(container.getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .containsExactlyInAnyOrder(
                        settings.config().dir().toString(),
                        settings.secrets().dir().toString(),
                        "/tmp");
        assertThat(pod.getVolumes())
                .extracting(Volume::getName)
                .containsExactlyInAnyOrderElementsOf(container.getVolumeMounts().stream()
                        .map(VolumeMount::getName)
                        .toList());
    }

    /// As [io.sallyport.identity.CredentialDirectory] reads them: a directory for each name.
    @Test
    void secretsAreOptionalAndInDirectoriesOfTheirNames() {
        var secrets = new ArrayList<SecretProjection>();
        for (PodSpec each : List.of(pod, patch(Manifests.INGRESS))) {
            each.getVolumes().stream()
                    .filter(volume -> volume.getProjected() != null)
                    .flatMap(volume -> volume.getProjected().getSources().stream())
                    .forEach(source -> secrets.add(source.getSecret()));
        }
        assertThat(secrets)
                .hasSize(2)
                .allSatisfy(secret -> {
                    assertThat(secret.getOptional()).isTrue();
                    assertThat(secret.getItems()).isNotEmpty().allSatisfy(item -> assertThat(item.getPath())
                            .isEqualTo(secret.getName() + "/" + item.getKey()));
                })
                .extracting(SecretProjection::getName)
                .contains("shop-tls");
    }

    @Test
    void itsVariablesAreSettings() throws IOException {
        String reference = Files.readString(Path.of("config/settings.md"));
        var names = new ArrayList<String>();
        container.getEnv().forEach(each -> names.add(each.getName()));
        patches().forEach(each -> each.getContainers().getFirst().getEnv().forEach(env -> names.add(env.getName())));
        assertThat(pod.getEnableServiceLinks()).isFalse();
        assertThat(names).isNotEmpty().allSatisfy(name -> assertThat(reference)
                .contains("| `" + name.replaceFirst("MAP_\\d+$", "MAP_<n>") + "` |"));
    }
}
