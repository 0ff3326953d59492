package io.sallyport.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.Issued;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestPem;
import io.sallyport.testing.TlsClients;
import io.sallyport.vertx.ConnectionBound.Idle;
import io.sallyport.webhook.WebhookServer.Limits;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What clients that are slow, silent or many take of the webhook: API servers get their answers.
@Timeout(60)
class WebhookBoundsTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Limits PATIENT = new Limits(256, LONG, new Idle(LONG, LONG), LONG, 32 << 20);
    private static final String ALLOWED = "\"allowed\":true";

    @TempDir
    Path tls;

    private final Vertx vertx = Vertx.vertx();
    private final TestCertificates authority = TestCertificates.authority("webhook");
    private final SSLContext context = TlsClients.of(null, authority);
    private final List<AutoCloseable> open = new ArrayList<>();
    private WebhookServer server;

    @BeforeEach
    void makeCertificate() throws IOException {
        Issued issued = authority.leaf("webhook").dns("localhost").issue();
        Files.writeString(tls.resolve("tls.crt"), TestPem.certificates(issued.chain()));
        Files.writeString(tls.resolve("tls.key"), TestPem.key(issued.key()));
    }

    private void start(Limits limits) throws Exception {
        server = new WebhookServer(vertx, 0, tls, LONG, limits, new AdmissionReviews(_ -> List.of()));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        server.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private RawClient connect() throws IOException {
        var socket =
                (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port());
        RawClient client = new RawClient(socket);
        socket.startHandshake();
        open.add(client);
        return client;
    }

    private static String review() {
        return """
                {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                 "request": {"uid": "1", "operation": "DELETE"}}""";
    }

    private static String head(int bytes) {
        return "POST /validate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + bytes + "\r\n\r\n";
    }

    /// Leaves the connection open.
    private static void ask(RawClient client) throws IOException {
        client.send(head(review().length()) + review());
        assertThat(client.readHead()).startsWith("HTTP/1.1 200");
    }

    private static boolean isClosed(RawClient client) throws IOException {
        client.socket().setSoTimeout(50);
        try {
            return client.readToEnd() != null;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        }
    }

    private HttpResponse<String> post(HttpClient client, String body) throws Exception {
        return client.send(request(body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String body) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + "/validate"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "POST /validate HT", "POST /validate HTTP/1.1\r\nHost: loc"})
    void aHeadThatDoesNotComeClosesTheConnection(String begun) throws Exception {
        start(new Limits(256, LONG, new Idle(SHORT, LONG), LONG, 32 << 20));
        assertThat(connect().send(begun).readToEnd()).isEmpty();
    }

    @Test
    void soDoesOneThatComesByteByByte() throws Exception {
        start(new Limits(256, LONG, new Idle(SHORT, LONG), LONG, 32 << 20));
        RawClient client = connect();
        client.send("GET /");
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10)).until(() -> {
            try {
                client.send("x");
            } catch (IOException reset) {
                return true;
            }
            return isClosed(client);
        });
    }

    @Test
    void soDoesOneAfterAnAnswer() throws Exception {
        start(new Limits(256, LONG, new Idle(SHORT, SHORT), LONG, 32 << 20));
        RawClient kept = connect();
        ask(kept);
        assertThat(kept.send("POST /validate HT").readToEnd()).endsWith("}");
    }

    @Test
    void aHandshakeThatDoesNotComeClosesTheConnection() throws Exception {
        start(new Limits(256, SHORT, new Idle(LONG, LONG), LONG, 32 << 20));
        assertThat(RawClient.exchange(server.port(), "")).isEmpty();
        assertThat(RawClient.exchange(server.port(), "\u0016\u0003\u0001")).isEmpty();
    }

    @Test
    void aBodyThatDoesNotComeIsAnswered408() throws Exception {
        start(new Limits(256, LONG, new Idle(SHORT, LONG), SHORT, 32 << 20));
        assertThat(connect().send(head(100) + "{").readToEnd()).startsWith("HTTP/1.1 408");
    }

    @Test
    void whoAnnouncesTooMuchIsNotAwaited() throws Exception {
        start(PATIENT);
        RawClient client = connect();
        client.send(head(Integer.MAX_VALUE).replace("Host:", "Expect: 100-continue\r\nHost:"));
        assertThat(client.readHead()).startsWith("HTTP/1.1 413 ");

        RawClient sending = connect();
        int length = (3 << 20) + 1;
        sending.send(head(length) + " ".repeat(length));
        assertThat(sending.readToEnd()).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void aClientThatWaitsForContinueGetsIt() throws Exception {
        start(PATIENT);
        RawClient client = connect();
        client.send(head(review().length()).replace("Host:", "Expect: 100-continue\r\nHost:"));
        assertThat(client.readHead()).startsWith("HTTP/1.1 100 ");
        client.send(review());
        assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void aReviewThatIsTooLargeCostsNoOtherItsAnswer(HttpClient.Version version) throws Exception {
        start(PATIENT);
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(context).version(version).build()) {
            assertThat(post(client, review()).body()).contains(ALLOWED);
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                all.add(client.sendAsync(request(review()), HttpResponse.BodyHandlers.ofString()));
            }
            assertThat(post(client, " ".repeat((3 << 20) + 1)).statusCode()).isEqualTo(413);
            for (CompletableFuture<HttpResponse<String>> each : all) {
                assertThat(each.join().body()).contains(ALLOWED);
            }
            assertThat(post(client, review()).body()).contains(ALLOWED);
        }
    }

    @Test
    void bodiesAreBoundedTogether() throws Exception {
        start(new Limits(256, LONG, new Idle(LONG, LONG), LONG, 1_000));
        RawClient slow = connect();
        slow.send(head(950) + " ".repeat(949));
        await().untilAsserted(() -> {
            RawClient other = connect();
            other.send(head(review().length()) + review());
            assertThat(other.readHead()).startsWith("HTTP/1.1 503");
        });

        slow.socket().close();

        await().untilAsserted(() -> ask(connect()));
        for (int i = 0; i < 20; i++) {
            // What is answered does not count any more.
            ask(connect());
        }
    }

    /// Those that have been silent for longest make room.
    @Test
    void idleConnectionsBeyondTheBoundAreClosed() throws Exception {
        start(new Limits(8, LONG, new Idle(LONG, LONG), LONG, 32 << 20));
        RawClient busy = connect();
        busy.send(head(100) + "{");
        List<RawClient> idle = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RawClient client = connect();
            ask(client);
            idle.add(client);
        }

        for (RawClient client : idle.subList(0, 13)) {
            client.readToEnd();
        }
        assertThat(isClosed(busy)).isFalse();
        for (RawClient client : idle.subList(13, 20)) {
            assertThat(isClosed(client)).isFalse();
        }
    }

    @Test
    void anAnswerComesBesideAThousandConnections() throws Exception {
        start(new Limits(256, Duration.ofSeconds(2), new Idle(LONG, LONG), LONG, 32 << 20));
        List<RawClient> silent = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            RawClient client = i % 4 == 0 ? connect().send("POST /va") : new RawClient(server.port());
            open.add(client);
            silent.add(client);
        }

        ask(connect());

        for (int i = 0; i < silent.size(); i++) {
            if (i % 4 != 0) {
                assertThat(silent.get(i).readToEnd()).isEmpty();
            }
        }
        ask(connect());
    }
}
