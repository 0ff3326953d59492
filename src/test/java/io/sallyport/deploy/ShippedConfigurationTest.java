package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.Severity;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.runtime.ConfigurationSources;
import io.sallyport.runtime.settings.Settings;
import io.sallyport.runtime.settings.SettingsException;
import io.sallyport.runtime.settings.SettingsLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The resources of the ConfigMap are what the pods of both overlays would serve, with the settings that they get.
class ShippedConfigurationTest {
    @TempDir
    Path mounted;

    @Test
    void theIngressGatewayServesTheConfigMap() throws IOException, SettingsException {
        ConfigurationSource.Read read = read(Manifests.INGRESS);
        assertThat(problems(read, Severity.ERROR)).isEmpty();
        assertThat(problems(read, Severity.WARNING)).isEmpty();
        assertThat(read.configuration().gateways()).isNotEmpty();
    }

    @Test
    void theEgressGatewayServesTheConfigMap() throws IOException, SettingsException {
        ConfigurationSource.Read read = read(Manifests.EGRESS_GATEWAY);
        assertThat(problems(read, Severity.ERROR)).isEmpty();
        assertThat(problems(read, Severity.WARNING)).singleElement().satisfies(problem -> assertThat(problem.toString())
                .contains("istio=ingressgateway"));
    }

    /// As `validate` reads the directory that the pod mounts.
    private ConfigurationSource.Read read(Path overlay) throws IOException, SettingsException {
        for (Path file : Kustomization.read(Path.of("config")).configMapFiles()) {
            Files.copy(file, mounted.resolve(file.getFileName()));
        }
        Map<String, String> given = new HashMap<>();
        for (Path directory : List.of(Manifests.BASE, overlay)) {
            Container container = Manifests.one(directory.resolve("deployment.yaml"), Deployment.class)
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst();
            for (EnvVar variable : container.getEnv()) {
                given.put(key(variable.getName()), value(variable, overlay));
            }
        }
        Settings settings = SettingsLoader.load(given);
        assertThat(settings.namespace()).startsWith("sallyport-");
        assertThat(settings.portMap()).hasSize(2);
        return ConfigurationSources.of(settings, mounted, null, null).read();
    }

    /// `SALLYPORT_PORT_MAP_80` is `sallyport.port-map.80`.
    private static String key(String variable) {
        return variable.toLowerCase(Locale.ROOT)
                .replace('_', '.')
                .replace("port.map", "port-map")
                .replace("own.addresses", "own-addresses");
    }

    /// With what Kubernetes fills in of the Pod.
    private static String value(EnvVar variable, Path overlay) throws IOException {
        if (variable.getValue() != null) {
            return variable.getValue();
        }
        String field = variable.getValueFrom().getFieldRef().getFieldPath();
        return switch (field) {
            case "metadata.namespace" ->
                Kustomization.read(overlay).fields().get("namespace").toString();
            case "status.podIPs" -> "10.1.2.3,fd00::1:2:3";
            default -> throw new IllegalArgumentException(field);
        };
    }

    private static List<Problem> problems(ConfigurationSource.Read read, Severity severity) {
        return read.problems().stream()
                .filter(problem -> problem.severity() == severity)
                .toList();
    }
}
