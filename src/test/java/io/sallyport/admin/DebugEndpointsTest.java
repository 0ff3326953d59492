package io.sallyport.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `/debug/heap` and `/debug/jfr` on a JVM; `ServeIT` asks the native executable.
@Timeout(60)
class DebugEndpointsTest {
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();
    private AdminServer server;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws Exception {
        server = new AdminServer(
                vertx,
                0,
                new AdminServerTest.View(),
                new Readiness(),
                new AdminServerTest.Drains(),
                new LogLevels(Clock.systemUTC(), (_, _) -> () -> {}));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        vertx.close();
    }

    @Test
    void theHeapIsSummedUp() throws Exception {
        JsonObject heap = new JsonObject(get("/debug/heap").body());

        assertThat(heap.getLong("usedBytes")).isPositive();
        assertThat(heap.getLong("committedBytes")).isGreaterThanOrEqualTo(heap.getLong("usedBytes"));
        assertThat(heap.getJsonArray("collectors")).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/debug/heap", "/debug/heap?live=true"})
    void aJvmCountsItsObjectsByClass(String path) throws Exception {
        JsonArray classes = new JsonObject(get(path).body()).getJsonArray("classes");

        assertThat(classes).hasSizeBetween(50, 200);
        JsonObject strings = IntStream.range(0, classes.size())
                .mapToObj(classes::getJsonObject)
                .filter(each -> each.getString("class").equals("java.lang.String"))
                .findFirst()
                .orElseThrow();
        assertThat(strings.getLong("instances")).isGreaterThan(100);
        assertThat(strings.getLong("bytes")).isGreaterThan(strings.getLong("instances"));
    }

    @Test
    void theJvmIsRecordedWithoutItsEnvironment() throws Exception {
        HttpResponse<Path> recorded =
                client.send(request("/debug/jfr?seconds=1", "GET"), BodyHandlers.ofFile(directory.resolve("r.jfr")));

        assertThat(recorded.statusCode()).isEqualTo(200);
        assertThat(recorded.headers().firstValue("content-disposition"))
                .hasValue("attachment; filename=\"sallyport.jfr\"");
        Set<String> events = RecordingFile.readAllEvents(recorded.body()).stream()
                .map(event -> event.getEventType().getName())
                .collect(Collectors.toSet());
        assertThat(events)
                .contains("jdk.ActiveRecording", "jdk.CPUInformation")
                .doesNotContain(
                        "jdk.InitialEnvironmentVariable",
                        "jdk.InitialSystemProperty",
                        "jdk.JVMInformation",
                        "jdk.SystemProcess");
    }

    @Test
    void thereIsOneRecordingAtATimeAndItEndsWithItsClient() throws Exception {
        try (var leaving = new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port())) {
            String request = "GET /debug/jfr?seconds=60 HTTP/1.1\r\nHost: localhost\r\n\r\n";
            leaving.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            await().until(() -> get("/debug/jfr?seconds=1").statusCode() == 409);
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> get("/debug/jfr?seconds=1").statusCode() == 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "61", "x", "", "1.5", "99999999999"})
    void aTimeThatIsNotUnderstoodIsRefused(String seconds) throws Exception {
        HttpResponse<String> answer = get("/debug/jfr?seconds=" + seconds);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("seconds must be a number from 1 to 60");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/debug/jfr?seconds=1", "/debug/heap", "/debug/stalls"})
    void nothingIsDoneByOtherMethodsOrForOtherSites(String path) throws Exception {
        assertThat(client.send(request(path, "POST"), BodyHandlers.ofString()).statusCode())
                .isEqualTo(405);
        HttpRequest foreign = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Sec-Fetch-Site", "cross-site")
                .build();
        assertThat(client.send(foreign, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path, "GET"), BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    private HttpRequest request(String path, String method) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
    }
}
