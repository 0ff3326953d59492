package io.sallyport.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.sallyport.discovery.SecretName;
import io.sallyport.e2e.discovery.ScriptedApi;
import io.sallyport.e2e.discovery.ScriptedApi.Step;
import io.sallyport.testing.Issued;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestCertificates;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How the connection of a watch may end, byte by byte, and what a server may say in it.
@Timeout(60)
class WatchEndsTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Issued SERVER = TestCertificates.authority("cluster-ca")
            .leaf("apiserver")
            .ip("127.0.0.1")
            .issue();
    private static final ApiServer.Pace PACE = new ApiServer.Pace(
            Duration.ofMillis(20), Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(1), SOON);
    private static final Pattern VERSION = Pattern.compile("resourceVersion=(\\d+)&.*watch=true");
    private static final String TEXT = "für 日本 und 😀";
    private static final int FIRST = 10;
    private static final int LAST = 13;

    private enum Ending {
        END_IN_ONE_PIECE {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(joined(CHUNKED, chunk(event), END));
            }
        },
        END_AND_CLOSE_IN_ONE_PIECE {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(joined(CHUNKED, chunk(event), END));
                to.close();
            }
        },
        CLOSE_IN_ONE_PIECE {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(joined(CHUNKED, chunk(event)));
                to.close();
            }
        },
        CLOSE_AFTER_THE_HEAD_ALONE {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(CHUNKED);
                to.close();
            }
        },
        CLOSE_INSTEAD_OF_A_LENGTH {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(joined("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII), event));
                to.close();
            }
        },
        CLOSE_WITHIN_AN_EVENT {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(joined(CHUNKED, chunk(Arrays.copyOf(event, event.length / 2))));
                to.close();
            }
        },
        END_WITHIN_AN_EVENT {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(joined(CHUNKED, chunk(Arrays.copyOf(event, event.length / 2)), END));
            }
        },
        RESET {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(joined(CHUNKED, chunk(event)));
                to.reset();
            }
        },
        BYTE_BY_BYTE {
            @Override
            void send(RawUpstream.Connection to, byte[] event) throws IOException {
                to.write(CHUNKED);
                for (byte each : event) {
                    to.write(chunk(new byte[] {each}));
                }
                to.write(END);
            }
        };

        private static final byte[] CHUNKED =
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        private static final byte[] END = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

        abstract void send(RawUpstream.Connection to, byte[] event) throws IOException;

        private static byte[] chunk(byte[] bytes) {
            return joined(
                    (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII),
                    bytes,
                    "\r\n".getBytes(StandardCharsets.US_ASCII));
        }

        private static byte[] joined(byte[]... parts) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (byte[] part : parts) {
                all.writeBytes(part);
            }
            return all.toByteArray();
        }
    }

    private static JsonObject map(String name, String uid, int version) {
        return new JsonObject()
                .put(
                        "metadata",
                        new JsonObject()
                                .put("namespace", "edge")
                                .put("name", name)
                                .put("uid", uid)
                                .put("resourceVersion", Integer.toString(version)))
                .put("data", new JsonObject().put("text", TEXT + version));
    }

    private static byte[] event(String type, JsonObject object) {
        return (new JsonObject().put("type", type).put("object", object).encode() + '\n')
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] list(int version, JsonObject... objects) {
        byte[] body = new JsonObject()
                .put("metadata", new JsonObject().put("resourceVersion", Integer.toString(version)))
                .put("items", List.of(objects))
                .toBuffer()
                .getBytes();
        return Ending.joined(
                ("HTTP/1.1 200 OK\r\ncontent-length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII),
                body);
    }

    /// What the feed of ConfigMaps of that server reports, in its order.
    private static ObjectFeed<ConfigMap> feed(KubernetesClient client, List<String> reported) {
        return new ObjectFeed<>(
                new ApiServer(client, PACE),
                new ObjectFeed.Kind<>("configmaps", ObjectPath.core("configmaps"), ConfigMap.class),
                ObjectFeed.Refusal.NONE,
                () -> {},
                new ObjectFeed.Reader<>(
                        (name, map) ->
                                reported.add(name.name() + ' ' + map.getData().get("text")),
                        name -> reported.add(name.name() + " removed")),
                () -> {});
    }

    private static Stream<Arguments> endings() {
        return Stream.of(Ending.values())
                .flatMap(ending -> Stream.of(Arguments.of(ending, false), Arguments.of(ending, true)));
    }

    /// Watches ended in one piece with their last event were dead for minutes.
    @ParameterizedTest
    @MethodSource("endings")
    void aWatchThatEndsGoesOnWhereItWas(Ending ending, boolean tls) {
        Map<Integer, Integer> attempts = new ConcurrentHashMap<>();
        List<String> lists = new CopyOnWriteArrayList<>();
        RawUpstream.Script script = RawUpstream.perRequest((connection, head) -> {
            Matcher watch = VERSION.matcher(head);
            if (!watch.find()) {
                lists.add(head);
                connection.write(list(FIRST, map("a", "1", FIRST)));
                return;
            }
            int next = Integer.parseInt(watch.group(1)) + 1;
            if (next > LAST) {
                connection.write(Ending.CHUNKED);
            } else {
                // Where it may have been lost, it is sent again.
                boolean first = attempts.merge(next, 1, Integer::sum) == 1;
                (first ? ending : Ending.END_IN_ONE_PIECE).send(connection, event("MODIFIED", map("a", "1", next)));
            }
        });
        List<String> reported = new CopyOnWriteArrayList<>();
        try (RawUpstream server = tls ? RawUpstream.startTls(SERVER, script) : RawUpstream.start(script);
                KubernetesClient client = ScriptedApi.client(server.port(), tls ? SERVER : null);
                ObjectFeed<ConfigMap> feed = feed(client, reported)) {
            feed.start();

            await().atMost(Duration.ofSeconds(20)).until(() -> reported.size() > LAST - FIRST);
            await().atMost(SOON).until(feed::isWatching);
            assertThat(reported)
                    .isEqualTo(IntStream.rangeClosed(FIRST, LAST)
                            .mapToObj(version -> "a " + TEXT + version)
                            .toList());
            assertThat(lists).hasSize(1);
        }
    }

    /// Two objects with one uid, versions that go back, objects without a name, events that nobody knows.
    @Test
    void whatAServerSaysAgainstTheRulesDoesNoHarm() {
        List<String> versions = new CopyOnWriteArrayList<>();
        RawUpstream.Script script = RawUpstream.perRequest((connection, head) -> {
            Matcher watch = VERSION.matcher(head);
            if (!watch.find()) {
                connection.write(list(50, map("a", "1", 49), map("b", "1", 50)));
                return;
            }
            versions.add(watch.group(1));
            if (versions.size() == 1) {
                Ending.END_IN_ONE_PIECE.send(
                        connection,
                        Ending.joined(
                                event("MODIFIED", map("a", "1", 40)),
                                event("STRANGE", map("d", "1", 41)),
                                event("ADDED", new JsonObject()),
                                event("ADDED", map("", "1", 42)),
                                event("ADDED", map("e", "1", 43).put("data", 7)),
                                event("DELETED", map("nobody", "1", 44)),
                                event("ADDED", map("c", "1", 12))));
            } else {
                connection.write(Ending.joined(
                        Ending.CHUNKED,
                        Ending.chunk(Ending.joined(
                                event("ADDED", map("c", "1", 12)), event("DELETED", map("b", "1", 13))))));
            }
        });
        List<String> reported = new CopyOnWriteArrayList<>();
        try (RawUpstream server = RawUpstream.start(script);
                KubernetesClient client = ScriptedApi.client(server.port(), null);
                ObjectFeed<ConfigMap> feed = feed(client, reported)) {
            feed.start();

            await().atMost(SOON).until(() -> reported.contains("b removed"));
            assertThat(reported)
                    .containsExactly(
                            "a " + TEXT + 49,
                            "b " + TEXT + 50,
                            "a " + TEXT + 40,
                            "c " + TEXT + 12,
                            "c " + TEXT + 12,
                            "b removed");
            assertThat(versions).containsExactly("50", "12");
        }
    }

    /// Each watch has its connection, whatever the server would rather speak: one that dies takes no other along.
    @Test
    void watchesOverTlsHaveConnectionsOfTheirOwn() throws Exception {
        Set<SecretName> names = IntStream.range(0, 20)
                .mapToObj(i -> new SecretName("edge", "s" + i))
                .collect(Collectors.toSet());
        try (ScriptedApi api = new ScriptedApi(SERVER);
                KubernetesClient client = api.client();
                KubernetesSecrets secrets = new KubernetesSecrets(new ApiServer(client), Set.of("tls.crt"), () -> {})) {
            secrets.follow(names);
            await().atMost(SOON).until(() -> api.watches("Secret").size() == names.size());
            assertThat(api.watches("Secret"))
                    .allMatch(watch -> watch.request().version() == HttpVersion.HTTP_1_1)
                    .extracting(watch -> watch.request().connection())
                    .doesNotHaveDuplicates();

            Map<String, Object> before = connections(api);
            api.watches("Secret").getFirst().request().connection().close();
            await().atMost(SOON)
                    .until(() -> api.watches("Secret").size() == names.size()
                            && !connections(api).equals(before));
            Map<String, Object> after = connections(api);
            after.values().removeAll(before.values());
            assertThat(after).hasSize(1);
            assertThat(api.requests("Secret", Step.LIST)).isEqualTo(names.size());

            names.forEach(name -> api.put(new JsonObject()
                    .put("kind", "Secret")
                    .put("metadata", new JsonObject().put("namespace", "edge").put("name", name.name()))
                    .put("data", new JsonObject().put("tls.crt", "dGV4dA=="))));
            await().atMost(SOON).until(() -> names.stream().allMatch(name -> Map.of("tls.crt", "text")
                    .equals(secrets.find(name).texts())));
        }
    }

    /// What a firewall does that forgets an idle connection. One of HTTP/2 would be taken for all that follows, too.
    @Test
    void aConnectionThatDiesWithoutASignIsReplaced() {
        AtomicBoolean forgotten = new AtomicBoolean();
        List<String> reported = new CopyOnWriteArrayList<>();
        try (ScriptedApi api = new ScriptedApi(SERVER);
                RawUpstream firewall = RawUpstream.start(from -> relay(from, api.port(), forgotten));
                KubernetesClient client = ScriptedApi.client(firewall.port(), SERVER);
                ObjectFeed<ConfigMap> feed = feed(client, reported)) {
            api.put(map("a", "1", 1).put("kind", "ConfigMap"));
            feed.start();
            await().atMost(SOON).until(feed::isWatching);
            forgotten.set(true);
            api.put(map("a", "1", 2).put("kind", "ConfigMap"));

            feed.look(System.nanoTime() + ObjectFeed.LONGEST_SILENCE.toNanos());
            await().atMost(SOON).until(() -> reported.contains("a " + TEXT + 2));
            assertThat(api.requests("ConfigMap", Step.LIST)).isOne();
        }
    }

    /// However long the watch has lasted, it has nothing more to tell.
    @ParameterizedTest
    @ValueSource(strings = {"{\"code\": 500}", "{\"code\": 504, \"message\": \"too slow\"}", "{}"})
    void anEventThatIsAnErrorLeadsToANewList(String error) {
        byte[] event = "{\"type\": \"ERROR\", \"object\": %s}".formatted(error).getBytes(StandardCharsets.US_ASCII);
        AtomicInteger lists = new AtomicInteger();
        RawUpstream.Script script = RawUpstream.perRequest((connection, head) -> {
            if (!head.contains("watch=true")) {
                connection.write(list(FIRST, map("a", "1", FIRST)));
                lists.incrementAndGet();
            } else if (lists.get() == 1) {
                Ending.END_IN_ONE_PIECE.send(connection, event);
            } else {
                connection.write(Ending.CHUNKED);
            }
        });
        try (RawUpstream server = RawUpstream.start(script);
                KubernetesClient client = ScriptedApi.client(server.port(), null);
                ObjectFeed<ConfigMap> feed = feed(client, new CopyOnWriteArrayList<>())) {
            feed.start();
            await().atMost(SOON).until(() -> lists.get() == 2 && feed.isWatching());
        }
    }

    /// Such a connection may also die between the head of an error and its body.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anErrorWhoseBodyDoesNotComeIsGivenUp(boolean watch) {
        AtomicBoolean failed = new AtomicBoolean();
        RawUpstream.Script script = RawUpstream.perRequest((connection, head) -> {
            if (head.contains("watch=true") == watch && failed.compareAndSet(false, true)) {
                connection.write(
                        "HTTP/1.1 500 Broken\r\ncontent-length: 100\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            } else {
                connection.write(head.contains("watch=true") ? Ending.CHUNKED : list(FIRST, map("a", "1", FIRST)));
            }
        });
        try (RawUpstream server = RawUpstream.start(script);
                KubernetesClient client = ScriptedApi.client(server.port(), null);
                ObjectFeed<ConfigMap> feed = feed(client, new CopyOnWriteArrayList<>())) {
            feed.start();
            await().atMost(SOON).until(failed::get);

            await().atMost(SOON).until(() -> {
                feed.look(System.nanoTime() + ObjectFeed.LONGEST_SILENCE.toNanos());
                return feed.isWatching();
            });
        }
    }

    /// Connections from before do not get anything through once they are forgotten, and do not end.
    private static void relay(RawUpstream.Connection from, int port, AtomicBoolean forgotten) throws IOException {
        boolean after = forgotten.get();
        try (Socket to = new Socket("127.0.0.1", port)) {
            Thread.ofVirtual().start(() -> {
                byte[] bytes = new byte[8192];
                try {
                    for (int count = to.getInputStream().read(bytes);
                            count > 0;
                            count = to.getInputStream().read(bytes)) {
                        if (after || !forgotten.get()) {
                            from.write(Arrays.copyOf(bytes, count));
                        }
                    }
                } catch (IOException ended) {
                    // As the other direction does.
                }
            });
            for (int next = from.read(); next >= 0; next = from.read()) {
                if (after || !forgotten.get()) {
                    to.getOutputStream().write(next);
                }
            }
        }
    }

    private static Map<String, Object> connections(ScriptedApi api) {
        Map<String, Object> connections = new HashMap<>();
        api.watches("Secret")
                .forEach(watch -> connections.put(
                        watch.request().getParam("fieldSelector"),
                        watch.request().connection()));
        return connections;
    }
}
