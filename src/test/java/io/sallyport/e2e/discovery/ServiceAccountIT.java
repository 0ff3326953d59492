package io.sallyport.e2e.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The built program in a cluster: an API server over TLS that believes nobody without the service account's token.
@Timeout(120)
class ServiceAccountIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String TOKEN = "a-service-account-token";
    private static final String ONLY_WITH_TOKEN =
            """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: api}
            spec:
              servers:
              - port: {number: 443, name: https, protocol: HTTPS}
                hosts: ["*"]
                tls: {mode: SIMPLE, credentialName: api}
            ---
            """ + Yaml.virtualService("*", """
            - match: [{headers: {authorization: {exact: Bearer %s}}}]
              route: [{destination: {host: apiserver.internal}}]
            - directResponse: {status: 401}
            """.formatted(TOKEN)).replace("gateways: [edge]", "gateways: [api]");

    @TempDir
    Path directory;

    private final TestCertificates authority = TestCertificates.authority("cluster-ca");
    private final Issued certificate =
            authority.leaf("apiserver").dns("localhost").ip("127.0.0.1").issue();
    private final MeshApi api = new MeshApi();
    private final RawUpstream blue = RawUpstream.ok("blue");
    private final RawUpstream green = RawUpstream.ok("green");
    private final Map<String, String> environment = new HashMap<>();
    private final int port = BuiltProgram.freePort();
    private TestGateway front;

    @BeforeEach
    void serviceAccount() throws IOException {
        front = TestGateway.builder()
                .secret("api", certificate)
                .start(ONLY_WITH_TOKEN + Yaml.service("apiserver.internal", api.port()));
        Path token = Files.writeString(directory.resolve("token"), TOKEN);
        Path secret = certificate.writeSecret(directory.resolve("cluster"));
        Path configuration = Files.createDirectory(directory.resolve("config"));
        Files.writeString(
                configuration.resolve("routes.yaml"),
                Yaml.httpGateway("*") + Yaml.forwardAll("shop.example", "payments"));
        environment.putAll(Map.of(
                "KUBERNETES_MASTER",
                "https://127.0.0.1:" + front.port(443),
                "KUBERNETES_CERTS_CA_FILE",
                secret.resolve("ca.crt").toString(),
                "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN",
                token.toString(),
                "KUBERNETES_AUTH_TRYKUBECONFIG",
                "false",
                "SALLYPORT_CONFIG_DIR",
                configuration.toString(),
                "SALLYPORT_PORT_MAP_80",
                Integer.toString(port),
                "SALLYPORT_EGRESS_ALLOWED_CIDRS",
                "127.0.0.0/8",
                "SALLYPORT_DRAIN_DELAY",
                "0s"));
    }

    @AfterEach
    void close() {
        front.close();
        api.close();
        blue.close();
        green.close();
    }

    private String get() throws IOException {
        return RawClient.exchange(port, "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    }

    @Test
    void endpointsAreFollowedOverTlsWithTheToken() throws Exception {
        environment.put("SALLYPORT_DISCOVERY_KUBERNETES", "true");
        api.put(MeshApi.service("payments", "http", "10.96.0.7"));
        api.put(MeshApi.slice("payments", "http", blue.port(), "payments-1", true));
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            program.awaitStart();
            assertThat(get()).endsWith("blue");
            assertThat(program.health("/healthz/ready")).startsWith("HTTP/1.1 200 ");

            api.put(MeshApi.slice("payments", "http", green.port(), "payments-2", true));
            api.delete(MeshApi.slice("payments", "http", blue.port(), "payments-1", true));

            await().atMost(SOON).untilAsserted(() -> assertThat(get()).endsWith("green"));
            assertThat(program.admin("/config_dump")).contains("\"connected\" : true");
            assertThat(program.health("/metrics")).contains("sallyport_discovery_synced 1.0");
        }
    }

    @Test
    void theConfigMapIsFollowedToo() throws Exception {
        environment.put("SALLYPORT_DISCOVERY_CONFIG_MAP", "default/edge");
        api.put(configMap("one"));
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            program.awaitStart();
            assertThat(get()).endsWith("one");

            api.put(configMap("two"));

            await().atMost(SOON).untilAsserted(() -> assertThat(get()).endsWith("two"));
        }
    }

    @Test
    void aTokenThatIsNotBelievedIsSaidSo() throws Exception {
        environment.put("SALLYPORT_DISCOVERY_CONFIG_MAP", "default/edge");
        environment.put("SALLYPORT_DISCOVERY_SYNC_TIMEOUT", "3s");
        environment.put(
                "KUBERNETES_AUTH_SERVICEACCOUNT_TOKEN",
                Files.writeString(directory.resolve("forged"), "forged").toString());
        try (BuiltProgram program = BuiltProgram.start(environment, "serve")) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.err).anyMatch(line -> line.contains("Unauthorized"));
        }
    }

    private static HasMetadata configMap(String body) {
        return MeshApi.configMap("edge", Map.of("routes.yaml", Yaml.answering(body)));
    }
}
