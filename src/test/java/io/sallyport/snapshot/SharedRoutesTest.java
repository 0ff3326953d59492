package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.compile.CompileOptions;
import io.sallyport.config.LoadOptions;
import io.sallyport.config.analysis.AnalysisOptions;
import io.sallyport.config.analysis.SecretLookup;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.reload.ConfigurationSource;
import io.sallyport.route.Forward;
import io.sallyport.route.MatchedRoute;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Routes that ask and do the same are few objects, however many hosts and ports have them.
class SharedRoutesTest {
    @TempDir
    Path directory;

    private final Map<Integer, FilterChain.Http> byPort = new HashMap<>();

    @BeforeEach
    void compile() throws IOException {
        Files.writeString(
                directory.resolve("config.yaml"),
                """
                        apiVersion: networking.istio.io/v1
                        kind: Gateway
                        metadata: {name: edge}
                        spec:
                          selector: {istio: ingressgateway}
                          servers:
                            - {port: {number: 80, name: one, protocol: HTTP}, hosts: ["*"]}
                            - {port: {number: 8081, name: other, protocol: HTTP}, hosts: ["*"]}
                        ---
                        """
                        + Yaml.service("shop.internal", 9)
                        + Yaml.service("other.internal", 9)
                        + Yaml.forwardAll("a.example", "shop.internal")
                        + Yaml.forwardAll("b.example", "shop.internal")
                        + Yaml.forwardAll("c.example", "other.internal")
                        + timed("d.example", "3s")
                        + timed("e.example", "3s")
                        + matched("f.example", "prefix: /api")
                        + matched("g.example", "prefix: /api")
                        + matched("h.example", "regex: '/[a-z]+'")
                        + matched("i.example", "regex: '/[a-z]+'")
                        + Yaml.virtualService("port.example", "- {match: [{port: 80}], redirect: {uri: /there}}")
                        + Yaml.virtualService("derived.example", "- redirect: {derivePort: FROM_REQUEST_PORT}"));
        ConfigurationSource source = new ConfigurationSource(
                directory,
                LoadOptions.DEFAULT,
                new AnalysisOptions(InstanceScope.defaults(), Map.of(), Map.of(), SecretLookup.UNCHECKED),
                CompileOptions.defaults(),
                Clock.systemUTC());
        for (ListenerSnapshot listener : source.read().plan().listeners().values()) {
            FilterChain.Http http =
                    (FilterChain.Http) Objects.requireNonNull(listener.plain()).application();
            byPort.put(listener.port(), http);
        }
    }

    private static String matched(String host, String uri) {
        return Yaml.virtualService(
                host,
                "- {match: [{uri: {%s}}], route: [{destination: {host: shop.internal, port: {number: 80}}}]}"
                        .formatted(uri));
    }

    private static String timed(String host, String timeout) {
        return Yaml.virtualService(
                host,
                "- {route: [{destination: {host: shop.internal, port: {number: 80}}}], timeout: %s}"
                        .formatted(timeout));
    }

    private HttpHost host(String name, int port) {
        return Objects.requireNonNull(
                Objects.requireNonNull(byPort.get(port)).hosts().lookup(name));
    }

    private MatchedRoute route(String host) {
        return host(host, 80).routes().ordered().getFirst();
    }

    private Forward forward(String host) {
        return (Forward) route(host).route().action();
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
    void equalMatchesAreOne() {
        assertThat(route("g.example").match()).isSameAs(route("f.example").match());
        assertThat(route("i.example").match()).isSameAs(route("h.example").match());
        assertThat(route("h.example").match()).isNotEqualTo(route("f.example").match());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.example", "d.example", "f.example", "h.example"})
    void thePortsOfAGatewayShareTheRoutes(String host) {
        assertThat(host(host, 8081).routes()).isSameAs(host(host, 80).routes());
        assertThat(host(host, 8081).server()).isNotEqualTo(host(host, 80).server());
    }

    @Test
    void whatDependsOnThePortIsNotShared() {
        assertThat(host("port.example", 80).routes().ordered()).hasSize(1);
        assertThat(host("port.example", 8081).routes().ordered()).isEmpty();
        assertThat(host("derived.example", 8081).routes().ordered().getFirst().route())
                .isNotEqualTo(route("derived.example").route());
    }

    @Test
    void theNameOfAHostIsItsDomainWithThePort() {
        assertThat(host("a.example", 8081).name()).isEqualTo("a.example:8081");
    }
}
