package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.problem.Problem;
import io.sallyport.config.problem.Severity;
import io.sallyport.config.source.Changes;
import io.sallyport.config.yaml.YamlLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestStreamTest {
    private static final String GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              selector: {istio: edge}
              servers:
                - port: {number: 80, name: http, protocol: HTTP}
                  hosts: [a.example.com]
            """;
    private static final String MISTAKEN = GATEWAY.replace("servers:", "server:");
    private static final String OTHERS = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: edge}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: edge}
            spec: {ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: edge}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: edge}
            spec: {gateways: 3, gateways: 4}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: edge}
            ---
            """;

    private static LoadResult load(String input) {
        return load(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), LoadOptions.DEFAULT);
    }

    private static LoadResult load(InputStream input, LoadOptions options) {
        return new ManifestStream("-", input, options).load(Changes.ANY);
    }

    private static List<String> problems(LoadResult result) {
        return result.problems().stream()
                .map(problem -> problem.at() + " " + problem.code().id())
                .toList();
    }

    private static String configMap(String data) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: routes, namespace: prod}\n" + data;
    }

    private static String key(String key, String text) {
        return "data:\n  " + key + ": |\n" + text.indent(4);
    }

    @Test
    void resourcesStandAmongOthers() {
        LoadResult result = load(OTHERS + GATEWAY);

        assertThat(result.problems()).isEmpty();
        assertThat(result.configuration().gateways())
                .singleElement()
                .satisfies(gateway -> assertThat(gateway.meta().at().toString()).isEqualTo("-:23:1"));
    }

    @Test
    void aProblemHasItsPlaceInTheInput() {
        assertThat(problems(load(OTHERS + MISTAKEN))).contains("-:28:3 SAL1101");
    }

    @Test
    void aListIsUnpacked() {
        LoadResult result = load("apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n- "
                + GATEWAY.indent(2).strip() + "\n- "
                + configMap(key("b.yml", GATEWAY.replace("edge", "other")))
                        .indent(2)
                        .strip() + "\n");

        assertThat(result.problems()).isEmpty();
        assertThat(result.configuration().gateways()).hasSize(2);
    }

    @Test
    void theKeysOfAConfigMapAreFiles() {
        LoadResult result = load(configMap(key("routes.yaml", GATEWAY)));

        assertThat(result.problems()).isEmpty();
        assertThat(result.configuration().gateways()).singleElement().satisfies(gateway -> assertThat(
                        gateway.meta().at().toString())
                .isEqualTo("configmap/prod/routes/routes.yaml:1:1"));
    }

    @Test
    void aProblemInAKeyHasItsPlaceInTheFile() {
        assertThat(problems(load(configMap(key("routes.yaml", MISTAKEN)))))
                .contains("configmap/prod/routes/routes.yaml:6:3 SAL1101");
    }

    @Test
    void aConfigMapWithoutANamespaceIsOfTheInstances() {
        String map = configMap(key("a.yaml", MISTAKEN)).replace(", namespace: prod", "");
        assertThat(problems(load(map))).contains("configmap/default/routes/a.yaml:6:3 SAL1101");
    }

    @Test
    void binaryDataIsReadAsAGatewayReadsIt() {
        byte[] latin = (GATEWAY + "# \u00e9").getBytes(StandardCharsets.ISO_8859_1);
        String map = configMap("binaryData:\n  a.yaml: " + Base64.getEncoder().encodeToString(latin) + "\n");

        assertThat(problems(load(map))).contains("configmap/prod/routes/a.yaml:9:3 SAL1003");
        assertThat(problems(load(GATEWAY + "---\n" + configMap("binaryData: {a.yaml: 'a'}\n"))))
                .containsExactly("-:13:22 SAL1109");
    }

    @Test
    void aMeshConfigIsReadByItsFilesName() {
        LoadResult result = load(GATEWAY + "---\n" + configMap(key("mesh.yaml", "trustDomain: example.org\n")));

        assertThat(result.problems()).isEmpty();
        assertThat(result.configuration().meshConfigs()).hasSize(1);
    }

    /// What other programs keep in ConfigMaps says nothing about a gateway, whatever its shape.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "scrape_configs: []",
                "{{ .Values.template }}: {",
                "- a\n- list",
                "apiVersion: v1\nkind: Pod",
                "# nothing"
            })
    void otherFilesOfConfigMapsAreNotLookedInto(String text) {
        assertThat(load(GATEWAY + "---\n" + configMap(key("other.yaml", text))).problems())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"routes.txt", ".hidden.yaml", "routes"})
    void keysThatNoGatewayReadsAreNotReadHere(String key) {
        assertThat(load(GATEWAY + "---\n" + configMap(key(key, MISTAKEN))).problems())
                .isEmpty();
    }

    /// A slip must not turn a file for gateways into another program's.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "apiVersion: networking.istio.io/v1\nkind: [",
                "apiVersion: networking.istio.io/v9\nkind: Gateway",
                "{\"apiVersion\": \"networking.istio.io/v1\", \"kind\": \"Gatewax\"}",
                "apiVersion: networkin.istio.io/v1\nkind: Gateway",
                "apiVersion: networking.isto.io/v1\nkind: Gateway",
                "apiVersion: v1\nkind: Gateway",
                "apiVersion: \"networking.istio\\u002eio/v1\"\nkind: Gatewax"
            })
    void aFileForGatewaysThatCannotBeReadIsAnError(String text) {
        LoadResult result = load(GATEWAY + "---\n" + configMap(key("routes.yaml", text)));

        assertThat(result.hasErrors()).isTrue();
        assertThat(problems(result)).allMatch(each -> each.startsWith("configmap/prod/routes/routes.yaml:"));
    }

    /// A file that is read while it is written must not look like one whose resources are gone.
    @ParameterizedTest
    @CsvSource({
        "networking.istio.io/v1, Gateway",
        "networking.istio.io/v1, VirtualService",
        "networking.istio.io/v1beta1, DestinationRule",
        "networking.istio.io/v1, ServiceEntry",
        "security.istio.io/v1, AuthorizationPolicy",
        "security.istio.io/v1, RequestAuthentication",
        "security.istio.io/v1, PeerAuthentication",
        "telemetry.istio.io/v1, Telemetry",
    })
    void aHeadThatIsCutOffIsAFaultWhereverItIs(String apiVersion, String kind) {
        for (String head : List.of(
                "apiVersion: " + apiVersion + "\nkind: " + kind, "kind: " + kind + "\napiVersion: " + apiVersion)) {
            for (int i = 1; i < head.length(); i++) {
                String cut = head.substring(0, i);
                assertThat(load(GATEWAY + "---\n" + cut).problems())
                        .as(cut)
                        .anyMatch(problem -> problem.code().severity() == Severity.ERROR);
            }
        }
    }

    /// As in a directory: they look like ours, and would not apply.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter",
                "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway",
                "apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin"
            })
    void kindsThatAreNearAreSaidToBeSkipped(String document) {
        assertThat(problems(load(GATEWAY + "---\n" + document))).containsExactly("-:11:7 SAL1023");
    }

    @Test
    void aMisspeltKindOfAnIstioGroupIsAnError() {
        assertThat(load(GATEWAY.replace("kind: Gateway", "kind: Gatewax")).hasErrors())
                .isTrue();
    }

    @Test
    void anEmptyInputIsAnErrorWithARemedy() {
        assertThat(load("").problems()).singleElement().satisfies(problem -> {
            assertThat(problem.isError()).isTrue();
            assertThat(problem.message()).isEqualTo("the input is empty");
            assertThat(problem.hint()).contains("| sallyport validate -");
        });
        assertThat(load(" \n").hasErrors()).isTrue();
        assertThat(load("---\n---\n").hasErrors()).isTrue();
    }

    @Test
    void anInputWithNothingForGatewaysIsAnError() {
        assertThat(problems(load(OTHERS))).containsExactly("- SAL1029");
        assertThat(problems(load(configMap("data: {a: b}\n")))).containsExactly("- SAL1029");
    }

    @Test
    void whatFailsToArriveIsAnError() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        assertThat(load(broken, LoadOptions.DEFAULT).problems())
                .extracting(Problem::toString)
                .singleElement()
                .asString()
                .contains("SAL1001", "the input cannot be read: Broken pipe");
    }

    @Test
    void theInputIsReadToItsBoundOnly() {
        var endless = new InputStream() {
            private long read;

            @Override
            public int read() {
                read++;
                return '#';
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                Arrays.fill(into, offset, offset + length, (byte) '#');
                read += length;
                return length;
            }
        };
        YamlLimits small = new YamlLimits(1000, 2_000_000, 64, 20);

        assertThat(problems(load(endless, new LoadOptions("default", small, 10, 1 << 20))))
                .containsExactly("- SAL1002");
        assertThat(endless.read).isEqualTo(1001);
    }

    @Test
    void aliasesDoNotMakeManyFilesOfOneText() {
        String aliases = IntStream.range(0, 1000)
                .mapToObj(i -> "  f" + i + ".yaml: *text\n")
                .collect(Collectors.joining());
        String map = configMap("data:\n  a.yaml: &text '" + "#".repeat(1 << 20) + "'\n" + aliases);

        assertThat(problems(load(map))).containsExactly("-:5:3 SAL1014");
        LoadOptions few = new LoadOptions("default", YamlLimits.DEFAULT, 10, 64L << 20);
        String small = configMap("data:\n  a.yaml: &text '#'\n" + aliases);
        assertThat(problems(load(new ByteArrayInputStream(small.getBytes(StandardCharsets.UTF_8)), few)))
                .containsExactly("-:5:3 SAL1014");
    }

    @Test
    void longNamesAreNotCut() {
        String longest = "k".repeat(248);
        assertThat(problems(load(configMap(key(longest + ".yaml", MISTAKEN)))))
                .contains("configmap/prod/routes/" + longest + ".yaml:6:3 SAL1101");
    }

    @Test
    void oneResourceInTwoPlacesIsADuplicate() {
        assertThat(problems(load(GATEWAY + "---\n" + configMap(key("a.yaml", GATEWAY)))))
                .singleElement()
                .asString()
                .contains("configmap/prod/routes/a.yaml:3:");
    }

    @Test
    void namesCannotForgeLinesOfAReport() {
        String map = configMap(key("\"a\\n-:1:1 error.yaml\"", MISTAKEN)).replace("name: routes", "name: \"x\\ny\"");
        assertThat(problems(load(map))).isNotEmpty().allSatisfy(each -> assertThat(each)
                .doesNotContain("\n"));
    }
}
