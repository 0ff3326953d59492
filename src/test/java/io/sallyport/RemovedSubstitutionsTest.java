package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Quarkus passes over a removed resource that does not exist. After a rename in Quarkus, its substitution would be
/// back in the native executable, and TLS would be the JDK's.
class RemovedSubstitutionsTest {
    private static final String REMOVED = "quarkus.class-loading.removed-resources.";

    @ParameterizedTest
    @MethodSource("removed")
    void itExistsUnderItsName(String resource) {
        assertThat(RemovedSubstitutionsTest.class.getClassLoader().getResource(resource))
                .as("%s, removed in application.properties", resource)
                .isNotNull();
    }

    static Stream<String> removed() throws IOException {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
            properties.load(reader);
        }
        List<String> removed = properties.stringPropertyNames().stream()
                .filter(key -> key.startsWith(REMOVED))
                .flatMap(key -> Stream.of(properties.getProperty(key).split(",")))
                .map(String::strip)
                .toList();
        assertThat(removed).isNotEmpty();
        return removed.stream();
    }
}
