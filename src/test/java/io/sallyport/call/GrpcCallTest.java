package io.sallyport.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.EndpointSpec;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.http.Headers;
import io.sallyport.http.grpc.GrpcResult;
import io.sallyport.testing.ClosedPort;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TlsSpecs;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.PoolUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// gRPC calls of the gateway's own, answered by grpc-java.
class GrpcCallTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST = 1 << 20;

    private final LoopFixture loop = LoopFixture.real(true);
    private final GrpcEcho echo = GrpcEcho.start();

    @AfterEach
    void stop() {
        loop.close();
        echo.close();
    }

    /// What came of one call.
    private static final class Heard implements GrpcCall.Listener {
        final List<String> messages = new CopyOnWriteArrayList<>();
        final CompletableFuture<GrpcResult> end = new CompletableFuture<>();

        @Override
        public void onMessage(byte[] message) {
            messages.add(new String(message, StandardCharsets.UTF_8));
        }

        @Override
        public void onEnd(GrpcResult result) {
            assertThat(end.complete(result)).as("the call has ended before").isTrue();
        }

        GrpcResult result() {
            return end.orTimeout(10, TimeUnit.SECONDS).join();
        }
    }

    private Cluster plain() {
        return loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", echo.port())));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static GrpcQuestion method(String name) {
        return new GrpcQuestion("echo.example", "/test.Echo/" + name, new Headers());
    }

    private Heard call(Cluster cluster, String method, Duration timeout, int most, Consumer<GrpcCall> messages) {
        Heard heard = new Heard();
        loop.run(() -> {
            GrpcCall call = new GrpcCall(loop.upstream, cluster, method(method), timeout, most, heard);
            call.start();
            messages.accept(call);
        });
        return heard;
    }

    private Heard call(Cluster cluster, String method, String... messages) {
        return call(cluster, method, PATIENCE, MOST, call -> {
            for (String message : messages) {
                call.send(bytes(message));
            }
            call.finish();
        });
    }

    private String unary(Cluster cluster, String message) {
        CompletableFuture<String> told = new CompletableFuture<>();
        loop.run(() -> new UnaryCall(
                        loop.upstream,
                        cluster,
                        method("Unary"),
                        Unpooled.wrappedBuffer(bytes(message)),
                        PATIENCE,
                        MOST,
                        new UnaryCall.Callback() {
                            @Override
                            public void onAnswer(byte[] answer) {
                                told.complete(new String(answer, StandardCharsets.UTF_8));
                            }

                            @Override
                            public void onFailure(GrpcResult result) {
                                told.complete(result.toString());
                            }
                        })
                .start());
        return told.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private void assertNothingIsLeft() {
        await().untilAsserted(() ->
                assertThat(loop.upstream.usage().toCompletableFuture().join()).allMatch(PoolUsage::isQuiet));
    }

    @ParameterizedTest
    @CsvSource({
        "hello, hello",
        "'', ''",
        "fail, 'RESOURCE_EXHAUSTED: no more, 100% über'",
        "status 14, UNAVAILABLE",
        "late 7, PERMISSION_DENIED",
    })
    void aUnaryCallEndsWithAMessageOrAStatus(String message, String answer) {
        assertThat(unary(plain(), message)).isEqualTo(answer);
        assertNothingIsLeft();
    }

    @Test
    void anUnknownMethodIsUnimplemented() {
        assertThat(call(plain(), "Nothing", "x").result().code()).isEqualTo(GrpcResult.UNIMPLEMENTED);
    }

    @Test
    void messagesOfAStreamComeInOrder() {
        Heard heard = call(plain(), "Count", "1000");
        assertThat(heard.result().isOk()).isTrue();
        assertThat(heard.messages)
                .hasSize(1000)
                .startsWith("message 1", "message 2")
                .endsWith("message 1000");
        assertNothingIsLeft();
    }

    @Test
    void theClientMayStream() {
        Heard heard = call(plain(), "Join", "a", "b", "", "c".repeat(300_000));
        assertThat(heard.result().isOk()).isTrue();
        assertThat(heard.messages).containsExactly("ab" + "c".repeat(300_000));
    }

    @Test
    void bothSidesMayStream() {
        GrpcCall[] call = new GrpcCall[1];
        Heard heard = call(plain(), "Echo", PATIENCE, MOST, it -> {
            call[0] = it;
            it.send(bytes("one"));
        });
        await().until(() -> heard.messages.contains("re: one"));
        loop.run(() -> {
            call[0].send(bytes("two"));
            call[0].finish();
            call[0].send(bytes("too late"));
        });

        assertThat(heard.result().isOk()).isTrue();
        assertThat(heard.messages).containsExactly("re: one", "re: two");
    }

    @Test
    void callsShareAConnection() {
        Cluster cluster = plain();
        for (int i = 0; i < 20; i++) {
            assertThat(unary(cluster, "x")).isEqualTo("x");
        }
        assertThat(cluster.status().connectionsTotal()).isEqualTo(1);
        assertThat(cluster.status().requestsTotal()).isEqualTo(20);
        assertThat(cluster.status().requestsActive()).isZero();
    }

    @Test
    void theDeadlineIsToldToThePeerAndKept() throws InterruptedException {
        Heard heard = call(plain(), "Unary", Duration.ofMillis(400), MOST, call -> {
            call.send(bytes("hang"));
            call.finish();
        });

        assertThat(heard.result()).hasToString("DEADLINE_EXCEEDED: call_timeout");
        assertThat(echo.timeouts()).containsExactly("400m");
        assertThat(echo.cancelled().await(10, TimeUnit.SECONDS)).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void aCancelledCallIsCancelledAtThePeerAndSilent() throws InterruptedException {
        GrpcCall[] call = new GrpcCall[1];
        Heard heard = call(plain(), "Unary", Duration.ZERO, MOST, it -> {
            call[0] = it;
            it.send(bytes("hang"));
            it.finish();
        });
        assertThat(echo.hanging().await(10, TimeUnit.SECONDS)).isTrue();
        loop.run(() -> {
            call[0].cancel();
            call[0].cancel();
        });

        assertThat(echo.cancelled().await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(echo.timeouts()).containsExactly("null");
        assertNothingIsLeft();
        assertThat(heard.end).isNotDone();
    }

    @Test
    void aMessageOverTheBoundEndsTheCall() {
        Heard heard = call(plain(), "Join", PATIENCE, 1000, call -> {
            call.send(bytes("x".repeat(1001)));
            call.finish();
        });

        assertThat(heard.result()).hasToString("RESOURCE_EXHAUSTED: a message has 1001 bytes, more than 1000");
        assertThat(heard.messages).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void metadataGoesAlong() {
        Headers metadata =
                new Headers().add(AsciiString.of("grpc-timeout-x"), "1").add(AsciiString.of("x-bin"), "AQID");
        Heard heard = new Heard();
        loop.run(() -> {
            GrpcCall call = new GrpcCall(
                    loop.upstream,
                    plain(),
                    new GrpcQuestion("echo.example", "/test.Echo/Unary", metadata),
                    PATIENCE,
                    MOST,
                    heard);
            call.send(bytes("x"));
            call.finish();
            call.start();
        });
        assertThat(heard.result().isOk()).isTrue();
        assertThat(heard.messages).containsExactly("x");
    }

    @Test
    void anUnreachablePeerIsUnavailable() {
        Cluster cluster = loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", ClosedPort.number())));
        assertThat(unary(cluster, "x")).isEqualTo("UNAVAILABLE: upstream_connect_refused");
        assertThat(unary(loop.cluster(LoopFixture.spec()), "x")).isEqualTo("UNAVAILABLE: no_healthy_upstream");
    }

    @Test
    void tlsIsTheClusters() {
        TestCertificates authority = TestCertificates.authority("ca");
        Issued identity = authority.leaf("echo").dns("service.example").issue();
        GrpcEcho secure = GrpcEcho.start(identity);
        try {
            ClusterSpec spec = LoopFixture.spec(new EndpointSpec("127.0.0.1", secure.port()));
            Cluster trusting =
                    loop.cluster(spec.withProtocol(UpstreamProtocol.HTTP1, TlsSpecs.upstream(identity.trust())));
            Cluster wary = loop.cluster(spec.withProtocol(
                    UpstreamProtocol.HTTP1,
                    TlsSpecs.upstream(TestCertificates.authority("other")
                            .leaf("x")
                            .issue()
                            .trust())));

            assertThat(unary(trusting, "secret")).isEqualTo("secret");
            assertThat(unary(wary, "secret")).isEqualTo("UNAVAILABLE: upstream_tls_untrusted");
        } finally {
            secure.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void thePeerMayListenAtAUnixSocket(boolean epoll, @TempDir Path directory) {
        Path socket = directory.resolve("echo.sock");
        GrpcEcho local = GrpcEcho.start(socket);
        try (LoopFixture other = LoopFixture.real(epoll)) {
            Cluster cluster = other.cluster(LoopFixture.spec(new EndpointSpec("unix://" + socket, 0)));
            Heard heard = new Heard();
            other.run(() -> {
                GrpcCall call = new GrpcCall(other.upstream, cluster, method("Count"), PATIENCE, MOST, heard);
                call.send(bytes("3"));
                call.finish();
                call.start();
            });
            assertThat(heard.result().isOk()).isTrue();
            assertThat(heard.messages).containsExactly("message 1", "message 2", "message 3");
        } finally {
            local.close();
        }
    }

    @Test
    void aPeerThatGoesAwayEndsItsCalls() {
        Heard heard = call(plain(), "Unary", Duration.ZERO, MOST, call -> {
            call.send(bytes("hang"));
            call.finish();
        });
        await().until(() -> !echo.timeouts().isEmpty());
        echo.close();

        assertThat(heard.result().code()).isIn(GrpcResult.UNAVAILABLE, GrpcResult.CANCELLED);
        assertNothingIsLeft();
    }
}
