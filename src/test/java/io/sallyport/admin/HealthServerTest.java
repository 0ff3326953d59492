package io.sallyport.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.RawClient;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The bound on the connections of the health port, which is 256 where there are many descriptors.
class HealthServerTest {
    private static final int BOUND = 256;
    /// More than the buffers of the two sockets hold.
    private static final int LARGE = 32 << 20;

    private final Vertx vertx = Vertx.vertx();
    private final List<Socket> idle = new ArrayList<>();
    private final CompletableFuture<HttpServerResponse> late = new CompletableFuture<>();
    private HealthServer server;

    @BeforeEach
    void start() throws IOException {
        Router router = Router.router(vertx);
        router.get("/soon").handler(context -> context.end("soon"));
        router.get("/large").handler(context -> context.end(Buffer.buffer(new byte[LARGE])));
        router.get("/late").handler(context -> late.complete(context.response()));
        server = HealthServer.start(vertx, 0, router);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket each : idle) {
            each.close();
        }
        server.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void connect(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            idle.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
        }
    }

    @Test
    void whoComesBeyondTheBoundIsServedInPlaceOfWhoHasBeenIdleForLongest() throws Exception {
        connect(3 * BOUND);

        assertThat(RawClient.exchange(server.port(), get("/soon", "close"))).endsWith("soon");
        await().untilAsserted(() -> assertThat(idle.subList(0, 2 * BOUND)).allMatch(HealthServerTest::isClosed));
        assertThat(idle.subList(2 * BOUND + 1, 3 * BOUND)).noneMatch(HealthServerTest::isClosed);
    }

    @Test
    void whoDoesNotReadIsClosedAllTheSame() throws Exception {
        try (var stuck = new RawClient(server.port())) {
            stuck.send(get("/large", "keep-alive")).readHead();

            connect(BOUND);

            assertThat(RawClient.exchange(server.port(), get("/soon", "close"))).endsWith("soon");
            assertThat(stuck.readToEnd().length()).isLessThan(LARGE);
        }
    }

    @Test
    void whoseRequestIsUnderWayIsNotIdle() throws Exception {
        try (var busy = new RawClient(server.port());
                var asked = new RawClient(server.port())) {
            busy.send(get("/late", "keep-alive"));
            late.get(10, TimeUnit.SECONDS);
            assertThat(asked.send(get("/soon", "keep-alive")).readResponse()).endsWith("soon");

            connect(2 * BOUND);

            // The last one in: what was closed for those before it is closed by now.
            assertThat(RawClient.exchange(server.port(), get("/soon", "close"))).endsWith("soon");
            await().until(() -> isClosed(asked.socket()));
            late.get().end("late");
            assertThat(busy.readResponse()).endsWith("late");
        }
    }

    @Test
    void whereAllAreBusyTheOldestRequestGivesWay() throws Exception {
        List<RawClient> busy = new ArrayList<>();
        try {
            for (int i = 0; i < BOUND; i++) {
                busy.add(new RawClient(server.port()).send(get("/late", "keep-alive")));
            }
            late.get(10, TimeUnit.SECONDS);

            assertThat(RawClient.exchange(server.port(), get("/soon", "close"))).endsWith("soon");
        } finally {
            for (RawClient each : busy) {
                each.close();
            }
        }
    }

    @Test
    void aPortInUseIsReportedWithItsSetting() {
        Vertx other = Vertx.vertx();
        assertThatThrownBy(() -> HealthServer.start(other, server.port(), Router.router(vertx)))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("sallyport.health.port=" + server.port(), "in use");
        other.close().toCompletionStage().toCompletableFuture().join();
    }

    private static boolean isClosed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static String get(String path, String connection) {
        return "GET " + path + " HTTP/1.1\r\nHost: any\r\nConnection: " + connection + "\r\n\r\n";
    }
}
