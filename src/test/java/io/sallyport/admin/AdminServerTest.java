package io.sallyport.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.TestClock;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {
    private static Vertx vertx;

    private final Readiness readiness = new Readiness();
    private final Drains drain = new Drains();
    private final AtomicInteger drains = drain.begun;
    private final TestClock clock = new TestClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final LogLevels levels = new LogLevels(clock, (_, _) -> () -> {});
    private final View view = new View();
    private AdminServer server;

    @BeforeAll
    static void startVertx() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stopVertx() {
        vertx.close();
    }

    @BeforeEach
    void start() throws IOException {
        server = new AdminServer(vertx, 0, view, readiness, drain, levels);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /config_dump | "generation" : 7
        /config | "resources" : "config"
        /status | "state" : "starting"
        /debug/stalls | "stalls" : [ ]
        /clusters | "outbound|80||<b>"
        /requests | "outbound|80||<b>"
        /policies | "outbound|80||<b>"
        /egress/entries | "outbound|80||<b>"
        /egress/denied | "outbound|80||<b>"
        /certs | "outbound|80||<b>"
        /listeners | "0.0.0.0:8080"
        /explain?url=http://a/b | "url" : "http://a/b"
        """)
    void whatIsServedIsShownAsJson(String path, String part) throws IOException {
        String answer = send("GET " + path, "Host: localhost:" + server.port());

        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("Content-Type: application/json", part);
    }

    @ParameterizedTest
    @CsvSource({"/, text/html", "/page.css, text/css", "/page.js, text/javascript"})
    void thePageRunsNothingButItsOwnScript(String path, String type) throws IOException {
        assertThat(send("GET " + path, "Host: 127.0.0.1"))
                .startsWith("HTTP/1.1 200 ")
                .contains(
                        "Content-Type: " + type,
                        "default-src 'none'; script-src 'self'",
                        "frame-ancestors 'none'",
                        "nosniff")
                .doesNotContain("unsafe-inline", "<script>", " style=", " onclick=");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        limit=2                | 5 | /a/0,/a/1
        offset=3&limit=10      | 5 | /a/3,/a/4
        offset=9               | 5 | ''
        q=A/3                  | 1 | /a/3
        q=+a++4+               | 1 | /a/4
        q=nothing              | 0 | ''
        limit=0                | 5 | ''
        """)
    void rowsAreSearchedAndShownPageByPage(String query, int total, String rows) throws IOException {
        String answer = send("GET /routes?" + query, "Host: localhost");

        assertThat(answer).startsWith("HTTP/1.1 200 ").containsIgnoringCase("x-total-count: " + total);
        JsonArray shown =
                new JsonArray(answer.substring(answer.indexOf("\r\n\r\n")).strip());
        assertThat(shown.stream().map(row -> ((JsonObject) row).getString("match")))
                .isEqualTo(rows.isEmpty() ? List.of() : List.of(rows.split(",")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=-1", "limit=1001", "limit=x", "offset=-1", "offset=99999999999", "limit="})
    void pagesThatCannotBeAreRefused(String query) throws IOException {
        assertThat(send("GET /routes?" + query, "Host: localhost"))
                .startsWith("HTTP/1.1 400 ")
                .contains("must be a number from 0 to");
    }

    @Test
    void aQueryHasABound() throws IOException {
        assertThat(send("GET /clusters?q=" + "a".repeat(257), "Host: localhost"))
                .startsWith("HTTP/1.1 400 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: evil.example",
                "Host: localhost.evil.example",
                "Host: 127.0.0.1.evil.example",
                "Host: [::1].evil.example:80",
                "Host: localhost:30000.evil.example",
                "Host: 127.0.0.1:@evil.example",
                "Host: [::1]:80.evil.example",
                "Host: localhost:",
                "Host: localhost:0",
                "Host: localhost:65536",
                "Host: 192.0.2.1",
                "Host: ",
                "X-None: 1",
                "Host: localhost\r\nOrigin: http://evil.example",
                "Host: localhost\r\nOrigin: null",
                "Host: localhost\r\nOrigin: http://localhost:3000",
                "Host: localhost\r\nSec-Fetch-Site: cross-site",
                "Host: localhost\r\nSec-Fetch-Site: same-site",
            })
    void webPagesAreKeptOut(String headers) throws IOException {
        String answer = send("POST /drain", headers + "\r\nContent-Length: 0");

        assertThat(answer).matches("(?s)HTTP/1.1 40[03] .*");
        assertThat(drains).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: localhost",
                "Host: LOCALHOST:15000",
                "Host: 127.0.0.1:15000",
                "Host: [::1]:15000",
                "Host: localhost:15000\r\nOrigin: http://localhost:15000\r\nSec-Fetch-Site: same-origin",
            })
    void aDrainIsBegunByWhoeverIsOnThisMachine(String headers) throws IOException {
        assertThat(send("POST /drain", headers + "\r\nContent-Length: 0")).startsWith("HTTP/1.1 202 ");
        assertThat(drains).hasValue(1);
    }

    @ParameterizedTest
    @CsvSource({"GET /drain, 'POST, DELETE'", "POST /config_dump, 'GET, HEAD'", "DELETE /, 'GET, HEAD'"})
    void otherMethodsAreRefused(String start, String allowed) throws IOException {
        assertThat(send(start, "Host: localhost")).startsWith("HTTP/1.1 405 ").contains("Allow: " + allowed);
        assertThat(drains).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /drain?enable=%zz",
                "POST /logging?level=%zz",
                "GET /debug/jfr?seconds=%zz",
                "GET /debug/heap?live=%",
                "GET /routes?q=%4"
            })
    void aQueryThatCannotBeReadIsAnswered(String start) throws IOException {
        assertThat(send(start, "Host: localhost\r\nContent-Length: 0")).startsWith("HTTP/1.1 400 ");
        assertThat(drains).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELETE /drain", "POST /drain?enable=false", "DELETE /drain?enable=true"})
    void aDrainIsTakenBackUntilTheProcessStops(String start) throws IOException {
        readiness.serving();
        assertThat(send(start, "Host: localhost\r\nContent-Length: 0"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("{\"state\":\"serving\"}");
        assertThat(drain.undone).hasValue(1);
        assertThat(drains).hasValue(0);

        drain.stopping = true;
        assertThat(send(start, "Host: localhost\r\nContent-Length: 0"))
                .startsWith("HTTP/1.1 409 ")
                .contains("the process is stopping");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no", "", "FALSE", "0"})
    void aSwitchThatIsNotUnderstoodDoesNothing(String enable) throws IOException {
        assertThat(send("POST /drain?enable=" + enable, "Host: localhost\r\nContent-Length: 0"))
                .startsWith("HTTP/1.1 400 ")
                .contains("enable must be true or false");
        assertThat(drains).hasValue(0);
        assertThat(drain.undone).hasValue(0);
    }

    @Test
    void othersDoNotTakeADrainBack() throws IOException {
        assertThat(send("DELETE /drain", "Host: localhost\r\nOrigin: http://evil.example"))
                .startsWith("HTTP/1.1 403 ");
        assertThat(drain.undone).hasValue(0);
    }

    @Test
    void levelsOfTheLogAreChangedAndTakenBack() throws IOException {
        String debug = "POST /logging?level=debug&category=io.sallyport.test.http&for=10m";
        String entry = "\"category\" : \"io.sallyport.test.http\"";
        String noBody = "Host: localhost\r\nContent-Length: 0";
        assertThat(send(debug, noBody)).startsWith("HTTP/1.1 200 ").contains(entry, "\"2026-01-01T00:10:00Z\"");
        assertThat(send("GET /logging", "Host: localhost"))
                .startsWith("HTTP/1.1 200 ")
                .contains(entry);
        assertThat(System.getLogger("io.sallyport.test.http").isLoggable(System.Logger.Level.DEBUG))
                .isTrue();
        assertThat(send("DELETE /logging", "Host: localhost"))
                .startsWith("HTTP/1.1 200 ")
                .contains("\"changed\" : [ ]");
        assertThat(System.getLogger("io.sallyport.test.http").isLoggable(System.Logger.Level.DEBUG))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        POST /logging                          | Host: localhost                              | 400 | level must be
        POST /logging?level=trace              | Host: localhost                              | 400 | level must be
        POST /logging?level=debug&form=1m      | Host: localhost                              | 400 | unknown parameter form
        POST /logging?level=debug&for=2h       | Host: localhost                              | 400 | at most 1h
        POST /logging?level=debug&category=%00 | Host: localhost                              | 400 | category must be
        DELETE /logging?category=io.none       | Host: localhost                              | 400 | is not changed
        PUT /logging?level=debug               | Host: localhost                              | 405 | only GET, POST, DELETE
        POST /logging?level=debug              | Host: evil.example                           | 403 | Host header
        POST /logging?level=debug              | Host: localhost^Origin: http://evil.example  | 403 | other origins
        DELETE /logging                        | Host: localhost^Sec-Fetch-Site: cross-site   | 403 | other sites
        """)
    void levelsAreNotChangedByOthersNorByMistake(String start, String headers, int status, String reason)
            throws IOException {
        assertThat(send(start, headers.replace("^", "\r\n") + "\r\nContent-Length: 0"))
                .startsWith("HTTP/1.1 " + status + ' ')
                .contains(reason);
        assertThat(levels.json().getJsonArray("changed")).isEmpty();
    }

    @Test
    void aQuestionThatIsNotUnderstoodIsTheAskersFault() throws IOException {
        assertThat(send("GET /explain", "Host: localhost"))
                .startsWith("HTTP/1.1 400 ")
                .contains("{\"error\":\"url is missing\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/config_dump", "/routes"})
    void headIsAnsweredAsGetWithoutTheBody(String path) throws IOException {
        String whole = send("GET " + path, "Host: localhost");
        int body = whole.indexOf("\r\n\r\n") + 4;

        assertThat(send("HEAD " + path, "Host: localhost")).isEqualTo(whole.substring(0, body));
    }

    /// Of clients that ask for much and read nothing.
    @Test
    void fewAnswersAreHeldHoweverManyAsk() throws IOException {
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                var client = new Socket();
                clients.add(client);
                client.setReceiveBufferSize(4096);
                client.connect(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), server.port()));
                client.getOutputStream()
                        .write("GET /egress HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            await().until(() -> view.made.get() == 30);
            await().during(Duration.ofMillis(300)).until(() -> answered(clients).size() == 4);
            assertThat(send("GET /status", "Host: localhost"))
                    .as("what is small")
                    .contains("200 OK");
            Socket gone = answered(clients).getFirst();
            clients.remove(gone);
            gone.close();
            await().until(() -> answered(clients).size() == 4);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
        assertThat(send("GET /egress", "Host: localhost")).hasSizeGreaterThan(View.MUCH);
    }

    private static List<Socket> answered(List<Socket> clients) throws IOException {
        List<Socket> answered = new ArrayList<>();
        for (Socket client : clients) {
            if (client.getInputStream().available() > 0) {
                answered.add(client);
            }
        }
        return answered;
    }

    @Test
    void nothingElseIsThere() throws IOException {
        assertThat(send("GET /config_dump/", "Host: localhost")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aTakenPortIsNamed() {
        assertThatThrownBy(() -> new AdminServer(vertx, server.port(), new View(), readiness, drain, levels))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "sallyport.admin.port=" + server.port() + ": the port is in use by another process; ");
    }

    private String send(String start, String headers) throws IOException {
        try (var socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port())) {
            socket.setSoTimeout(10_000);
            String request = start + " HTTP/1.1\r\n" + headers + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.replaceAll("(?im)^content-type:", "Content-Type:").replaceAll("(?im)^allow:", "Allow:");
        }
    }

    static final class Drains implements DrainSwitch {
        final AtomicInteger begun = new AtomicInteger();
        final AtomicInteger undone = new AtomicInteger();
        volatile boolean stopping;

        @Override
        public void begin() {
            begun.incrementAndGet();
        }

        @Override
        public boolean undo() {
            undone.incrementAndGet();
            return !stopping;
        }
    }

    static final class View extends EmptyAdminView {
        static final int MUCH = 16 << 20;
        final AtomicInteger made = new AtomicInteger();

        @Override
        public JsonObject status() {
            return new JsonObject().put("generation", 7);
        }

        @Override
        public JsonObject resources(boolean faultsOnly) {
            return new JsonObject().put("resources", "config");
        }

        @Override
        public JsonObject configDump() {
            return status();
        }

        @Override
        public JsonObject egress() {
            made.incrementAndGet();
            return new JsonObject().put("much", "x".repeat(MUCH));
        }

        @Override
        public JsonArray listeners() {
            return new JsonArray().add(new JsonObject().put("bind", "0.0.0.0:8080"));
        }

        @Override
        public Listing<?> clusters() {
            return new Listing<>(List.of("outbound|80||<b>"), name -> name, name -> new JsonObject()
                    .put("name", name)
                    .put("endpoints", new JsonArray()));
        }

        @Override
        public Listing<?> routes() {
            return new Listing<>(List.of("/a/0", "/a/1", "/a/2", "/a/3", "/a/4"), path -> path, path -> new JsonObject()
                    .put("match", path));
        }

        @Override
        public JsonObject explain(MultiMap parameters) {
            if (!parameters.contains("url")) {
                throw new IllegalArgumentException("url is missing");
            }
            return new JsonObject().put("url", parameters.get("url"));
        }
    }
}
