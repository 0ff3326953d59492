package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.compile.CompileOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A reading after a change leads to the clusters that a reading from scratch leads to.
class ClusterNamesTest {
    private static final String WITHOUT_PORT = "{host: svc.internal}";
    private static final String WITH_PORT = "{host: svc.internal, port: {number: 9090}}";

    @TempDir
    Path directory;

    private ConfigurationSource source() {
        return new ConfigurationSource(
                directory,
                LoadOptions.DEFAULT,
                new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED),
                CompileOptions.defaults(),
                Clock.systemUTC());
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(directory.resolve(file), content);
    }

    /// The names that clusters have, which are also those that they are found by.
    private static List<String> names(ConfigurationSource source) {
        Map<String, ClusterSpec> clusters = source.read().plan().clusters();
        assertThat(clusters)
                .allSatisfy((name, cluster) -> assertThat(cluster.name()).isEqualTo(name));
        return clusters.values().stream().map(ClusterSpec::name).sorted().toList();
    }

    private static String entry(String more) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: svc}
                spec:
                  hosts: [svc.internal]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 9090, name: http-a, protocol: HTTP}%s]
                  endpoints: [{address: 127.0.0.1}]
                """.formatted(more);
    }

    /// A service that had one port gets another, which is that of the listener: a route that names no port goes there
    /// now, one that names the first stays.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServiceGetsAnotherPort(boolean namedFirst) throws Exception {
        write("gateway.yaml", Yaml.httpGateway("*"));
        List<String> routes = namedFirst ? List.of(WITH_PORT, WITHOUT_PORT) : List.of(WITHOUT_PORT, WITH_PORT);
        write("a.yaml", Yaml.virtualService("a.test", "- route: [{destination: %s}]".formatted(routes.getFirst())));
        write("b.yaml", Yaml.virtualService("b.test", "- route: [{destination: %s}]".formatted(routes.getLast())));
        write("svc.yaml", entry(""));
        ConfigurationSource source = source();
        assertThat(names(source)).containsExactly("outbound|9090||svc.internal");

        write("svc.yaml", entry(", {number: 80, name: http-b, protocol: HTTP}"));
        assertThat(names(source))
                .isEqualTo(names(source()))
                .containsExactly("outbound|80||svc.internal", "outbound|9090||svc.internal");

        write("svc.yaml", entry(""));
        assertThat(names(source)).containsExactly("outbound|9090||svc.internal");
    }
}
