package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Commands;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.Yaml;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `sallyport status`, `routes`, `clusters`, `certs` and `top`: at a real gateway, and at what answers as none does.
class InstanceCommandsTest {
    private static final String STATUS =
            "{\"state\": \"serving\", \"generation\": 7, \"loadedAt\": \"2026-01-01T00:00:00Z\", \"contentHash\": \"ab\"}";

    /// Escape sequences, a bell, a line of its own, a reversed order of letters, half a pair, an invisible joiner.
    private static final String HOSTILE =
            "a\u001b[2J\u001b]0;owned\u0007\r\nforged  row\u202e\ud800\u200d\u009b31m" + "b".repeat(10_000);

    private static Vertx vertx;

    @TempDir
    Path directory;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close();
    }

    @Test
    void aRunningGatewaySaysWhatItServesAndWhatItRefused() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello")) {
            int port = BuiltProgram.freePort();
            Path file = directory.resolve("edge.yaml");
            String configuration = Yaml.httpGateway("*")
                    + Yaml.service("shop.internal", upstream.port())
                    + Yaml.forwardAll("shop.example", "shop.internal")
                    + Yaml.forwardAll("*.cdn.example", "shop.internal")
                    + Yaml.virtualService("about.example", "- directResponse: {status: 204}");
            Files.writeString(file, configuration);
            Map<String, String> settings =
                    Map.of("sallyport.port-map.80", Integer.toString(port), "sallyport.config.on-error", "refuse");
            try (var gateway = new AdministeredGateway(vertx, directory, settings)) {
                String request = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
                assertThat(RawClient.exchange(port, request)).startsWith("HTTP/1.1 200 ");

                assertThat(run(gateway.url(), "status"))
                        .startsWith("0|state       serving\n")
                        .contains("\ngeneration  1, since 20", "\nrefused     nothing\n")
                        .containsPattern("\n0\\.0\\.0\\.0:" + port + " +80 +yes +\\d+ +[1-9]\\d* +0 +1\n");
                assertThat(run(gateway.url(), "routes"))
                        .startsWith("0|LISTENER ")
                        .containsPattern(
                                ":" + port + " +shop\\.example:80 +every request +outbound\\|80\\|\\|shop.internal"
                                        + " +default/vs-shop-example #0\n")
                        .containsPattern(" about\\.example:80 +all requests +1 route +default/edge/\\S+:80\n");
                assertThat(run(gateway.url(), "routes", "SHOP.example"))
                        .contains(" shop.example:80 ")
                        .doesNotContain(" about.example:80 ", "cdn");
                assertThat(run(gateway.url(), "routes", "a.cdn.example"))
                        .contains(" *.cdn.example:80 ")
                        .doesNotContain(" shop.example:80 ");
                assertThat(run(gateway.url(), "clusters"))
                        .containsPattern("\noutbound\\|80\\|\\|shop\\.internal +1/1 +0 +closed +0 +1 +0 +0\n")
                        .doesNotContain("ENDPOINT  ");
                assertThat(run(gateway.url(), "clusters", "SHOP"))
                        .containsPattern(
                                "\n127\\.0\\.0\\.1:" + upstream.port() + " +available +0 +1 +0 +outbound\\|80");
                assertThat(run(gateway.url(), "clusters", "nothing")).doesNotContain("127.0.0.1:");

                JsonObject status = new JsonObject(json(gateway.url(), "status"));
                assertThat(status.getLong("generation")).isEqualTo(1);
                assertThat(status.getJsonArray("listeners")).isNotEmpty();
                assertThat(new JsonArray(json(gateway.url(), "routes", "shop.example")))
                        .as("the host and its route")
                        .hasSize(2);
                assertThat(new JsonArray(json(gateway.url(), "clusters", "shop")))
                        .hasSize(1);
                assertThat(new JsonObject(json(gateway.url(), "top", "--once", "--interval", "1s"))
                                .getJsonArray("clusters"))
                        .isNotEmpty();

                Files.writeString(file, configuration.replace("204", "9999"));
                await().until(() -> !run(gateway.url(), "status").contains("refused     nothing"));
                assertThat(run(gateway.url(), "status"))
                        .contains("\ngeneration  1, since ", "\nrefused     the last change")
                        .containsPattern("\n  \\S*edge\\.yaml:\\d+:\\d+: error SAL\\d+ spec\\.http\\[0]\\.");
            }
        }
    }

    @Test
    void aRunningGatewaySaysWhatItHoldsLeavesOutAndCannotBind() throws Exception {
        try (RawUpstream upstream = RawUpstream.ok("hello");
                var taken = new ServerSocket(0)) {
            int port = BuiltProgram.freePort();
            Path services = directory.resolve("services.yaml");
            String service = Yaml.service("shop.internal", upstream.port());
            Files.writeString(services, service);
            Files.writeString(
                    directory.resolve("edge.yaml"),
                    Yaml.httpGateway("*")
                            + Yaml.forwardAll("shop.example", "shop.internal")
                            + Yaml.gateway("port: {number: 81, name: http, protocol: HTTP}, hosts: [\"*\"]")
                                    .replace("name: edge", "name: second")
                            + Yaml.virtualService("bad.example", "- directResponse: {status: 9999}"));
            Map<String, String> settings = Map.of(
                    "sallyport.port-map.80",
                    Integer.toString(port),
                    "sallyport.port-map.81",
                    Integer.toString(taken.getLocalPort()));
            try (var gateway = new AdministeredGateway(vertx, directory, settings)) {
                Files.writeString(services, service.replace("spec:", "spek: {}\nspec:"));
                await().until(() -> run(gateway.url(), "status").contains(", 1 held, "));

                assertThat(run(gateway.url(), "status"))
                        .contains("\nresources   3 served, 1 held, 1 left out\n")
                        .containsPattern("\nheld {8}ServiceEntry default/shop-internal \\(\\S*/services\\.yaml:1\\),"
                                + " as of generation 1, since 20\\S+\n"
                                + "  \\S*/services\\.yaml:4:1: error SAL1101 spek: .*\n"
                                + "  depends on it: VirtualService default/vs-shop-example\n")
                        .containsPattern(
                                "\nleft out {4}VirtualService default/vs-bad-example \\(\\S*/edge\\.yaml:\\d+\\),"
                                        + " since 20\\S+\n  \\S*/edge\\.yaml:\\d+:\\d+: error SAL")
                        .containsPattern("\nnot bound {3}0\\.0\\.0\\.0:" + taken.getLocalPort() + ", since 20\\S+\n"
                                + "  cannot listen on ")
                        .containsPattern("\n0\\.0\\.0\\.0:" + taken.getLocalPort() + " +81 +no +0 +0 +0 +1\n");
                JsonObject config = new JsonObject(json(gateway.url(), "status")).getJsonObject("config");
                assertThat(config.getJsonArray("resources")).hasSize(2);
                assertThat(config.getJsonArray("unboundListeners")).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "routes", "clusters", "certs", "top --once --interval 1s"})
    void noGatewayIsSaidSoWithTheRemedy(String command) {
        String address = "127.0.0.1:" + BuiltProgram.freePort();

        assertThat(run(address, command.split(" ")))
                .startsWith("1|no gateway answers at http://" + address + "/")
                .contains("--admin HOST:PORT, SALLYPORT_ADMIN_PORT")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            status --admin 127.0.0.1          | --admin takes an address such as 127.0.0.1:15000, not '127.0.0.1'
            status --admin 127.0.0.1:0        | a gateway that takes any free port (0) says at its start which one
            status --admin 127.0.0.1:70000    | --admin takes an address
            status --admin https://a:1        | --admin takes an address
            status --admin http://u:p@a:1     | --admin takes an address
            status --admin http://a:1/x       | --admin takes an address
            status --admin a:1?x              | --admin takes an address
            status --admin a:1#x              | --admin takes an address
            status --admin a\u001b:1          | --admin takes an address
            status -o yaml                    | expected one of
            routes a b                        | Unmatched argument
            top --interval 0s                 | --interval takes a time from 1s to 1h, not '0s'
            top --interval 2h                 | --interval takes a time from 1s to 1h, not '2h'
            top --rows -1                     | --rows takes 0 or more
            routes --rates 0s                 | --rates takes a time from 1s to 1h, not '0s'
            routes --rates 2h                 | --rates takes a time from 1s to 1h, not '2h'
            """)
    void aWrongCommandLineIsAnsweredWithTheRemedy(String line, String reason) {
        assertThat(Commands.all(line.split(" "))).startsWith("2|").contains(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "200|",
                "200|<html>",
                "200|{\"state\": ",
                "200|{}",
                "200|[]",
                "200|[1]",
                "200|[{}]",
                "200|[{\"name\": 1, \"host\": 1, \"endpoints\": 1}]",
                "200|{\"state\": \"serving\", \"generation\": \"x\"}",
                "403|the Host header must name localhost",
                "404|not found",
                "500|{\"error\": \"\\u001b[31m\"}\u001b[31m",
            })
    void whatIsNoGatewayIsSaidSo(String answer) {
        int bar = answer.indexOf('|');
        try (RawUpstream other =
                answering(Integer.parseInt(answer.substring(0, bar)), _ -> answer.substring(bar + 1))) {
            for (String command : List.of("status", "routes", "clusters", "certs", "top --once --interval 1s")) {
                String said = run("127.0.0.1:" + other.port(), command.split(" "));
                if (!answer.equals("200|[]") || command.startsWith("status") || command.startsWith("top")) {
                    assertThat(said)
                            .as(command)
                            .startsWith("1|http://127.0.0.1:")
                            .contains("answer")
                            .doesNotContain("\u001b", "\tat ")
                            .hasLineCount(1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"})
    void anAnswerThatDoesNotEndIsNotAwaitedForEver(String beginning) {
        try (RawUpstream silent = RawUpstream.start(connection -> {
                    connection.write(beginning);
                    connection.readHead();
                    connection.read();
                });
                var client = new AdminClient("127.0.0.1:" + silent.port(), Duration.ofMillis(300))) {
            assertThatThrownBy(() -> client.object("/status"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("/status does not answer within");
        }
    }

    @Test
    void hostileNamesNeitherReachTheTerminalNorForgeRows() {
        String name = new JsonObject().put("x", HOSTILE).encode();
        String text = name.substring(5, name.length() - 1);
        try (RawUpstream fake = answering(200, path -> switch (path) {
            case "/status" -> STATUS.replace("\"serving\"", text);
            case "/config?faults=true" ->
                "{\"resources\": [{\"kind\": %1$s, \"namespace\": %1$s, \"name\": %1$s, \"file\": %1$s, \"line\": 1, \"state\": %1$s,"
                                .formatted(text)
                        + " \"since\": %1$s, \"because\": %1$s, \"dependents\": [%1$s]}], \"unboundListeners\": [{\"bind\": %1$s, \"since\": %1$s, \"because\": %1$s}]}"
                                .formatted(text);
            case "/routes" ->
                "[{\"listener\": %1$s, \"host\": %1$s, \"match\": %1$s, \"action\": %1$s, \"route\": %1$s}]"
                        .formatted(text);
            case "/certs" ->
                "[{\"daysLeft\": 1, \"state\": %1$s, \"kind\": \"ca\", \"source\": %1$s, \"subject\": %1$s, \"names\": [%1$s]}]"
                        .formatted(text);
            case "/clusters" -> "[" + cluster(text, 1, 1) + "," + cluster("\"short\"", 1, 1) + "]";
            default -> "[{\"bind\": %s, \"port\": 1}]".formatted(text);
        })) {
            String address = "127.0.0.1:" + fake.port();
            for (String command : List.of("status", "routes", "clusters a", "certs", "top --once --interval 1s")) {
                String said = run(address, command.split(" "));
                assertThat(said).startsWith("0|").contains("a\\u{1b}[2J", "\\u{d}\\u{a}forged");
                assertThat(said.codePoints().filter(c -> c != '\n' && c != '\r'))
                        .as(command)
                        .noneMatch(c -> Character.isISOControl(c) || c == 0x202e || c == 0x200d || c == 0xd800);
            }
            assertThat(run(address, "clusters").lines().filter(line -> line.startsWith("short")))
                    .as("a long name does not push the other rows out of sight")
                    .singleElement()
                    .matches(row -> row.length() < 200);
        }
    }

    @Test
    void routesAreShownWithWhatTheirRequestsWereLike() {
        String row =
                "{\"listener\": \"l\", \"host\": \"%s\", \"match\": \"m\", \"action\": \"a\", \"route\": \"r\", \"traffic\": %s}";
        String traffic = "{\"perSecond\": 12.25, \"failureShare\": 0.1, \"p50Millis\": 3.21, \"p99Millis\": %s}";
        var asked = new AtomicInteger();
        try (RawUpstream fake = answering(200, _ -> {
            String known = asked.getAndIncrement() == 0 ? "null" : traffic.formatted("null");
            return "[" + row.formatted("a.example", known) + "," + row.formatted("b.example", "null") + "]";
        })) {
            String address = "127.0.0.1:" + fake.port();
            assertThat(run(address, "routes", "--rates", "1s").lines())
                    .hasSize(3)
                    .first(InstanceOfAssertFactories.STRING)
                    .endsWith("REQUESTS/S  FAILED  P50     P99");
            assertThat(run(address, "routes", "--rates", "1s"))
                    .containsPattern("l +a\\.example +m +a +r +12\\.3 +10 % +3\\.2 ms +-\n")
                    .containsPattern("l +b\\.example +m +a +r +- +- +- +-\n");
            assertThat(run(address, "routes")).doesNotContain("REQUESTS/S", "12.3");
        }
    }

    @Test
    void certificatesAreShownInTheOrderInWhichTheyEnd() {
        String first =
                "{\"kind\": \"certificate\", \"source\": \"default/shop\", \"subject\": \"CN=shop\", \"names\": [\"shop.example\", \"b.example\"], \"daysLeft\": 3, \"state\": \"ends soon\", \"servers\": [\"edge\"]}";
        String second =
                "{\"kind\": \"authority\", \"source\": \"ca\", \"subject\": \"CN=ca\", \"names\": [], \"daysLeft\": 300, \"state\": \"valid\", \"servers\": []}";
        try (RawUpstream fake = answering(200, _ -> "[" + first + "," + second + "]")) {
            assertThat(run("127.0.0.1:" + fake.port(), "certs").lines())
                    .hasSize(3)
                    .element(1, InstanceOfAssertFactories.STRING)
                    .matches("3 +ends soon +certificate +default/shop +CN=shop +shop\\.example, b\\.example +edge");
            assertThat(new JsonArray(json("127.0.0.1:" + fake.port(), "certs"))).hasSize(2);
        }
    }

    @Test
    void theBusiestAndTheFailingClustersComeFirst() {
        var asked = new AtomicInteger();
        try (RawUpstream fake = answering(200, path -> switch (path) {
            case "/status" -> STATUS;
            default -> {
                int n = asked.getAndIncrement();
                yield "[" + cluster("\"idle\"", 5, 0) + "," + cluster("\"busy\"", 100 * n, 10 * n) + ","
                        + cluster("\"restarted\"", n == 0 ? 1_000 : 1, 0) + "," + cluster("\"less\"", n, 0) + "]";
            }
        })) {
            List<String> lines = run("127.0.0.1:" + fake.port(), "top", "--once", "--interval", "1s", "--rows", "3")
                    .lines()
                    .toList();

            assertThat(lines.get(0)).isEqualTo("0|serving, generation 7, 3 of 4 clusters");
            assertThat(lines.get(2)).matches("[1-9]\\d*\\.\\d +[1-9]\\d*\\.\\d +0\\.0 +0 +1/1 +closed +busy");
            assertThat(lines.get(3)).endsWith(" less");
            assertThat(lines.get(4)).matches("0\\.0 +0\\.0 +0\\.0 +0 +1/1 +closed +idle");
            assertThat(lines).hasSize(5);
        }
    }

    @Test
    void withoutATerminalOneTableFollowsTheOtherUntilTheGatewayHasGone() {
        var asked = new AtomicInteger();
        try (RawUpstream fake = answering(200, path -> switch (path) {
            case "/status" -> asked.incrementAndGet() > 3 ? "gone" : STATUS;
            default -> "[" + cluster("\"one\"", asked.get(), 0) + "]";
        })) {
            String said = run("127.0.0.1:" + fake.port(), "top", "--interval", "1s");

            assertThat(said).startsWith("1|serving, generation 7").doesNotContain("\u001b");
            assertThat(said.lines().filter(line -> line.startsWith("REQUESTS/S")))
                    .hasSize(2);
        }
    }

    private static String cluster(String name, int requests, int errors) {
        return "{\"name\": %s, \"requestsTotal\": %d, \"circuit\": {\"state\": \"closed\"}, \"endpoints\": [{\"address\": %s, \"port\": 1, \"available\": true, \"errorsTotal\": %d}]}"
                .formatted(name, requests, name, errors);
    }

    private static RawUpstream answering(int status, Function<String, String> body) {
        return RawUpstream.start(connection -> {
            for (String request = connection.readRequest(); request != null; request = connection.readRequest()) {
                String text = body.apply(request.split(" ")[1]);
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                connection.write("HTTP/1.1 " + status + " x\r\ncontent-length: " + bytes.length + "\r\n\r\n");
                connection.write(bytes);
            }
        });
    }

    private static String json(String admin, String... command) {
        String said = run(
                admin,
                Stream.concat(Arrays.stream(command), Stream.of("-o", "json")).toArray(String[]::new));
        assertThat(said).startsWith("0|");
        return said.substring(2);
    }

    /// Exit code, a bar, and what was printed.
    private static String run(String admin, String... command) {
        return Commands.all(Stream.concat(Arrays.stream(command), Stream.of("--admin", admin))
                .toArray(String[]::new));
    }
}
