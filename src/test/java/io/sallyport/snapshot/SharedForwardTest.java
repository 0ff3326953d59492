package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.CompileOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.route.Forward;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Routes that do the same do it by the same object.
class SharedForwardTest {
    @TempDir
    Path directory;

    private FilterChain.Http http;

    @BeforeEach
    void compile() throws IOException {
        Files.writeString(
                directory.resolve("config.yaml"),
                Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", 9)
                        + Yaml.service("other.internal", 9)
                        + Yaml.forwardAll("a.example", "shop.internal")
                        + Yaml.forwardAll("b.example", "shop.internal")
                        + Yaml.forwardAll("c.example", "other.internal")
                        + timed("d.example", "3s")
                        + timed("e.example", "3s"));
        ConfigurationSource source = new ConfigurationSource(
                directory,
                LoadOptions.DEFAULT,
                new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED),
                CompileOptions.defaults(),
                Clock.systemUTC());
        ListenerSnapshot listener =
                source.read().plan().listeners().values().iterator().next();
        http = (FilterChain.Http) Objects.requireNonNull(listener.plain()).application();
    }

    private static String timed(String host, String timeout) {
        return Yaml.virtualService(
                host,
                "- {route: [{destination: {host: shop.internal, port: {number: 80}}}], timeout: %s}"
                        .formatted(timeout));
    }

    private Forward forward(String host) {
        return (Forward) Objects.requireNonNull(http.hosts().lookup(host))
                .routes()
                .ordered()
                .getFirst()
                .route()
                .action();
    }

    @Test
    void equalForwardsAreOne() {
        assertThat(forward("b.example")).isSameAs(forward("a.example"));
        assertThat(forward("c.example")).isNotEqualTo(forward("a.example"));
    }

    @Test
    void aTimeoutKeepsTheLineThatItIsFrom() {
        assertThat(forward("a.example").source().text()).isEmpty();
        assertThat(forward("d.example").source().text()).contains("config.yaml:");
        assertThat(forward("e.example").source().text())
                .isNotEqualTo(forward("d.example").source().text());
    }

    @Test
    void theNameOfAHostIsItsDomainWithThePort() {
        assertThat(Objects.requireNonNull(http.hosts().lookup("a.example")).name())
                .isEqualTo("a.example:80");
    }
}
