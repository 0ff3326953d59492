package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.telemetry.MetricFormat;
import io.sallyport.testing.Commands;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an operator sees of a gateway that mesh clients use: by its admin API, its metrics and `sallyport egress`.
class EgressOperationsTest {
    private static final String LISTED = """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: partner}
            spec:
              hosts: [api.partner.example, "*.cdn.example"]
              resolution: STATIC
              ports:
              - {number: 80, name: http, protocol: HTTP, targetPort: %d}
              endpoints: [{address: 127.0.0.1}]
            """;

    private static Vertx vertx;

    @TempDir
    Path directory;

    @TempDir
    Path other;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close();
    }

    @Test
    void listedAndDeniedRequestsAreSeenFromOutside() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello")) {
            list(api.port());
            try (var gateway = new AdministeredGateway(vertx, directory, Map.of())) {
                assertThat(gateway.ask("http://api.partner.example/", "api.partner.example"))
                        .startsWith("HTTP/1.1 200 ");
                assertThat(gateway.ask("http://a.cdn.example/", "a.cdn.example"))
                        .startsWith("HTTP/1.1 200 ");
                assertThat(gateway.ask("http://b.cdn.example/", "b.cdn.example"))
                        .startsWith("HTTP/1.1 200 ");
                assertThat(gateway.ask("http://api.partnr.example/", "api.partnr.example"))
                        .startsWith("HTTP/1.1 403 ")
                        .contains("the nearest name on it is api.partner.example", "kind: ServiceEntry");
                await().until(() -> gateway.report().getJsonArray("denied").size() == 1);

                JsonObject report = gateway.report();
                assertThat(report.getString("mode")).isEqualTo("registry-only");
                assertThat(entry(report, "*.cdn.example").getInteger("requests"))
                        .isEqualTo(2);
                JsonObject partner = entry(report, "api.partner.example");
                assertThat(partner.getString("resource")).isEqualTo("ServiceEntry default/partner");
                assertThat(partner.getString("lastUsed")).isNotEmpty();
                assertThat(partner.getInteger("requests")).isEqualTo(1);
                assertThat(report.getJsonArray("otherUses")).isEmpty();
                assertThat(report.getJsonArray("learned")).isEmpty();
                JsonObject denied = report.getJsonArray("denied").getJsonObject(0);
                assertThat(denied.getString("host")).isEqualTo("api.partnr.example");
                assertThat(denied.getString("reason")).isEqualTo("egress_host_not_listed");
                var scraped = new ByteArrayOutputStream();
                gateway.metrics.write(MetricFormat.TEXT, scraped);
                assertThat(scraped.toString(StandardCharsets.UTF_8).lines())
                        .contains(
                                "sallyport_egress_requests_total{permit=\"ServiceEntry default/partner\",protocol=\"HTTP\"} 3.0",
                                "sallyport_egress_denied_total{host=\"api.partnr.example\",port=\"80\",reason=\"egress_host_not_listed\"} 1.0");
            }
        }
    }

    @Test
    void aTunnelIsInUseWhileItIsOpen() throws Exception {
        try (RawUpstream database = RawUpstream.start(upstream -> upstream.read())) {
            Files.writeString(
                    directory.resolve("listed.yaml"),
                    LISTED.formatted(database.port())
                            .replace("\"*.cdn.example\"", "db.example")
                            .replace("number: 80, name: http, protocol: HTTP", "number: 5432, name: tcp, protocol: TCP")
                            .replace("api.partner.example, ", ""));
            try (var gateway = new AdministeredGateway(vertx, directory, Map.of())) {
                try (var client = new RawClient(gateway.mesh)) {
                    String target = "db.example:5432";
                    client.send("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
                    assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
                    JsonObject open = entry(gateway.report(), "db.example");
                    assertThat(open.getBoolean("open")).isTrue();
                    assertThat(open.getInteger("requests")).isZero();
                }
                await().until(() -> entry(gateway.report(), "db.example").getInteger("requests") == 1);
                assertThat(entry(gateway.report(), "db.example").containsKey("open"))
                        .isFalse();
            }
        }
    }

    /// Learn, paste, and the same request is allowed by the list.
    @Test
    void whatWasLearnedIsListedByPastingTheSuggestion() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello")) {
            list(1);
            String url = "http://127.0.0.1:" + api.port() + "/";
            String host = "127.0.0.1:" + api.port();
            String suggestion;
            try (var learning = new AdministeredGateway(
                    vertx,
                    directory,
                    Map.of("sallyport.egress.mode", "learn", "sallyport.egress.allowed-cidrs", "127.0.0.0/8"))) {
                assertThat(learning.ask(url, host)).startsWith("HTTP/1.1 200 ");
                await().until(() -> !learning.report().getJsonArray("learned").isEmpty());
                suggestion = run("egress", "--suggest", "--admin", learning.url());
            }
            assertThat(suggestion).startsWith("0|").contains("- \"127.0.0.1\"", "number: " + api.port());

            try (var strict = new AdministeredGateway(vertx, directory, Map.of())) {
                assertThat(strict.ask(url, host)).startsWith("HTTP/1.1 403 ");
            }
            Files.writeString(directory.resolve("learned.yaml"), suggestion.substring(2));
            assertThat(run("validate", directory.toString())).startsWith("0|");
            try (var strict = new AdministeredGateway(vertx, directory, Map.of())) {
                assertThat(strict.ask(url, host)).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void entriesThatNobodyUsesAreNamedOnceThatIsKnown() throws Exception {
        try (RawUpstream api = RawUpstream.ok("hello")) {
            list(api.port());
            Path file = other.resolve("usage.json");
            Map<String, String> settings = Map.of("sallyport.egress.usage-file", file.toString());
            try (var gateway = new AdministeredGateway(vertx, directory, settings)) {
                gateway.ask("http://api.partner.example/", "api.partner.example");
                await().until(() ->
                        entry(gateway.report(), "api.partner.example").getInteger("requests") == 1);
                assertThat(run("egress", "--unused", "30d", "--admin", gateway.url()))
                        .startsWith("0|HOST")
                        .doesNotContain("\n*.cdn.example")
                        .contains("1 entry has not been used since");
            }
            assertThat(file).content().contains("ServiceEntry default/partner");
            // As if it had been known for long.
            JsonObject known = new JsonObject(Files.readString(file)).put("since", "2020-01-01T00:00:00Z");
            Files.writeString(file, known.encode());

            try (var gateway = new AdministeredGateway(vertx, directory, settings)) {
                // The endpoint's own address is an entry, too, but no news where a name of it is used.
                assertThat(run("egress", "--unused", "30d", "--admin", gateway.url()))
                        .doesNotContain("\n127.0.0.1")
                        .containsPattern("\\*\\.cdn\\.example +80 +HTTP +not since 2020-01-01T00:00:00Z"
                                + " +ServiceEntry default/partner \\(\\S*listed\\.yaml:\\d+\\)")
                        .doesNotContain("\napi.partner.example", "have not been used since");
                assertThat(entry(gateway.report(), "api.partner.example").getInteger("requests"))
                        .isEqualTo(1);
            }
        }
    }

    private void list(int port) throws Exception {
        Files.writeString(directory.resolve("listed.yaml"), LISTED.formatted(port));
    }

    private static JsonObject entry(JsonObject report, String host) {
        JsonArray entries = report.getJsonArray("entries");
        for (int i = 0; i < entries.size(); i++) {
            if (entries.getJsonObject(i).getString("host").equals(host)) {
                return entries.getJsonObject(i);
            }
        }
        throw new AssertionError(host + " is not in " + report.encodePrettily());
    }

    /// Exit code, a bar, and what was printed.
    private static String run(String... arguments) {
        return Commands.all(arguments);
    }
}
