package io.sallyport.e2e.discovery;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.sallyport.discovery.kubernetes.KubernetesClients;
import io.sallyport.testing.FreePort;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// An API server with what a test puts there, which outlives its stops. It answers lists and watches, and fails on
/// demand. A watch gets what has happened since the version that it asks for.
public class ScriptedApi implements AutoCloseable {
    /// How a request is answered instead of as usual.
    public enum Failure {
        FORBIDDEN(403),
        NOT_FOUND(404),
        GONE(410),
        BROKEN(500),
        UNAVAILABLE(503),
        /// An event that says so, of a watch that is open.
        GONE_EVENT(0),
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
        WATCH
    }

    /// Which objects of a kind are asked for.
    ///
    /// @param namespace null for all
    /// @param name null for all
    private record Selection(String plural, String namespace, String name) {
        private static final String BY_NAME = "metadata.name=";

        static Selection of(HttpServerRequest request) {
            String[] path = request.path().split("/");
            String selector = request.getParam("fieldSelector", BY_NAME).substring(BY_NAME.length());
            boolean namespaced = path.length > 2 && path[path.length - 3].equals("namespaces");
            return new Selection(
                    path[path.length - 1],
                    namespaced ? path[path.length - 2] : null,
                    selector.isEmpty() ? null : selector);
        }

        boolean matches(String otherPlural, JsonObject object) {
            JsonObject metadata = object.getJsonObject("metadata");
            return plural.equals(otherPlural)
                    && (namespace == null || namespace.equals(metadata.getString("namespace")))
                    && (name == null || name.equals(metadata.getString("name")));
        }
    }

    /// @param version that it was asked for
    public record Watch(long version, Selection selection, HttpServerRequest request) {
        void send(String event) {
            request.response().write(Buffer.buffer(event).appendByte((byte) '\n'));
        }
    }

    private record Event(String plural, long version, JsonObject object, String text) {}

    private final Vertx vertx = Vertx.vertx();
    private final Issued identity;
    private final Map<String, TreeMap<String, JsonObject>> objects = new HashMap<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Watch> watches = new ArrayList<>();
    private final Map<String, Failure> failures = new HashMap<>();
    private final Map<String, Integer> requests = new HashMap<>();
    private final List<String> paths = new CopyOnWriteArrayList<>();
    private long version = 100;
    private HttpServer server;
    /// The same again after a stop.
    private final int port = FreePort.number();

    public ScriptedApi() {
        this(null);
    }

    /// @param identity for TLS, over which HTTP/2 is spoken with whoever offers it; null for none
    public ScriptedApi(Issued identity) {
        this.identity = identity;
        start();
    }

    public final void start() {
        HttpServerOptions options = new HttpServerOptions().setHost("127.0.0.1").setHttp2ClearTextEnabled(false);
        if (identity != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1))
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .addCertValue(Buffer.buffer(identity.chainPem()))
                            .addKeyValue(Buffer.buffer(identity.keyPem())));
        }
        server = vertx.createHttpServer(options).requestHandler(this::handle);
        get(server.listen(port));
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

    public int port() {
        return port;
    }

    /// As the gateway has it.
    public KubernetesClient client() {
        return client(port, identity);
    }

    /// Of an API server at this port.
    ///
    /// @param identity whose authority it trusts; null without TLS
    public static KubernetesClient client(int port, Issued identity) {
        ConfigBuilder config = new ConfigBuilder(Config.empty())
                .withMasterUrl((identity == null ? "http" : "https") + "://127.0.0.1:" + port);
        if (identity != null) {
            String root = TestCertificates.of(identity).pem();
            config.withCaCertData(Base64.getEncoder().encodeToString(root.getBytes(StandardCharsets.US_ASCII)));
        }
        return KubernetesClients.of(config.build());
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

    public void delete(String yaml) {
        objects(yaml).forEach(this::delete);
    }

    public synchronized void delete(JsonObject object) {
        String plural = plural(object);
        JsonObject gone = all(plural).remove(id(object));
        if (gone != null) {
            gone.getJsonObject("metadata").put("resourceVersion", Long.toString(++version));
            happened("DELETED", plural, gone);
        }
    }

    /// Says what version everybody has reached.
    public synchronized void bookmark(String kind) {
        JsonObject object = new JsonObject()
                .put("apiVersion", "networking.istio.io/v1")
                .put("kind", kind)
                .put("metadata", new JsonObject().put("resourceVersion", Long.toString(++version)));
        watches(kind).forEach(watch -> watch.send(event("BOOKMARK", object)));
    }

    /// Says that the version that was asked for is too old to go on from.
    public synchronized void gone(String kind) {
        watches(kind).forEach(watch -> watch.send(gone()));
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
        List<Watch> ended = watches(kind);
        watches.removeAll(ended);
        ended.forEach(watch -> watch.request().response().end());
    }

    /// @param failure null for as usual
    public void fail(String kind, Step step, Failure failure) {
        fail(kind, "", step, failure);
    }

    /// Of requests for one object of the kind.
    public synchronized void fail(String kind, String name, Step step, Failure failure) {
        failures.put(plural(kind) + name + step, failure);
    }

    public synchronized int requests(String kind, Step step) {
        return requests.getOrDefault(plural(kind) + step, 0);
    }

    /// Method and path of every request so far.
    public List<String> paths() {
        return List.copyOf(paths);
    }

    /// Those that are open.
    public synchronized List<Watch> watches(String kind) {
        return watches.stream()
                .filter(watch -> watch.selection().plural().equals(plural(kind)))
                .toList();
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
        Event event = new Event(plural, version, object, event(type, object));
        events.add(event);
        watches.stream()
                .filter(watch -> watch.selection().matches(plural, object))
                .forEach(watch -> watch.send(event.text()));
    }

    private synchronized void handle(HttpServerRequest request) {
        paths.add(request.method() + " " + request.uri());
        Selection selection = Selection.of(request);
        boolean watch = "true".equals(request.getParam("watch"));
        String step = (watch ? Step.WATCH : Step.LIST).name();
        requests.merge(selection.plural() + step, 1, Integer::sum);
        Failure failure = failures.getOrDefault(
                selection.plural() + selection.name() + step, failures.get(selection.plural() + step));
        if (failure == Failure.CUT) {
            request.connection().close();
        } else if (failure == Failure.GONE_EVENT) {
            request.response().end(gone() + '\n');
        } else if (failure != null && failure.status > 0) {
            fail(request.response(), failure.status);
        } else if (failure == null && watch) {
            open(new Watch(Long.parseLong(request.getParam("resourceVersion")), selection, request));
        } else if (failure == null) {
            list(request.response(), selection);
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

    private void list(HttpServerResponse response, Selection selection) {
        List<JsonObject> selected = all(selection.plural()).values().stream()
                .filter(object -> selection.matches(selection.plural(), object))
                .toList();
        response.putHeader("Content-Type", "application/json")
                .end(new JsonObject()
                        .put("apiVersion", "v1")
                        .put("kind", "List")
                        .put("metadata", new JsonObject().put("resourceVersion", Long.toString(version)))
                        .put("items", new JsonArray(selected))
                        .encode());
    }

    private void open(Watch watch) {
        watch.request().response().setChunked(true).putHeader("Content-Type", "application/json");
        watch.request().response().writeHead();
        boolean compacted =
                events.isEmpty() ? version > watch.version() : events.getFirst().version() > watch.version() + 1;
        if (compacted && version > watch.version()) {
            watch.send(gone());
            return;
        }
        watches.add(watch);
        watch.request().response().closeHandler(_ -> ended(watch));
        events.stream()
                .filter(event -> event.version() > watch.version())
                .filter(event -> watch.selection().matches(event.plural(), event.object()))
                .forEach(event -> watch.send(event.text()));
    }

    private synchronized void ended(Watch watch) {
        watches.remove(watch);
    }

    @Override
    public void close() {
        get(server.close());
        get(vertx.close());
    }
}
