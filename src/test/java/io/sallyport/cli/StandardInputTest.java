package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.sallyport.testing.Commands;
import io.sallyport.testing.InstalledTool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `-` in place of a directory.
class StandardInputTest {
    private static final String GATEWAY = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: edge}
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              selector: {istio: edge}
              servers:
                - port: {number: 80, name: http, protocol: HTTP}
                  hosts: [a.example.com]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop}
            spec:
              hosts: [a.example.com]
              gateways: [edge]
              http:
                - directResponse: {status: 204}
            """;
    /// Of the documents: what is piped, and the arguments of `sallyport`.
    private static final Pattern RECIPE =
            Pattern.compile("^kubectl kustomize (\\S+) \\| target/sallyport (.+)$", Pattern.MULTILINE);

    private final Commands commands = new Commands();

    @BeforeAll
    static void theInputIsThisProcesss() {
        assumeFalse(Boolean.getBoolean("test.program"), "the program has an input of its own");
    }

    private int run(String input, String... arguments) {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
            return commands.run(arguments);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void validateReadsIt() {
        assertThat(run(GATEWAY, "validate", "--strict", "-")).isZero();
        assertThat(commands.out()).isEqualTo("0 errors, 0 warnings in 1 file, 2 resources\n");

        assertThat(run(GATEWAY.replace("[edge]", "[egde]"), "validate", "-")).isEqualTo(1);
        assertThat(commands.out()).contains("-:19:14: error SAL3001 spec.gateways[0]");
    }

    @Test
    void nothingOnItIsAnErrorWithARemedy() {
        assertThat(run("", "validate", "-")).isEqualTo(1);
        assertThat(commands.out())
                .contains("-: error SAL1015: the input is empty")
                .contains("hint: write manifests into it: kubectl kustomize DIR | sallyport validate -");
    }

    @Test
    void explainReadsIt() {
        assertThat(run(GATEWAY, "explain", "-", "--url", "http://a.example.com/"))
                .isZero();
        assertThat(commands.out()).contains("default/shop[0]", "204");

        assertThat(run(GATEWAY.replace("[edge]", "[egde]"), "explain", "-", "--url", "http://a.example.com/"))
                .isEqualTo(1);
        assertThat(commands.err()).contains("`sallyport validate -` lists all");
    }

    @Test
    void explainCannotTakeTheLineOfTheLogFromItAsWell() {
        assertThat(run(GATEWAY, "explain", "-", "--why-denied", "-")).isEqualTo(2);
        assertThat(commands.err()).contains("there is one standard input");
    }

    @Test
    void policyReadsIt() {
        assertThat(run(GATEWAY, "policy", "-")).isZero();
    }

    /// Each line of the guide that pipes a kustomization, with the manifests of this repository.
    @Test
    @Timeout(120)
    void theRecipesOfTheGuideValidateTheDeployment() throws Exception {
        InstalledTool.assume("kubectl", "kustomize", "--help");
        List<String[]> recipes = RECIPE.matcher(Files.readString(Path.of("docs/kubernetes.md")))
                .results()
                .map(found -> new String[] {found.group(1), found.group(2)})
                .toList();
        assertThat(recipes).isNotEmpty();
        for (String[] recipe : recipes) {
            String manifests = kustomize(recipe[0]);
            String[] arguments = recipe[1].split(" ");

            assertThat(run(manifests, arguments)).as(commands.out()).isZero();
            assertThat(commands.out()).startsWith("0 errors, ").containsPattern("in [12] files?, \\d+ resources");

            String broken = manifests.replace("    kind: VirtualService", "    kind: VirtualServize");
            assertThat(broken).isNotEqualTo(manifests);
            assertThat(run(broken, arguments)).isEqualTo(1);
            assertThat(commands.out()).contains("configmap/sallyport-", ".yaml:31:7: error SAL1024");
        }
    }

    private static String kustomize(String directory) throws IOException, InterruptedException {
        Process kubectl = new ProcessBuilder("kubectl", "kustomize", directory)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String manifests = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kubectl.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return manifests;
    }
}
