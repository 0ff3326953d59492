package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.sallyport.deploy.Dockerfile.Instruction;
import io.sallyport.deploy.Dockerfile.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What can be said of the images without building them.
class DockerfileTest {
    private static final String NATIVE = "Dockerfile.native";
    private static final String JVM = "src/main/docker/Dockerfile.jvm";

    private final PodSpec pod = Manifests.one(Manifests.BASE.resolve("deployment.yaml"), Deployment.class)
            .getSpec()
            .getTemplate()
            .getSpec();

    private static List<String> exec(String text) throws IOException {
        return List.of(new ObjectMapper().readValue(text, String[].class));
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void theGatewayRunsAsTheUserOfThePod(String file) throws IOException {
        assertThat(Dockerfile.read(Path.of(file)).last().last("USER"))
                .isEqualTo(pod.getSecurityContext().getRunAsUser() + ":"
                        + pod.getSecurityContext().getRunAsGroup())
                .doesNotStartWith("0");
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void nothingThatRunsInTheImageNeedsAShell(String file) throws IOException {
        Stage image = Dockerfile.read(Path.of(file)).last();
        for (String keyword : List.of("ENTRYPOINT", "CMD", "RUN")) {
            for (String command : image.all(keyword)) {
                assertThat(exec(command)).isNotEmpty().doesNotContain("sh", "bash", "-c");
            }
        }
        assertThat(exec(image.last("CMD")))
                .isEqualTo(pod.getContainers().getFirst().getArgs());
        assertThat(image.all("HEALTHCHECK")).as("Kubernetes has probes").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void itsPortsAreThoseOfThePods(String file) throws IOException {
        var ports = new ArrayList<String>();
        for (Path directory : List.of(Manifests.BASE, Manifests.EGRESS_GATEWAY)) {
            Manifests.one(directory.resolve("deployment.yaml"), Deployment.class)
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst()
                    .getPorts()
                    .forEach(port -> ports.add(port.getContainerPort().toString()));
        }
        Stage image = Dockerfile.read(Path.of(file)).last();
        assertThat(image.last("EXPOSE").split("\\s+")).containsExactlyInAnyOrderElementsOf(ports);
        pod.getContainers().getFirst().getEnv().stream()
                .filter(variable -> variable.getName().startsWith("SALLYPORT_PORT_MAP"))
                .forEach(variable ->
                        assertThat(image.last("ENV")).contains(variable.getName() + "=" + variable.getValue()));
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void everyStageIsKnownAndItsImagePinned(String file) throws IOException {
        Dockerfile dockerfile = Dockerfile.read(Path.of(file));
        List<String> names = dockerfile.stages().stream()
                .map(Stage::name)
                .filter(name -> !name.isEmpty())
                .toList();
        assertThat(dockerfile.stages()).hasSize(2).allSatisfy(stage -> {
            assertThat(stage.from()).startsWith("${").endsWith("}");
            assertThat(dockerfile.arguments()).contains(stage.from().replaceAll("[${}]", ""));
        });
        assertThat(Files.readString(Path.of(file)).lines().filter(line -> line.startsWith("ARG ")))
                .hasSize(2)
                .allMatch(line -> line.matches("ARG [A-Z]+=[a-z.]+/\\S+:(?!latest)\\S+"));
        for (Instruction instruction : dockerfile.last().instructions()) {
            if (instruction.text().startsWith("--from=")) {
                assertThat(names).contains(instruction.text().replaceFirst("--from=(\\S+) .*", "$1"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {NATIVE, JVM})
    void whatIsCopiedIsThere(String file) throws IOException {
        List<String> sent = Files.readAllLines(Path.of(".dockerignore"));
        int copied = 0;
        for (Stage stage : Dockerfile.read(Path.of(file)).stages()) {
            for (Instruction instruction : stage.instructions()) {
                if (!instruction.keyword().equals("COPY") || instruction.text().contains("--from=")) {
                    continue;
                }
                String[] words = instruction.text().replaceAll("--\\S+\\s+", "").split("\\s+");
                for (String source : List.of(words).subList(0, words.length - 1)) {
                    assertThat(Path.of(source)).exists();
                    assertThat(sent).contains("!" + Path.of(source).getName(0));
                    copied++;
                }
            }
        }
        assertThat(copied).isGreaterThanOrEqualTo(4);
    }

    /// The JVM says nothing of a cache that it cannot use.
    @ParameterizedTest
    @ValueSource(strings = JVM)
    void theCacheIsUsedWhereItIsMade(String file) throws IOException {
        Stage image = Dockerfile.read(Path.of(file)).last();
        String directory = exec(image.last("RUN")).getLast();
        assertThat(exec(image.last("ENTRYPOINT")))
                .contains("-XX:AOTCache=" + directory + "/app.aot", directory + "/quarkus-run.jar")
                .as("all other flags are the training's, too")
                .noneMatch(word -> word.startsWith("-XX:+Use"));
        assertThat(image.all("ENV")).anyMatch(set -> set.startsWith("JDK_JAVA_OPTIONS=") && set.contains("-XX:+Use"));
        assertThat(Files.readString(Path.of("src/main/docker/train-aot.sh")))
                .contains("CACHE=$DIRECTORY/app.aot", "\"$DIRECTORY/quarkus-run.jar\"");
    }
}
