package io.sallyport.e2e.discovery;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sallyport.discovery.kubernetes.KubernetesClients;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// An API server for Istio's kinds. It answers lists and watches, over WebSockets and plain HTTP, and fails on demand.
/// A watch gets what has happened since the version that it asks for.
public final class ScriptedApi implements AutoCloseable {
    /// How a request is answered instead of as usual.
    public enum Failure {
        FORBIDDEN(403),
        NOT_FOUND(404),
        GONE(410),
        BROKEN(500),
        UNAVAILABLE(503),
        /// The connection is closed without an answer.
        CUT(0),
        /// There is no answer.
        SILENCE(0);

        private final int status;

        Failure(int status) {
            this.status = status;
        }
    }

    /// Of which requests for a kind.
    public enum Step {
        LIST,
        HANDSHAKE,
        PLAIN_WATCH
    }

    /// @param version that it was asked for
    /// @param plain by HTTP
    public record Watch(long version, boolean plain, Sink to) {
        interface Sink {
            void send(Buffer event);

            void end();
        }
    }

    private record Event(String plural, long version, String text) {}

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, TreeMap<String, JsonObject>> objects = new HashMap<>();
    private final List<Event> events = new ArrayList<>();
    private final Map<String, List<Watch>> watches = new HashMap<>();
    private final Map<String, Failure> failures = new HashMap<>();
    private final Map<String, Integer> requests = new HashMap<>();
    private long version = 100;
    private HttpServer server;
    private int port;

    public ScriptedApi() {
        start();
    }

    public void start() {
        server = vertx.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setHttp2ClearTextEnabled(false))
                .requestHandler(this::handle);
        port = get(server.listen(port)).actualPort();
    }

    public void stop() {
        synchronized (this) {
            watches.clear();
        }
        get(server.close());
    }

    private static <T> T get(io.vertx.core.Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// As the gateway has it.
    public KubernetesClient client() {
        return KubernetesClients.of(new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + port)
                .build());
    }

    /// @param yaml documents
    public void put(String yaml) {
        objects(yaml).forEach(this::put);
    }

    public synchronized void put(JsonObject object) {
        String plural = plural(object);
        JsonObject metadata = object.getJsonObject("metadata");
        metadata.put("resourceVersion", Long.toString(++version));
        if (!metadata.containsKey("creationTimestamp")) {
            metadata.put("creationTimestamp", "2026-01-01T00:00:00Z");
        }
        boolean there = all(plural).put(id(object), object) != null;
        happened(there ? "MODIFIED" : "ADDED", plural, object);
    }

    public synchronized void delete(String yaml) {
        objects(yaml).forEach(object -> {
            String plural = plural(object);
            JsonObject gone = all(plural).remove(id(object));
            gone.getJsonObject("metadata").put("resourceVersion", Long.toString(++version));
            happened("DELETED", plural, gone);
        });
    }

    /// Says what version everybody has reached.
    public synchronized void bookmark(String kind) {
        JsonObject object = new JsonObject()
                .put("apiVersion", "networking.istio.io/v1")
                .put("kind", kind)
                .put("metadata", new JsonObject().put("resourceVersion", Long.toString(++version)));
        send(plural(kind), event("BOOKMARK", object));
    }

    /// Says that the version that was asked for is too old to go on from.
    public synchronized void gone(String kind) {
        send(plural(kind), gone());
    }

    private static String gone() {
        return event(
                "ERROR",
                new JsonObject()
                        .put("apiVersion", "v1")
                        .put("kind", "Status")
                        .put("status", "Failure")
                        .put("reason", "Expired")
                        .put("code", 410)
                        .put("message", "too old resource version"));
    }

    /// Forgets what has happened: a watch from before gets [#gone].
    public synchronized void compact() {
        events.clear();
        version++;
    }

    /// What has happened is sent to nobody, and kept for watches to come.
    public synchronized void endWatches(String kind) {
        List<Watch> ended = watches.remove(plural(kind));
        if (ended != null) {
            ended.forEach(watch -> watch.to().end());
        }
    }

    /// @param failure null for as usual
    public synchronized void fail(String kind, Step step, Failure failure) {
        failures.put(plural(kind) + step, failure);
    }

    public synchronized int requests(String kind, Step step) {
        return requests.getOrDefault(plural(kind) + step, 0);
    }

    public synchronized List<Watch> watches(String kind) {
        return List.copyOf(watches.getOrDefault(plural(kind), List.of()));
    }

    public static List<JsonObject> objects(String yaml) {
        List<JsonObject> objects = new ArrayList<>();
        for (String document : yaml.split("(?m)^---\n")) {
            if (!document.isBlank()) {
                JsonObject object = new JsonObject(Serialization.unmarshal(document, Map.class));
                JsonObject metadata = object.getJsonObject("metadata").copy();
                if (!metadata.containsKey("namespace")) {
                    metadata.put("namespace", "default");
                }
                objects.add(object.put("metadata", metadata));
            }
        }
        return objects;
    }

    private static String id(JsonObject object) {
        JsonObject metadata = object.getJsonObject("metadata");
        return metadata.getString("namespace") + '/' + metadata.getString("name");
    }

    private static String plural(JsonObject object) {
        return plural(object.getString("kind"));
    }

    public static String plural(String kind) {
        String name = kind.toLowerCase(Locale.ROOT);
        return name.endsWith("y") && !name.endsWith("ay") ? name.substring(0, name.length() - 1) + "ies" : name + 's';
    }

    private TreeMap<String, JsonObject> all(String plural) {
        return objects.computeIfAbsent(plural, _ -> new TreeMap<>());
    }

    private static String event(String type, JsonObject object) {
        return new JsonObject().put("type", type).put("object", object).encode();
    }

    private void happened(String type, String plural, JsonObject object) {
        Event event = new Event(plural, version, event(type, object));
        events.add(event);
        send(plural, event.text());
    }

    private void send(String plural, String text) {
        watches.getOrDefault(plural, List.of()).forEach(watch -> watch.to().send(Buffer.buffer(text)));
    }

    private synchronized void handle(HttpServerRequest request) {
        String plural = request.path().substring(request.path().lastIndexOf('/') + 1);
        boolean watch = "true".equals(request.getParam("watch"));
        boolean socket = watch && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
        Step step = watch ? socket ? Step.HANDSHAKE : Step.PLAIN_WATCH : Step.LIST;
        requests.merge(plural + step, 1, Integer::sum);
        Failure failure = failures.get(plural + step);
        if (failure == Failure.CUT) {
            request.connection().close();
        } else if (failure != null && failure.status > 0) {
            fail(request.response(), failure.status);
        } else if (failure == null && watch) {
            watch(request, plural, socket);
        } else if (failure == null) {
            list(request.response(), plural);
        }
    }

    private static void fail(HttpServerResponse response, int status) {
        response.setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(new JsonObject()
                        .put("apiVersion", "v1")
                        .put("kind", "Status")
                        .put("status", "Failure")
                        .put("code", status)
                        .put("message", "scripted " + status)
                        .encode());
    }

    private void list(HttpServerResponse response, String plural) {
        response.putHeader("Content-Type", "application/json")
                .end(new JsonObject()
                        .put("apiVersion", "v1")
                        .put("kind", "List")
                        .put("metadata", new JsonObject().put("resourceVersion", Long.toString(version)))
                        .put("items", new JsonArray(List.copyOf(all(plural).values())))
                        .encode());
    }

    private void watch(HttpServerRequest request, String plural, boolean socket) {
        long since = Long.parseLong(request.getParam("resourceVersion"));
        if (socket) {
            request.toWebSocket().onSuccess(opened -> open(plural, new Watch(since, false, frames(opened))));
        } else {
            HttpServerResponse response = request.response().setChunked(true);
            // The client counts a watch as open from its head on.
            response.putHeader("Content-Type", "application/json").write(Buffer.buffer());
            open(plural, new Watch(since, true, lines(response)));
        }
    }

    private static Watch.Sink frames(ServerWebSocket socket) {
        return new Watch.Sink() {
            @Override
            public void send(Buffer event) {
                socket.writeTextMessage(event.toString(StandardCharsets.UTF_8));
            }

            @Override
            public void end() {
                socket.close();
            }
        };
    }

    private static Watch.Sink lines(HttpServerResponse response) {
        return new Watch.Sink() {
            @Override
            public void send(Buffer event) {
                response.write(event.copy().appendByte((byte) '\n'));
            }

            @Override
            public void end() {
                response.end();
            }
        };
    }

    private synchronized void open(String plural, Watch watch) {
        boolean compacted =
                events.isEmpty() ? version > watch.version() : events.getFirst().version() > watch.version() + 1;
        if (compacted && version > watch.version()) {
            watch.to().send(Buffer.buffer(gone()));
            return;
        }
        watches.computeIfAbsent(plural, _ -> new ArrayList<>()).add(watch);
        events.stream()
                .filter(event -> event.plural().equals(plural) && event.version() > watch.version())
                .forEach(event -> watch.to().send(Buffer.buffer(event.text())));
    }

    @Override
    public void close() {
        get(server.close());
        get(vertx.close());
    }
}
