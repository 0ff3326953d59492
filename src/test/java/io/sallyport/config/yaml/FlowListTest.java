package io.sallyport.config.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.config.ConfigurationLoader;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.LoadResult;
import io.sallyport.config.SourceFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Plain text in brackets that ends in a colon is text, as for Kubernetes' tools: IPv6 prefixes are written so.
class FlowListTest {
    private static LoadResult load(String addresses) {
        String yaml = """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: it}
                spec:
                  hosts: [a.example.com]
                  addresses: %s
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  resolution: STATIC
                """.formatted(addresses);
        return ConfigurationLoader.load(
                List.of(new SourceFile("it.yaml", yaml.getBytes(StandardCharsets.UTF_8))), LoadOptions.DEFAULT);
    }

    static Stream<Arguments> lists() {
        return Stream.of(
                Arguments.of("[001:db8::]", List.of("001:db8::")),
                Arguments.of("[1.2.3.4, 001:db8::]", List.of("1.2.3.4", "001:db8::")),
                Arguments.of("[001:db8::, 1.2.3.4]", List.of("001:db8::", "1.2.3.4")),
                Arguments.of("[2001:db8::,fe80::]", List.of("2001:db8::", "fe80::")),
                Arguments.of(
                        "[2001:db8::, 2001:db8::/32, \"fe80::\"]", List.of("2001:db8::", "2001:db8::/32", "fe80::")),
                Arguments.of(
                        "[\n    1.2.3.4,\n    2001:db8::,\n    fe80::]", List.of("1.2.3.4", "2001:db8::", "fe80::")));
    }

    @ParameterizedTest
    @MethodSource("lists")
    void textMayEndInAColon(String written, List<String> addresses) {
        LoadResult loaded = load(written);

        assertThat(loaded.problems()).noneMatch(problem -> problem.isError());
        assertThat(loaded.configuration().serviceEntries().getFirst().addresses())
                .isEqualTo(addresses);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{2001:db8:: }]", "[a: ]", "[a: b]", "[\"2001:db8:\":]", "[{a:}]", "[? a]"})
    void mappingsStayMappings(String written) {
        assertThat(load(written).problems())
                .anyMatch(problem -> problem.isError() && problem.message().contains("a mapping"));
    }
}
