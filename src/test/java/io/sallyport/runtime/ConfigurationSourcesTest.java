package io.sallyport.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.reload.ConfigurationSource;
import io.sallyport.runtime.settings.SettingsLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationSourcesTest {
    private static final String GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 15001, name: http, protocol: HTTP}
                hosts: ["*"]
            """;

    @TempDir
    Path directory;

    @Test
    void aGatewayOnTheMeshListenersPortIsAnErrorThatNamesIt() throws Exception {
        assertThat(read(Map.of("sallyport.mesh.enabled", "true")).problems())
                .filteredOn(problem -> problem.isError())
                .singleElement()
                .asString()
                .contains("gateway.yaml:6:", "port 15001 is the mesh port of the gateway itself");
    }

    @Test
    void withoutAMeshListenerItsPortIsLikeAnyOther() throws Exception {
        assertThat(read(Map.of()).hasErrors()).isFalse();
    }

    @Test
    void theMeshListenersPortMayBeMovedOutOfTheWay() throws Exception {
        assertThat(read(Map.of("sallyport.mesh.enabled", "true", "sallyport.mesh.port", "3128"))
                        .hasErrors())
                .isFalse();
    }

    private ConfigurationSource.Read read(Map<String, String> settings) throws Exception {
        Files.writeString(directory.resolve("gateway.yaml"), GATEWAY);
        return ConfigurationSources.of(SettingsLoader.load(new HashMap<>(settings)), directory, null, null)
                .read();
    }
}
