package io.sallyport.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.testing.BuiltProgram;
import io.sallyport.testing.Http2Frames;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.Yaml;
import io.vertx.core.Vertx;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The end of a gateway whose clients still come: balancers learn late, or never, that it is not ready.
@Timeout(60)
class DrainStopTest {
    private static final String SLOW = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static final int HEADERS = 1;
    private static final int GOAWAY = 7;

    private static Vertx vertx;

    private final int port = BuiltProgram.freePort();

    @TempDir
    Path directory;

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
        Files.writeString(directory.resolve("edge.yaml"), """
                apiVersion: networking.istio.io/v1
                kind: Gateway
                metadata: {name: edge}
                spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
                ---
                """ + Yaml.virtualService("*", """
                - fault:
                    delay: {percentage: {value: 100}, fixedDelay: 500ms}
                    abort: {percentage: {value: 100}, httpStatus: 418}
                  route: [{destination: {host: shop.default.svc.cluster.local}}]
                """));
    }

    private AdministeredGateway gateway() throws Exception {
        return new AdministeredGateway(vertx, directory, Map.of("sallyport.port-map.80", Integer.toString(port)));
    }

    /// A preStop hook drains, nobody is there, and clients come before the signal does.
    @Test
    void aRequestThatCameAfterADrainWasOverIsAnswered() throws Exception {
        RawClient client;
        try (var gateway = gateway()) {
            assertThat(gateway.admin("POST /drain")).startsWith("HTTP/1.1 202 ");
            awaitEndOfDrain();
            client = new RawClient(port).send(SLOW);
            await().until(() -> gateway.admin("GET /listeners").contains("\"activeConnections\" : 1"));

            gateway.stop();
        }
        try (client) {
            assertThat(client.readResponse()).startsWith("HTTP/1.1 418 ");
        }
    }

    @Test
    void nobodyConnectsBetweenTheDrainAndTheEnd() throws Exception {
        try (var gateway = gateway()) {
            assertThat(RawClient.exchange(port, SLOW.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")))
                    .startsWith("HTTP/1.1 418 ");
            gateway.stop();

            assertThatThrownBy(() -> new RawClient(port)).isInstanceOf(ConnectException.class);
        }
    }

    /// During a drain a new connection of HTTP/2 has a second before its GOAWAY. The end may be nearer than that.
    @Test
    void aConnectionOfHttp2ThatIsNewAtTheEndIsToldAtOnce() throws Exception {
        try (var gateway = gateway()) {
            assertThat(gateway.admin("POST /drain")).startsWith("HTTP/1.1 202 ");
            awaitEndOfDrain();
            CompletableFuture<Void> end;
            try (var client = new RawClient(port)) {
                client.send(Http2Frames.preface()
                        .headers(1, Http2Frames.END_STREAM, "GET", "localhost", "/")
                        .take());
                await().until(() -> gateway.admin("GET /listeners").contains("\"activeConnections\" : 1"));
                end = CompletableFuture.runAsync(gateway::stop);

                assertThat(firstOf(client, GOAWAY, HEADERS))
                        .as("before the response")
                        .isEqualTo(GOAWAY);
                assertThat(firstOf(client, HEADERS)).isEqualTo(HEADERS);
            }
            end.join();
        }
    }

    /// Reads frames to one of these types.
    private static int firstOf(RawClient client, Integer... types) throws IOException {
        var frames = new DataInputStream(client.socket().getInputStream());
        while (true) {
            int length = frames.readUnsignedShort() << 8 | frames.readUnsignedByte();
            int type = frames.readUnsignedByte();
            frames.skipNBytes(5 + length);
            if (List.of(types).contains(type)) {
                return type;
            }
        }
    }

    private static void awaitEndOfDrain() {
        await().until(() -> {
            List<Thread.State> drains = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("sallyport-drain"))
                    .map(Thread::getState)
                    .toList();
            return !drains.isEmpty() && drains.stream().allMatch(Thread.State.WAITING::equals);
        });
    }
}
