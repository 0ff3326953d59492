package io.sallyport.demo;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Services to route to, each on a free port of 127.0.0.1: two versions of `payments`, one that echoes requests and
/// WebSocket messages, and one that is slow.
public final class SampleServices implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int LARGEST_ECHO = 1 << 20;

    private final Vertx vertx;
    private final List<HttpServer> servers = new ArrayList<>();
    private final int paymentsV1;
    private final int paymentsV2;
    private final int echo;
    private final int slow;

    private SampleServices(Vertx vertx, Duration slowness) {
        this.vertx = vertx;
        paymentsV1 = listen(request -> payment(request, "v1"));
        paymentsV2 = listen(request -> payment(request, "v2"));
        echo = listen(SampleServices::echo);
        slow = listen(request ->
                vertx.setTimer(slowness.toMillis(), _ -> answer(request, new JsonObject().put("service", "slow"))));
    }

    /// Starts them all.
    ///
    /// @param slowness how long the slow one takes to answer
    public static SampleServices start(Vertx vertx, Duration slowness) {
        return new SampleServices(vertx, slowness);
    }

    public int paymentsV1() {
        return paymentsV1;
    }

    public int paymentsV2() {
        return paymentsV2;
    }

    public int echo() {
        return echo;
    }

    public int slow() {
        return slow;
    }

    private int listen(Handler<HttpServerRequest> handler) {
        HttpServer server = vertx.createHttpServer(
                        new HttpServerOptions().setHost(LOOPBACK).setPort(0))
                .webSocketHandler(SampleServices::echoMessages)
                .requestHandler(handler);
        servers.add(server);
        server.listen().toCompletionStage().toCompletableFuture().join();
        return server.actualPort();
    }

    private static void payment(HttpServerRequest request, String version) {
        answer(request, new JsonObject().put("service", "payments").put("version", version));
    }

    private static void echo(HttpServerRequest request) {
        // Not request.body(), which would hold whatever a client sends.
        var body = io.vertx.core.buffer.Buffer.buffer();
        request.handler(part -> {
            if (body.length() < LARGEST_ECHO) {
                body.appendBuffer(part);
            }
        });
        request.endHandler(_ -> answer(
                request,
                new JsonObject()
                        .put("service", "echo")
                        .put("method", request.method().name())
                        .put("uri", request.uri())
                        .put("headers", headers(request))
                        .put("body", body.toString())));
    }

    private static JsonObject headers(HttpServerRequest request) {
        Map<String, String> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (Map.Entry<String, String> header : request.headers()) {
            byName.merge(header.getKey(), header.getValue(), (first, second) -> first + ", " + second);
        }
        var headers = new JsonObject();
        byName.forEach(headers::put);
        return headers;
    }

    private static void echoMessages(ServerWebSocket socket) {
        socket.textMessageHandler(socket::writeTextMessage);
        socket.binaryMessageHandler(socket::writeBinaryMessage);
    }

    private static void answer(HttpServerRequest request, JsonObject content) {
        if (!request.response().closed()) {
            request.response().putHeader("Content-Type", "application/json").end(content.encode() + "\n");
        }
    }

    @Override
    public void close() {
        Future.join(servers.stream().map(HttpServer::close).toList())
                .toCompletionStage()
                .toCompletableFuture()
                .handle((_, _) -> 0)
                .join();
    }
}
