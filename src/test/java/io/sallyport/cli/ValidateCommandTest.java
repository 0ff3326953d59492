package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testing.Commands;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateCommandTest {
    private static final String GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              selector: {istio: edge}
              servers:
                - port: {number: 443, name: https, protocol: HTTPS}
                  hosts: [a.example.com]
                  tls: {mode: SIMPLE, credentialName: edge-cert}
            """;
    private static final String VIRTUAL_SERVICE = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: shop}
            spec:
              hosts: [a.example.com]
              gateways: [edge]
              http:
                - route:
                    - destination: {host: shop, subset: v1}
            """;

    @TempDir
    Path directory;

    private final Commands commands = new Commands();

    @Test
    void theSeedsMissingSubsetsAreNamedWithPlaceAndRemedy() throws Exception {
        Path seed = seed();

        commands.run("validate", seed.toString());

        assertThat(commands.out())
                .contains(seed.resolve("api-ingress.yaml") + ":49:17: warning SAL3013"
                        + " spec.http[0].route[0].destination.subset: VirtualService default/api-virtualservice names a"
                        + " subset \"stable\" of \"api-service.default.svc.cluster.local\" that no DestinationRule"
                        + " defines: the route answers 503")
                .contains("    hint: DestinationRule default/api-destination-rule (" + seed.resolve("api-ingress.yaml")
                        + ":51:1) is for that host and has no subsets: add it there")
                .contains(seed.resolve("payments-canary.yaml") + ":13:17: warning SAL3013")
                .contains(seed.resolve("payments-canary.yaml") + ":17:17: warning SAL3013");
    }

    @Test
    void theSeedIsValid() throws Exception {
        assertThat(commands.run("validate", seed().toString())).isZero();
        assertThat(commands.out())
                .contains("payments-to-billing.yaml:13:22: warning SAL2511")
                .containsPattern("\n0 errors, \\d+ warnings in 4 files, 8 resources\n$");
    }

    @Test
    void aPolicyThatCannotBeEnforcedIsAnError() throws Exception {
        write(
                "a.yaml",
                "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: a}\nspec: {jwtRules: [{}]}\n");

        assertThat(commands.run("validate", directory.toString())).isEqualTo(1);
        assertThat(commands.out()).contains("a.yaml:4:19: error SAL2520", "spec.jwtRules[0].issuer");
    }

    /// Else a name could forge a line, for a reader of logs or CI, or command a terminal.
    @Test
    void whatTheConfigurationNamesIsShownOnOneLine() throws Exception {
        String yaml = "\"x\\n::error file=a::FAKE \\e[31m\\u0085\\u2028\\u202e\"";
        write("a.yaml", GATEWAY);
        write(
                "b.yaml",
                VIRTUAL_SERVICE.replace("name: shop", "name: " + yaml).replace("hosts:", yaml + ": 1\n  hosts:"));
        write("c.yaml", VIRTUAL_SERVICE.replace("name: shop", "name: " + yaml + ", namespace: " + yaml));
        write("d\n::error::FILE\u001b.yaml", VIRTUAL_SERVICE.replace("name: shop", "name: other, labels: 1"));
        write("e.yaml", VIRTUAL_SERVICE.replace("name: shop", "name: " + "n".repeat(200_000)));

        for (String command : new String[] {"validate", "explain"}) {
            commands.run(
                    command.equals("validate")
                            ? new String[] {"validate", directory.toString()}
                            : new String[] {"explain", directory.toString(), "--url", "http://a.example.com/"});
            String shown = commands.out() + commands.err();
            assertThat(shown)
                    .contains("VirtualService default/x?::error file=a::FAKE ?[31m??? is ", "d?::error::FILE?.yaml:3:");
            assertThat(shown.lines())
                    .noneMatch(line -> line.startsWith("::"))
                    .allMatch(line -> line.length() < 5000)
                    .allMatch(line -> line.chars().noneMatch(c -> c < ' ' || c == 0x85 || c == 0x2028 || c == 0x202e));
        }

        commands.run("validate", directory.toString(), "-o", "json");
        assertThat(new JsonObject(commands.out())
                        .getJsonArray("problems").stream().map(problem -> ((JsonObject) problem).getString("file")))
                .anyMatch(file -> file.endsWith("d\n::error::FILE\u001b.yaml"));
    }

    @Test
    void problemsComeByFileAndLineWithASummary() throws Exception {
        write("b.yaml", VIRTUAL_SERVICE.replace("edge]", "egde]"));
        write(
                "a.yaml",
                "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: edge}\nspec: {server: []}\n");

        assertThat(commands.run("validate", directory.toString())).isEqualTo(1);

        assertThat(commands.out().lines().filter(line -> !line.startsWith("    ")))
                .hasSizeGreaterThan(3)
                .isSortedAccordingTo((one, other) -> Boolean.compare(
                        one.contains("b.yaml") || !one.contains(".yaml"),
                        other.contains("b.yaml") || !other.contains(".yaml")));
        assertThat(commands.out()).contains("a.yaml:4:8: error SAL1101", "b.yaml:6:14: error SAL3001");
    }

    @Test
    void anErrorSaysWhatIsServedInSpiteOfIt() throws Exception {
        write("a.yaml", GATEWAY);
        write("b.yaml", VIRTUAL_SERVICE.replace("edge]", "egde]"));
        write("c.yaml", "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: c}\nspec: 7\n");
        write("d.yaml", "kind: [\n");

        assertThat(commands.run("validate", directory.toString())).isEqualTo(1);

        assertThat(commands.out())
                .contains(
                        "    then: AuthorizationPolicy default/c is held at its last version, or left out where none was"
                                + " served: what it is for answers 403\n")
                .contains("d.yaml is held at its last version, or left out");

        Files.delete(directory.resolve("d.yaml"));
        commands.run("validate", "-o", "json", directory.toString());
        assertThat(commands.out()).contains("\"then\" : \"VirtualService default/shop is held at its last version");
    }

    @Test
    void whereNothingCanBeServedThatIsSaid() throws Exception {
        write("a.yaml", GATEWAY.replace("servers:", "server:"));

        assertThat(commands.run("validate", directory.toString())).isEqualTo(1);
        assertThat(commands.out()).contains("    then: the configuration is refused as a whole\n");
    }

    @Test
    void strictMakesWarningsErrors() throws Exception {
        write("a.yaml", GATEWAY);
        write("b.yaml", VIRTUAL_SERVICE);

        assertThat(commands.run("validate", directory.toString())).isZero();
        assertThat(commands.run("validate", "--strict", directory.toString())).isEqualTo(1);
        assertThat(commands.out()).endsWith("1 error, 0 warnings in 2 files, 2 resources\n");
    }

    @Test
    void soIsTheIdentity() throws Exception {
        write("a.yaml", GATEWAY.replace("SIMPLE, credentialName: edge-cert", "ISTIO_MUTUAL"));
        String missing = directory.resolve("identity").toString();

        assertThat(commands.run("validate", directory.toString())).isZero();
        assertThat(commands.out()).doesNotContain("SAL4006");
        assertThat(commands.run("validate", "--strict", "--identity", missing, directory.toString()))
                .isEqualTo(1);
        assertThat(commands.out()).contains("SAL4006 spec.servers[0].tls", "mount it at " + missing);
    }

    @Test
    void cipherSuitesThatCannotBeOfferedAreWarnedOfAndNoneLeftIsAnError() throws Exception {
        write(
                "a.yaml",
                GATEWAY.replace(
                        "edge-cert", "edge-cert, cipherSuites: [AES128-SHA, NONE-SUCH, ECDHE-RSA-AES128-GCM-SHA256]"));
        assertThat(commands.run("validate", directory.toString())).isZero();
        assertThat(commands.out())
                .contains("warning SAL2213 spec.servers[0].tls.cipherSuites[0]: cipher suite AES128-SHA has no forward")
                .contains("warning SAL2213 spec.servers[0].tls.cipherSuites[1]: cipher suite \"NONE-SUCH\" is unknown");

        write("a.yaml", GATEWAY.replace("edge-cert", "edge-cert, cipherSuites: [AES128-SHA, NONE-SUCH]"));
        assertThat(commands.run("validate", directory.toString())).isEqualTo(1);
        assertThat(commands.out()).contains("error SAL4005", "cipherSuites: names no suite that can be offered");
    }

    @Test
    void secretsAreLookedForOnlyWhereADirectoryOfThemIsGiven() throws Exception {
        write("a.yaml", GATEWAY);
        Path secrets = Files.createDirectory(directory.resolve("secrets"));

        assertThat(commands.run("validate", directory.toString())).isZero();
        assertThat(commands.run("validate", directory.toString(), "--secrets", secrets.toString()))
                .as("it may come yet")
                .isZero();
        assertThat(commands.run("validate", "--strict", directory.toString(), "--secrets", secrets.toString()))
                .isEqualTo(1);
        assertThat(commands.out()).contains("error SAL3017 spec.servers[0].tls.credentialName");

        Files.createDirectory(secrets.resolve("edge-cert"));
        commands.run("validate", directory.toString(), "--secrets", secrets.toString());
        assertThat(commands.out()).doesNotContain("SAL3017");
    }

    @Test
    void settingsOfTheInstanceDecideWhatApplies() throws Exception {
        write("a.yaml", GATEWAY);

        commands.run("validate", directory.toString(), "--labels", "istio=other", "--namespace", "prod");
        assertThat(commands.out()).contains("warning SAL3003", "Gateway prod/edge");

        commands.run("validate", directory.toString(), "--port-map", "443=15021");
        assertThat(commands.out()).contains("error SAL3034", "is the health port");
    }

    @Test
    void jsonSaysTheSame() throws Exception {
        write("a.yaml", GATEWAY);
        write("b.yaml", VIRTUAL_SERVICE);

        assertThat(commands.run("validate", "-o", "json", directory.toString())).isZero();

        JsonObject json = new JsonObject(commands.out());
        assertThat(json.getInteger("warnings")).isEqualTo(1);
        assertThat(json.getInteger("resources")).isEqualTo(2);
        assertThat(json.getJsonArray("problems").getJsonObject(0).getMap())
                .containsEntry("severity", "warning")
                .containsEntry("code", "SAL3013")
                .containsEntry("file", directory.resolve("b.yaml").toString())
                .containsEntry("line", 9)
                .containsEntry("column", 45)
                .containsEntry("field", "spec.http[0].route[0].destination.subset");
    }

    @Test
    void wrongUsageIsToldApartFromAWrongConfiguration() {
        assertThat(commands.run("validate", ""))
                .as("a variable that is not set")
                .isEqualTo(2);
        assertThat(commands.err()).contains("the path is empty");
        assertThat(commands.run("validate", "a", "b")).isEqualTo(2);
        assertThat(commands.run("validate", "-o", "xml", directory.toString())).isEqualTo(2);
        assertThat(commands.run("validate", "--labels", "nonsense", directory.toString()))
                .isEqualTo(2);
        assertThat(commands.err()).contains("nonsense");
        assertThat(commands.run("validate", directory.resolve("missing").toString()))
                .isEqualTo(1);
        assertThat(commands.out()).contains("error SAL1011");
    }

    @Test
    void aDirectoryMustBeGiven() {
        assertThat(commands.run("validate")).isEqualTo(2);
        assertThat(commands.err()).contains("DIR");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private static Path seed() throws URISyntaxException {
        return Path.of(ValidateCommandTest.class.getResource("/seed").toURI());
    }
}
