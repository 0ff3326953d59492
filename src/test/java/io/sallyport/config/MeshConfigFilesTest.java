package io.sallyport.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a MeshConfig is read from.
class MeshConfigFilesTest {
    private static final String PLAIN = """
            extensionProviders:
            - name: opa
              envoyExtAuthzGrpc: {service: opa.example, port: 9191, timeout: 1s}
            """;

    private static final String CONFIG_MAP = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: %s, namespace: istio-system}
            data:
              mesh: |
            """ + PLAIN.indent(4);

    /// @param filesAndTexts in turn
    private static LoadResult load(String... filesAndTexts) {
        List<SourceFile> files = new ArrayList<>();
        for (int i = 0; i < filesAndTexts.length; i += 2) {
            files.add(new SourceFile(filesAndTexts[i], filesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8)));
        }
        return ConfigurationLoader.load(files, LoadOptions.DEFAULT);
    }

    private static List<String> providers(LoadResult loaded) {
        return loaded.configuration().meshConfigs().stream()
                .flatMap(config -> config.extensionProviders().stream())
                .map(provider -> provider.name())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mesh.yaml", "/etc/config/meshconfig.yml", "mesh-config.yaml"})
    void aFileOfThatNameIsOneWithoutAKind(String file) {
        LoadResult loaded = load(file, PLAIN);

        assertThat(loaded.problems()).isEmpty();
        assertThat(providers(loaded)).containsExactly("opa");
    }

    @ParameterizedTest
    @ValueSource(strings = {"istio", "istio-canary"})
    void istiosConfigMapHoldsOne(String name) {
        LoadResult loaded = load("a.yaml", CONFIG_MAP.formatted(name));

        assertThat(loaded.problems()).isEmpty();
        assertThat(providers(loaded)).containsExactly("opa");
    }

    @Test
    void aListMayHoldTheConfigMap() {
        String item = CONFIG_MAP.formatted("istio").indent(2).replaceFirst("^ ", "-");

        assertThat(providers(load("a.yaml", "apiVersion: v1\nkind: List\nitems:\n" + item)))
                .containsExactly("opa");
    }

    @Test
    void elsewhereItIsADocumentWithoutAKind() {
        assertThat(load("other.yaml", PLAIN).problems())
                .extracting(problem -> problem.code().id())
                .containsExactly("SAL1020", "SAL1021");
    }

    @Test
    void otherConfigMapsAreSkipped() {
        LoadResult loaded = load("a.yaml", CONFIG_MAP.formatted("settings"));

        assertThat(providers(loaded)).isEmpty();
        assertThat(loaded.problems()).extracting(problem -> problem.code().id()).containsExactly("SAL1023");
    }

    @Test
    void aResourceInThatFileIsWhatItsKindSays() {
        assertThat(load("mesh.yaml", CONFIG_MAP.formatted("settings")).problems())
                .extracting(problem -> problem.code().id())
                .containsExactly("SAL1023");
    }

    @Test
    void thereIsOne() {
        assertThat(load("a.yaml", CONFIG_MAP.formatted("istio"), "mesh.yaml", PLAIN)
                        .problems())
                .singleElement()
                .asString()
                .startsWith("mesh.yaml:1:1: error SAL1027 metadata.name: MeshConfig istio-system/istio is already");
    }

    @Test
    void whatIsWrongInTheTextIsReportedOnItsLine() {
        assertThat(load("a.yaml", CONFIG_MAP.formatted("istio").replace("port: 9191", "port: many"))
                        .problems())
                .singleElement()
                .asString()
                .startsWith("a.yaml:8:")
                .contains("extensionProviders[0].envoyExtAuthzGrpc.port");
        assertThat(load("a.yaml", CONFIG_MAP.formatted("istio").replace("1s}", "1s"))
                        .problems())
                .singleElement()
                .asString()
                .startsWith("a.yaml:")
                .contains("SAL1004");
    }
}
