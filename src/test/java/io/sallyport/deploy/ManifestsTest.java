package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every manifest is read as the API reads it, and every file is used.
class ManifestsTest {
    private static final Path CONFIG = Path.of("config");

    private final List<Kustomization> kustomizations;

    ManifestsTest() throws IOException {
        kustomizations = Stream.concat(
                        Kustomization.under(Manifests.ROOT).stream(), Stream.of(Kustomization.read(CONFIG)))
                .toList();
    }

    @Test
    void everyManifestHasOnlyFieldsThatTheApiKnows() throws IOException {
        var read = new ArrayList<HasMetadata>();
        for (Path file : Manifests.files(".yaml")) {
            if (!file.endsWith(Kustomization.FILE)) {
                Manifests.in(file)
                        .forEach(document ->
                                read.add(Manifests.withoutDirectives(document).read()));
            }
        }

        assertThat(read)
                .extracting(HasMetadata::getKind)
                .contains(
                        "Deployment",
                        "Service",
                        "NetworkPolicy",
                        "PodDisruptionBudget",
                        "HorizontalPodAutoscaler",
                        "ServiceAccount",
                        "ClusterRole",
                        "ValidatingWebhookConfiguration",
                        "PrometheusRule",
                        "ServiceMonitor");
    }

    @Test
    void anUnknownFieldIsAnError() {
        Manifest manifest = new Manifest(
                Path.of("test"),
                Map.of(
                        "apiVersion",
                        "apps/v1",
                        "kind",
                        "Deployment",
                        "spec",
                        Map.of("template", Map.of("spec", Map.of("securityContext", Map.of("runAsNoRoot", true))))));

        assertThatThrownBy(manifest::read).hasMessageContaining("runAsNoRoot");
    }

    @Test
    void everythingThatAKustomizationNamesIsThere() {
        for (Kustomization kustomization : kustomizations) {
            assertThat(kustomization.references())
                    .as("%s", kustomization.directory())
                    .isNotEmpty()
                    .allSatisfy(path -> assertThat(Files.isDirectory(path) ? path.resolve(Kustomization.FILE) : path)
                            .exists());
        }
    }

    /// Kustomize reads no file outside of the directory of its kustomization.
    @Test
    void filesAreWithinTheirKustomization() {
        for (Kustomization kustomization : kustomizations) {
            assertThat(kustomization.references())
                    .filteredOn(Files::isRegularFile)
                    .allSatisfy(path -> assertThat(path).startsWithRaw(kustomization.directory()));
        }
    }

    @Test
    void everyFileIsUsed() throws IOException {
        Set<Path> used = kustomizations.stream()
                .flatMap(kustomization -> kustomization.references().stream())
                .collect(Collectors.toCollection(HashSet::new));
        try (Stream<Path> files = Files.walk(Manifests.ROOT)) {
            assertThat(files.filter(Files::isRegularFile))
                    .filteredOn(file -> !file.endsWith(Kustomization.FILE))
                    .allSatisfy(file -> assertThat(used).contains(file));
        }
        // Overlays are what a user applies, components what an overlay takes on request.
        assertThat(kustomizations)
                .extracting(Kustomization::directory)
                .filteredOn(directory -> !Manifests.COMPONENTS.equals(directory.getParent())
                        && !directory.equals(Manifests.INGRESS)
                        && !directory.equals(Manifests.EGRESS))
                .allSatisfy(directory -> assertThat(used).contains(directory));
    }

    @Test
    void everyComponentIsOfferedByTheOverlays() throws IOException {
        try (Stream<Path> components = Files.list(Manifests.COMPONENTS)) {
            List<String> names =
                    components.map(path -> path.getFileName().toString()).toList();
            for (Path overlay : List.of(Manifests.INGRESS, Manifests.EGRESS_GATEWAY)) {
                String text = Files.readString(overlay.resolve(Kustomization.FILE));
                assertThat(names).allSatisfy(name -> assertThat(text).contains("# - " + pathTo(overlay, name) + "\n"));
            }
        }
    }

    private static String pathTo(Path overlay, String component) {
        return overlay.relativize(Manifests.COMPONENTS.resolve(component)).toString();
    }

    @Test
    void everyPatchHasAManifestToChange() {
        for (Kustomization kustomization : kustomizations) {
            for (Path patch : kustomization.patches()) {
                Manifest change = Manifests.in(patch).getFirst();
                assertThat(Manifests.in(
                                Manifests.BASE.resolve(patch.getFileName().toString())))
                        .as("%s", patch)
                        .anyMatch(changed -> changed.kind().equals(change.kind())
                                && changed.name().equals(change.name()));
            }
        }
    }

    @Test
    void theImageIsNamedInOnePlace() throws IOException {
        String version = Files.readString(Path.of("pom.xml"))
                .replaceFirst("(?s).*?<version>([^<]+)</version>.*", "$1")
                .replace("-SNAPSHOT", "");
        assertThat(kustomizations.stream()
                        .flatMap(each -> each.images().stream())
                        .toList())
                .singleElement()
                .satisfies(image -> {
                    assertThat(image.get("name")).isEqualTo("sallyport");
                    assertThat(image.get("newTag")).isEqualTo(version);
                });
        for (Path file : Manifests.files(".yaml")) {
            assertThat(Files.readString(file).lines())
                    .filteredOn(line -> line.strip().startsWith("image:"))
                    .allSatisfy(line -> assertThat(line.strip()).isEqualTo("image: sallyport"));
        }
    }
}
