package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.outcome.RequestFacts;
import io.sallyport.telemetry.AccessLog;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawHttp2Client;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Telemetry's `accessLogging`, with MeshConfig's files.
class AccessLoggingTest {
    @TempDir
    private Path directory;

    private final RawUpstream service = RawUpstream.ok("ok");
    private final ByteArrayOutputStream usual = new ByteArrayOutputStream();
    private TestGateway gateway;

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
        service.close();
    }

    private void serve(String mesh, String... telemetries) {
        gateway = TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", service.port())
                + Yaml.forwardAll("shop.example", "shop.internal")
                + """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: istio, namespace: istio-system}
                data:
                  mesh: |
                    extensionProviders:
                    - name: text
                      envoyFileAccessLog:
                        path: %1$s/text.log
                        logFormat: {text: "%%REQ(x-id)%% %%RESPONSE_CODE%%"}
                    - name: json
                      envoyFileAccessLog:
                        path: %1$s/json.log
                        logFormat: {labels: {code: "%%RESPONSE_CODE%%", who: {id: "%%REQ(x-id)%%"}, version: 1, on: true}}
                    - name: otel
                      envoyOtelAls: {service: unknown.example, port: 4317}
                %2$s
                """.formatted(directory, mesh.indent(4).stripTrailing())
                + String.join("", telemetries));
        gateway.assumeSeen("the facts that are logged");
    }

    private static String telemetry(String namespace, String attachment, String accessLogging) {
        return Yaml.telemetry(namespace, attachment, "accessLogging", accessLogging);
    }

    private void ask(int version, String host, String id) throws IOException {
        if (version == 2) {
            try (RawHttp2Client client = new RawHttp2Client(gateway.port(80))) {
                client.get("http", host, "/a", "x-id", id);
            }
        } else {
            RawClient.exchange(
                    gateway.port(80),
                    "GET /a HTTP/1.1\r\nHost: " + host + "\r\nX-Id: " + id + "\r\nConnection: close\r\n\r\n");
        }
    }

    /// A request that is answered, and one for a host that nobody knows.
    private void askTwice(int version) throws IOException {
        ask(version, "shop.example", "one");
        ask(version, "other.example", "two");
    }

    private void log(int requests) {
        await().until(() -> gateway.facts().size() == requests);
        AccessLog log = AccessLog.start(AccessLog.Format.TEXT, 64, usual);
        for (RequestFacts each : gateway.facts()) {
            log.onRequestEnd(each);
        }
        log.close();
    }

    private String file(String name) throws IOException {
        Path file = directory.resolve(name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void everyProviderGetsItsLine(int version) throws Exception {
        serve("", telemetry("default", "", "- providers: [{name: text}, {name: json}]"));

        askTwice(version);
        log(2);

        assertThat(file("text.log")).isEqualTo("one 200\ntwo 404\n");
        assertThat(file("json.log")).isEqualTo("""
                {"code":200,"who":{"id":"one"},"version":1,"on":true}
                {"code":404,"who":{"id":"two"},"version":1,"on":true}
                """);
        assertThat(usual.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aFilterSaysWhichRequestsAreLogged(int version) throws Exception {
        serve("", telemetry("default", "", """
                - providers: [{name: text}]
                  filter: {expression: "response.code >= 400 && request.headers['x-id'] == 'two'"}
                - providers: [{name: json}]
                  filter: {expression: "!('x-id' in request.headers) || request.host.startsWith('shop')"}
                """));

        askTwice(version);
        log(2);

        assertThat(file("text.log")).isEqualTo("two 404\n");
        assertThat(file("json.log")).contains("\"one\"").doesNotContain("\"two\"");
    }

    @Test
    void theNarrowestCounts() throws Exception {
        serve(
                "defaultProviders: {accessLogging: [text]}",
                telemetry("istio-system", "", "- providers: [{name: json}]"),
                telemetry("default", "", "- filter: {expression: response.code == 404}"));

        askTwice(1);
        log(2);

        assertThat(file("text.log")).isEmpty();
        assertThat(file("json.log")).contains("two").doesNotContain("one");
    }

    @Test
    void providersOfTheMeshGetLinesWithoutATelemetry() throws Exception {
        serve("defaultProviders: {accessLogging: [text]}");

        askTwice(1);
        log(2);

        assertThat(file("text.log")).isEqualTo("one 200\ntwo 404\n");
        assertThat(usual.toString()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"- disabled: true", "- {providers: [{name: envoy}], disabled: true}"})
    void theLogCanBeTurnedOff(String accessLogging) throws Exception {
        serve("", telemetry("default", "", accessLogging));

        askTwice(1);
        log(2);

        assertThat(usual.toString()).isEmpty();
    }

    @Test
    void theUsualLogCanBeFiltered() throws Exception {
        serve("", telemetry("default", "", "- filter: {expression: response.code == 404}"));
        askTwice(1);
        await().until(() -> gateway.facts().size() == 2);
        assertThat(gateway.facts()).allSatisfy(facts -> {
            assertThat(facts.log).isNotNull();
            assertThat(facts.log.plan.files()).hasSize(1);
            assertThat(facts.log.plan.files().getFirst().sink().file()).isEqualTo("/dev/stdout");
            assertThat(facts.log.plan.files().getFirst().sink().filter()).isNotNull();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aGatewayMayHaveALogOfItsOwn(int version) throws Exception {
        serve(
                "accessLogFile: " + directory + "/mesh.log\naccessLogFormat: 'mesh %REQ(x-id)%'",
                """
                ---
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: second}
                spec:
                  servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [second.example]}]
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: second}
                spec:
                  hosts: [second.example]
                  gateways: [second]
                  http: [{route: [{destination: {host: shop.internal}}]}]
                """,
                telemetry(
                        "default",
                        "targetRefs: [{group: networking.istio.io, kind: Gateway, name: second}]",
                        "- providers: [{name: text}]"));
        ask(version, "shop.example", "one");
        ask(version, "second.example", "two");
        log(2);

        assertThat(file("mesh.log")).isEqualTo("mesh one\n");
        assertThat(file("text.log")).isEqualTo("two 200\n");
    }

    @Test
    void whatIsForServersOrForNobodyChangesNothing() throws Exception {
        serve(
                "",
                telemetry("default", "", "- {match: {mode: SERVER}, disabled: true}"),
                telemetry("other", "", "- {disabled: true}"));

        askTwice(1);
        log(2);

        assertThat(usual.toString().lines()).hasSize(2);
    }

    /// Nothing is lost where a provider's service is not known.
    @Test
    void theLogIsWrittenAsUsualWhereNoProviderCanGetIt() throws Exception {
        serve("", telemetry("default", "", "- providers: [{name: otel}]"));

        askTwice(1);
        log(2);

        assertThat(usual.toString().lines()).hasSize(2);
    }
}
