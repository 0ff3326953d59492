package io.sallyport.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestTokens;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every metric and every label that the dashboard asks for is one that a gateway with some traffic exports.
@Timeout(180)
class DashboardTest {
    private static final Path DASHBOARD = Manifests.COMPONENTS.resolve("grafana-dashboard/sallyport.json");

    /// By Prometheus, of whatever it scrapes in Kubernetes.
    private static final Set<String> ADDED = Set.of("namespace", "pod");

    private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][\\w:]*)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!=|!~|=)");
    private static final Pattern GROUPING = Pattern.compile("by \\(([^)]*)\\)");
    private static final Pattern LEGEND = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern SAMPLE = Pattern.compile("^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

    private static final String CONFIGURATION = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 80, name: http, protocol: HTTP}
                hosts: ["*"]
              - port: {number: 443, name: https, protocol: HTTPS}
                hosts: ["a.example"]
                tls: {mode: SIMPLE, credentialName: edge}
              - port: {number: 9000, name: tcp, protocol: TCP}
                hosts: ["*"]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: all}
            spec:
              hosts: ["a.example"]
              gateways: [edge]
              http:
              - mirror: {host: up.internal}
                route: [{destination: {host: up.internal}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: bytes}
            spec:
              hosts: ["*"]
              gateways: [edge]
              tcp:
              - match: [{port: 9000}]
                route: [{destination: {host: up.internal}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: up}
            spec:
              hosts: [up.internal]
              location: MESH_INTERNAL
              resolution: STATIC
              ports: [{number: 80, name: http, protocol: HTTP}]
              endpoints: [{address: 127.0.0.1, ports: {http: %d}}]
            ---
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: tokens}
            spec:
              jwtRules:
              - issuer: https://issuer.example
                jwksUri: http://up.internal/jwks
            """;

    @TempDir
    Path directory;

    @Test
    void everyPanelAsksForWhatIsExported() throws Exception {
        Map<String, Set<String>> exported = exported();
        var queries = new ArrayList<JsonNode>();
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        dashboard.get("panels").forEach(panel -> panel.path("targets").forEach(queries::add));
        assertThat(queries).hasSizeGreaterThan(30);
        for (JsonNode query : queries) {
            String expression = query.get("expr").asText();
            Set<String> asked =
                    new HashSet<>(find(LEGEND, query.get("legendFormat").asText()));
            find(GROUPING, expression).forEach(list -> asked.addAll(List.of(list.split(",\\s*"))));
            List<MatchResult> selectors = SELECTOR.matcher(expression).results().toList();
            assertThat(selectors).as(expression).isNotEmpty();
            for (MatchResult selector : selectors) {
                assertThat(exported).as(expression).containsKey(selector.group(1));
                Set<String> labels = new HashSet<>(exported.get(selector.group(1)));
                labels.addAll(ADDED);
                assertThat(labels).as(expression).containsAll(asked).containsAll(find(MATCHER, selector.group(2)));
            }
        }
        assertThat(dashboard.at("/templating/list").findValuesAsText("definition"))
                .isNotEmpty()
                .allSatisfy(definition -> assertThat(exported.keySet()).anyMatch(definition::contains));
    }

    /// A misspelt name must not pass for a function of PromQL.
    @Test
    void everyMetricIsNamedWithItsInstances() throws IOException {
        for (JsonNode panel : new ObjectMapper().readTree(DASHBOARD.toFile()).get("panels")) {
            for (JsonNode query : panel.path("targets")) {
                assertThat(find(
                                Pattern.compile("(\\b(?:istio|sallyport|process|jvm)_\\w+)(?!\\w|\\{)"),
                                query.get("expr").asText()))
                        .isEmpty();
            }
        }
    }

    private static List<String> find(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(result -> result.group(1)).toList();
    }

    /// Labels by metric, of a gateway that has met each kind of event.
    private Map<String, Set<String>> exported() throws Exception {
        int[] ports = freePorts(4);
        try (RawUpstream upstream = RawUpstream.ok(TestTokens.jwks(TestTokens.jwk("ES256", "k")))) {
            Path config = Files.createDirectories(directory.resolve("config"));
            Files.writeString(config.resolve("all.yaml"), CONFIGURATION.formatted(upstream.port()));
            TestCertificates.authority("test root")
                    .leaf("edge")
                    .dns("a.example")
                    .issue()
                    .writeSecret(Files.createDirectories(directory.resolve("secrets/edge")));
            try (MeteredGateway gateway = MeteredGateway.start(
                    Map.of(
                            "sallyport.config.dir", config.toString(),
                            "sallyport.secrets.dir",
                                    directory.resolve("secrets").toString(),
                            "sallyport.port-map.80", Integer.toString(ports[0]),
                            "sallyport.port-map.443", Integer.toString(ports[1]),
                            "sallyport.port-map.9000", Integer.toString(ports[2]),
                            "sallyport.mesh.enabled", "true",
                            "sallyport.mesh.port", Integer.toString(ports[3]),
                            "sallyport.admin.port", "0",
                            "sallyport.access-log.enabled", "true"),
                    directory.resolve("log"))) {
                RawClient.exchange(ports[0], get("/", "a.example"));
                RawClient.exchange(ports[0], get("/", "unknown.example"));
                RawClient.exchange(ports[1], "this is no ClientHello\r\n");
                try (RawClient tcp = new RawClient(ports[2])) {
                    tcp.send(get("/", "a.example"));
                }
                RawClient.exchange(ports[3], get("http://up.internal/", "up.internal"));
                RawClient.exchange(ports[3], get("http://denied.example/", "denied.example"));
                // Figures follow the responses.
                await().atMost(30, TimeUnit.SECONDS).until(() -> labels(gateway.scrape())
                        .keySet()
                        .containsAll(Set.of(
                                "istio_requests_total",
                                "istio_tcp_connections_closed_total",
                                "sallyport_egress_denied_total",
                                "sallyport_egress_requests_total",
                                "sallyport_mirrored_requests_total",
                                "sallyport_downstream_tls_failures_total",
                                "sallyport_jwks_age_seconds")));
                return labels(gateway.scrape());
            }
        }
    }

    private static int[] freePorts(int count) throws IOException {
        var held = new ArrayList<ServerSocket>();
        for (int i = 0; i < count; i++) {
            held.add(new ServerSocket(0));
        }
        int[] ports = held.stream().mapToInt(ServerSocket::getLocalPort).toArray();
        for (ServerSocket socket : held) {
            socket.close();
        }
        return ports;
    }

    private static String get(String target, String host) {
        return "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    }

    private static Map<String, Set<String>> labels(List<String> scrape) {
        var labels = new HashMap<String, Set<String>>();
        for (String line : scrape) {
            SAMPLE.matcher(line).results().forEach(sample -> labels.computeIfAbsent(
                            sample.group(1), _ -> new HashSet<>())
                    .addAll(sample.group(2) == null ? List.of() : find(LABEL, sample.group(2))));
        }
        return labels;
    }
}
