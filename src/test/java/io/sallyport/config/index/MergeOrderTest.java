package io.sallyport.config.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.SourceFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which resource comes first.
class MergeOrderTest {
    private static String service(String name, String namespace, String created) {
        return """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: %s, namespace: %s%s}
                spec: {hosts: [a.example], http: [{directResponse: {status: 200}}]}
                """.formatted(name, namespace, created.isEmpty() ? "" : ", creationTimestamp: " + created);
    }

    private static LoadResult load(String yaml) {
        return ConfigurationLoader.load(
                List.of(new SourceFile("a.yaml", yaml.getBytes(StandardCharsets.UTF_8))), LoadOptions.DEFAULT);
    }

    @Test
    void theOldestComesFirstThenTheNameThenTheNamespace() {
        LoadResult read = load(service("d", "x", "\"2026-02-01T00:00:00Z\"")
                + service("z", "x", "2026-01-01T00:00:00Z")
                + service("c", "y", "2026-02-01T00:00:00Z")
                + service("c", "x", "2026-02-01T00:00:00Z")
                + service("y", "x", "")
                + service("w", "x", "null")
                + service("v", "x", "yesterday")
                + service("u", "x", "7"));

        assertThat(read.hasErrors()).isFalse();
        assertThat(MergeOrder.sorted(read.configuration().virtualServices()))
                .extracting(service -> service.meta().qualifiedName())
                .as("those without a time, then by it")
                .containsExactly("x/u", "x/v", "x/w", "x/y", "x/z", "x/c", "y/c", "x/d");
    }
}
