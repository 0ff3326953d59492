package io.sallyport.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.Discovery;
import io.sallyport.config.LoadResult;
import io.sallyport.config.index.ConfigurationIndex;
import io.sallyport.config.index.InstanceScope;
import io.sallyport.config.testing.ConfigurationText;
import io.sallyport.testing.Yaml;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointCompilerTest {
    private static final String NAME = "outbound|80|SUBSET|api.example.net";

    private static ClusterSpec cluster(String yaml, String subset) {
        LoadResult loaded = ConfigurationText.load(yaml);
        assertThat(loaded.problems()).isEmpty();
        SnapshotPlan plan = new SnapshotCompiler(CompileOptions.defaults(), Clock.systemUTC())
                .compile(new ConfigurationIndex(loaded.configuration(), InstanceScope.defaults()));
        assertThat(plan.problems()).isEmpty();
        return plan.clusters().get(NAME.replace("SUBSET", subset));
    }

    private static String routes(String subset) {
        return Yaml.httpGateway("*")
                + Yaml.virtualService(
                        "a.test",
                        "- route: [{destination: {host: api.example.net, subset: \"%s\", port: {number: 80}}}]"
                                .formatted(subset))
                + """

                ---
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: rule}
                spec:
                  host: api.example.net
                  subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}, {name: all}]
                ---
                """;
    }

    private static String entry(String name, String resolution, String endpoints) {
        return """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata: {name: %s}
                spec:
                  hosts: [api.example.net]
                  location: MESH_EXTERNAL
                  resolution: %s
                  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}]
                  endpoints: [%s]
                ---
                """.formatted(name, resolution, endpoints);
    }

    /// Istio pilot: the endpoints of a subset are those that have its labels; what only DNS knows has none. A cluster
    /// whose addresses the request says has no list of them.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "STATIC          | {address: 10.0.0.1, labels: {version: v1}} | v1  | STATIC      | 10.0.0.1",
                "STATIC          | {address: 10.0.0.1, labels: {version: v1}} | v2  | STATIC      | ''",
                "DNS             | {address: one.example, labels: {version: v1}} | v1  | STRICT_DNS  | one.example",
                "DNS             | {address: one.example, labels: {version: v1}} | v2  | STATIC      | ''",
                "DNS             | ''                                         | v1  | STATIC      | ''",
                "DNS             | ''                                         | all | STRICT_DNS  | api.example.net",
                "DNS_ROUND_ROBIN | {address: one.example, labels: {version: v1}} | v1  | LOGICAL_DNS | one.example",
                "DNS_ROUND_ROBIN | {address: one.example, labels: {version: v1}} | v2  | STATIC      | ''",
                "DNS_ROUND_ROBIN | ''                                         | v1  | STATIC      | ''",
                "DNS_ROUND_ROBIN | ''                                         | all | LOGICAL_DNS | api.example.net",
                "NONE            | ''                                         | v1  | STRICT_DNS  | api.example.net"
            })
    void theEndpointsOfASubset(
            String resolution, String endpoints, String subset, Discovery discovery, String addresses) {
        ClusterSpec cluster = cluster(routes(subset) + entry("api", resolution, endpoints), subset);

        assertThat(cluster.discovery()).isEqualTo(discovery);
        assertThat(cluster.endpoints())
                .extracting(each -> each.address())
                .containsExactly(addresses.isEmpty() ? new String[0] : addresses.split(" "));
    }

    /// Entries of one host and namespace are one service; each says its own ports.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "STATIC | {address: 10.0.0.1} | {address: 10.0.0.2, ports: {http: 81}}   | 10.0.0.1:8080 10.0.0.2:81",
                "STATIC | {address: 10.0.0.1} | {address: 10.0.0.1}                      | 10.0.0.1:8080",
                "DNS    | ''                  | {address: two.example}                   | api.example.net:8080 two.example:8080",
                "DNS    | ''                  | ''                                       | api.example.net:8080"
            })
    void theEndpointsOfSeveralEntriesAddUp(String resolution, String one, String other, String endpoints) {
        ClusterSpec cluster =
                cluster(routes("") + entry("first", resolution, one) + entry("second", resolution, other), "");

        assertThat(cluster.endpoints())
                .extracting(each -> each.address() + ":" + each.port())
                .containsExactly(endpoints.split(" "));
    }

    /// An address is needed of a service that lists them, and no socket of one that DNS knows.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "STATIC | {address: 10.0.0.1}   | DNS    | {address: two.example}      | 10.0.0.1:8080",
                "STATIC | {address: 10.0.0.1}   | DNS    | {address: 10.0.0.2}         | 10.0.0.1:8080 10.0.0.2:8080",
                "DNS    | {address: one.example} | STATIC | {address: 'unix:///run/a'}  | one.example:8080",
                "DNS    | {address: one.example} | STATIC | {address: 10.0.0.2}         | one.example:8080 10.0.0.2:8080"
            })
    void entriesOfSeveralResolutionsAddWhatTheFirstOneCanHave(
            String resolution, String one, String another, String other, String endpoints) {
        ClusterSpec cluster =
                cluster(routes("") + entry("first", resolution, one) + entry("second", another, other), "");

        assertThat(addresses(cluster)).containsExactly(endpoints.split(" "));
    }

    /// Istio finds endpoints by the port's name.
    @Test
    void anEntryThatCallsThePortOtherwiseAddsNothing() {
        String second = entry("second", "STATIC", "{address: 10.0.0.2}").replace("name: http", "name: web");
        ClusterSpec cluster = cluster(routes("") + entry("first", "STATIC", "{address: 10.0.0.1}") + second, "");

        assertThat(addresses(cluster)).containsExactly("10.0.0.1:8080");
    }

    private static List<String> addresses(ClusterSpec cluster) {
        return cluster.endpoints().stream()
                .map(each -> each.address() + ":" + each.port())
                .toList();
    }
}
