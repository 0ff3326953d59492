package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsClients;
import io.sallyport.testing.Yaml;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `POST /drain` and `DELETE /drain` at a gateway that clients use meanwhile.
@Timeout(120)
class DrainUndoTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final Duration LONGEST_IDLE = Duration.ofMillis(500);

    private static Vertx vertx;

    private final int plain = BuiltProgram.freePort();
    private final int secure = BuiltProgram.freePort();
    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued certificate =
            authority.leaf("localhost").dns("localhost").issue();

    @TempDir
    Path directory;

    @TempDir
    Path secrets;

    @BeforeAll
    static void startVertx() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stopVertx() {
        vertx.close();
    }

    @BeforeEach
    void write() throws Exception {
        certificate.writeSecret(secrets.resolve("edge"));
        configure("200");
    }

    private void configure(String status) throws IOException {
        Files.writeString(
                directory.resolve("edge.yaml"),
                """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec:
                  servers:
                  - {port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}
                  - port: {number: 443, name: https, protocol: HTTPS}
                    hosts: ["*"]
                    tls: {mode: SIMPLE, credentialName: edge}
                ---
                """ + Yaml.virtualService("*", "- directResponse: {status: " + status + "}"));
    }

    private AdministeredGateway gateway() throws Exception {
        return new AdministeredGateway(
                vertx,
                directory,
                Map.of(
                        "sallyport.secrets.dir", secrets.toString(),
                        "sallyport.port-map.80", Integer.toString(plain),
                        "sallyport.port-map.443", Integer.toString(secure)));
    }

    @Test
    void connectionsThatHaveNotBeenToldToEndStay() throws Exception {
        try (var gateway = gateway()) {
            while (!staysOverADrain(gateway)) {
                // A drain that takes long closes what has no request.
            }
        }
    }

    /// False where the drain took so long that nothing can be said.
    private boolean staysOverADrain(AdministeredGateway gateway) throws Exception {
        try (var idle = new RawClient(plain);
                var fresh = new RawClient(plain)) {
            assertStays(idle);
            long begun = System.nanoTime();
            drain(gateway);
            assertThat(gateway.admin("GET /status")).contains("\"state\" : \"draining\"");
            undo(gateway);
            assertThat(gateway.admin("GET /status")).contains("\"state\" : \"serving\"");
            if (System.nanoTime() - begun >= LONGEST_IDLE.toNanos()) {
                return false;
            }

            assertStays(idle);
            assertStays(idle);
            assertStays(fresh);
            try (var after = new RawClient(plain)) {
                assertStays(after);
                assertStays(after);
            }
            drain(gateway);
            awaitTold(idle);
            return true;
        }
    }

    @Test
    void aClientThatHasBeenToldIsTakenAtTheWord() throws Exception {
        try (var gateway = gateway();
                var told = new RawClient(plain)) {
            drain(gateway);
            awaitTold(told);
            undo(gateway);
            assertThat(told.readToEnd()).isEmpty();
        }
    }

    @Test
    void whatChangesDuringADrainIsAppliedAfterIt() throws Exception {
        try (var gateway = gateway()) {
            drain(gateway);
            configure("503");
            assertThat(RawClient.exchange(plain, GET)).startsWith("HTTP/1.1 200 ");
            undo(gateway);

            assertThat(RawClient.exchange(plain, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")))
                    .startsWith("HTTP/1.1 503 ");
            configure("204");
            await().until(() -> RawClient.exchange(plain, GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 204 "));
        }
    }

    /// Clients of both versions send requests one after the other, on connections that they keep, while drains begin
    /// and are taken back after any number of requests.
    @Test
    void noRequestIsLostHoweverOftenADrainIsTakenBack() throws Exception {
        var lost = new CopyOnWriteArrayList<String>();
        var done = new AtomicInteger();
        var connections = new AtomicInteger();
        var running = new CountDownLatch(1);
        List<Thread> clients = new ArrayList<>();
        try (var gateway = gateway();
                HttpClient http2 = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_2)
                        .sslContext(TlsClients.of(null, authority))
                        .build()) {
            for (int i = 0; i < 3; i++) {
                clients.add(Thread.ofVirtual().start(() -> keepAlive(running, done, connections, lost)));
                clients.add(Thread.ofVirtual().start(() -> streams(http2, running, done, lost)));
            }
            try {
                drainAndUndo(gateway, done, new Random(7));
                awaitMore(done, 50);
                int before = connections.get();
                awaitMore(done, 200);
                assertThat(connections).as("keep-alive connections stay").hasValue(before);
            } finally {
                running.countDown();
                for (Thread client : clients) {
                    client.join();
                }
            }
        }
        assertThat(lost).isEmpty();
        assertThat(connections).hasValueGreaterThan(3);
    }

    private static void drainAndUndo(AdministeredGateway gateway, AtomicInteger done, Random random) throws Exception {
        for (int i = 0; i < 30; i++) {
            awaitMore(done, 1 + random.nextInt(30));
            drain(gateway);
            awaitMore(done, random.nextInt(30));
            undo(gateway);
        }
    }

    private static void awaitMore(AtomicInteger done, int requests) {
        int enough = done.get() + requests;
        await().pollInterval(Duration.ofMillis(1)).atMost(30, TimeUnit.SECONDS).until(() -> done.get() >= enough);
    }

    private void keepAlive(CountDownLatch running, AtomicInteger done, AtomicInteger connections, List<String> lost) {
        while (running.getCount() > 0) {
            long idle = 0;
            try (var client = new RawClient(plain)) {
                connections.incrementAndGet();
                boolean open = true;
                while (open && running.getCount() > 0) {
                    long answered = System.nanoTime();
                    client.send(GET);
                    idle = System.nanoTime() - answered;
                    String head = client.readHead();
                    open = !head.toLowerCase(Locale.ROOT).contains("connection: close");
                    if (head.startsWith("HTTP/1.1 200 ")) {
                        done.incrementAndGet();
                    } else {
                        lost.add("HTTP/1.1: " + head);
                    }
                }
            } catch (IOException e) {
                // A client that stood still for long may meet the end of an idle connection, as ever with HTTP/1.1.
                if (idle < LONGEST_IDLE.toNanos()) {
                    lost.add("HTTP/1.1: " + e);
                }
            }
        }
    }

    private void streams(HttpClient client, CountDownLatch running, AtomicInteger done, List<String> lost) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + secure + "/"))
                .build();
        while (running.getCount() > 0) {
            try {
                HttpResponse<Void> response = client.send(request, HttpResponse.BodyHandlers.discarding());
                done.incrementAndGet();
                if (response.statusCode() != 200 || response.version() != HttpClient.Version.HTTP_2) {
                    lost.add("HTTP/2: " + response);
                }
            } catch (IOException e) {
                lost.add("HTTP/2: " + e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void assertStays(RawClient client) throws IOException {
        assertThat(client.send(GET).readHead().toLowerCase(Locale.ROOT))
                .startsWith("http/1.1 200 ")
                .doesNotContain("connection: close");
    }

    private static void drain(AdministeredGateway gateway) throws Exception {
        assertThat(gateway.admin("POST /drain")).startsWith("HTTP/1.1 202 ");
    }

    /// The answer to the drain does not wait for the event loops.
    private static void awaitTold(RawClient client) {
        await().until(() -> client.send(GET).readHead().toLowerCase(Locale.ROOT).contains("connection: close"));
    }

    private static void undo(AdministeredGateway gateway) throws Exception {
        assertThat(gateway.admin("DELETE /drain")).startsWith("HTTP/1.1 200 ");
    }
}
