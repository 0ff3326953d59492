package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `timeout`, `perTryTimeout` and `grpc-timeout`: when a request ends that no endpoint answers.
class DeadlineTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
    private static final String POST =
            "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody";
    private static final RawUpstream.Script SILENT = connection -> {
        while (connection.read() >= 0) {
            // Takes everything, says nothing.
        }
    };

    private static TestGateway gateway(int port, String policy) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", port)
                + Yaml.virtualService("shop.example", "- route: [{destination: {host: shop.internal}}]\n  " + policy));
    }

    /// What ends at a deadline of a second or two is answered by then, also where the machine is busy; what does not
    /// would take longer.
    private static final Duration SOON = Duration.ofSeconds(5);

    private static Duration answered(TestGateway gateway, String request, String answer) throws IOException {
        long start = System.nanoTime();
        assertThat(RawClient.exchange(gateway.port(80), request)).startsWith(answer);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, POST})
    void theRoutesTimeCoversEveryTryAndThePauses(String request) throws Exception {
        try (RawUpstream upstream = RawUpstream.start(SILENT);
                TestGateway gateway = gateway(
                        upstream.port(),
                        "timeout: 2500ms\n  retries: {attempts: 9, perTryTimeout: 1s, retryOn: reset, backoff: 1ms}")) {
            assertThat(answered(gateway, request, "HTTP/1.1 504 ")).isBetween(Duration.ofMillis(2400), SOON);
            assertThat(upstream.connectionCount()).isEqualTo(3);
            await().until(() -> upstream.openConnections() == 0);
            assertThat(gateway.firstFacts().flags()).isEqualTo("UT");
        }
    }

    @Test
    void aPauseIsCutByTheDeadline() throws Exception {
        try (RawUpstream upstream = RawUpstream.answering("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
                TestGateway gateway = gateway(
                        upstream.port(), "timeout: 500ms\n  retries: {attempts: 2, retryOn: 5xx, backoff: 8760h}")) {
            assertThat(answered(gateway, GET, "HTTP/1.1 504 ")).isBetween(Duration.ofMillis(450), SOON);
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    /// As the seed has it, in halves: 3 retries of 2 s in 5 s, and conditions left to the default. The pauses are not:
    /// Envoy's would take up to 100 ms of the 500 ms that the last try has.
    @Test
    void anIdempotentTryThatTakesTooLongIsRepeatedWhereOnlyItsTimeIsGiven() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(SILENT);
                TestGateway gateway = gateway(
                        upstream.port(),
                        "timeout: 2500ms\n  retries: {attempts: 3, perTryTimeout: 1s, backoff: 1ms}")) {
            assertThat(answered(gateway, GET, "HTTP/1.1 504 "))
                    .isBetween(Duration.ofMillis(2400), Duration.ofMillis(3900));
            assertThat(upstream.connectionCount()).isEqualTo(3);
        }
    }

    @Test
    void aPostThatTakesTooLongIsNotRepeatedUnlessAskedFor() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(SILENT);
                TestGateway gateway = gateway(upstream.port(), "retries: {attempts: 3, perTryTimeout: 200ms}")) {
            answered(gateway, POST, "HTTP/1.1 504 ");
            assertThat(upstream.connectionCount()).isEqualTo(1);
            assertThat(gateway.firstFacts().details).isEqualTo("upstream_per_try_timeout");
        }
    }

    @Test
    void aTryThatHasBegunToAnswerIsNotTimedOut() throws Exception {
        try (RawUpstream upstream = RawUpstream.start(connection -> {
                    connection.readHead();
                    connection.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlo");
                    await().pollDelay(Duration.ofMillis(700)).until(() -> true);
                    connection.write("ng");
                });
                TestGateway gateway =
                        gateway(upstream.port(), "retries: {attempts: 3, perTryTimeout: 500ms, retryOn: 5xx}")) {
            assertThat(RawClient.exchange(gateway.port(80), GET)).endsWith("\r\n\r\nlong");
            assertThat(upstream.connectionCount()).isEqualTo(1);
        }
    }

    /// The kernel accepts what fits into the backlog; what does not is never answered.
    private static final class BlackHole implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final List<Socket> filling = new ArrayList<>();

        BlackHole() throws IOException {
            for (int i = 0; i < 8; i++) {
                Socket socket = new Socket();
                filling.add(socket);
                try {
                    socket.connect(server.getLocalSocketAddress(), 100);
                } catch (java.net.SocketTimeoutException full) {
                    return;
                }
            }
            throw new AssertionError("the backlog has no end");
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : filling) {
                socket.close();
            }
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, POST})
    void anEndpointThatCannotEvenBeConnectedIs504AtTheDeadline(String request) throws Exception {
        try (BlackHole hole = new BlackHole();
                TestGateway gateway = gateway(hole.server.getLocalPort(), "timeout: 500ms")) {
            assertThat(answered(gateway, request, "HTTP/1.1 504 ")).isBetween(Duration.ofMillis(450), SOON);
            assertThat(gateway.firstFacts().flags()).isEqualTo("UT");
            await().untilAsserted(() -> assertThat(gateway.usage())
                    .allSatisfy(usage -> assertThat(usage.waiting()).isZero()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, POST})
    void aConnectionThatTakesLongerThanATryIsTriedElsewhere(String request) throws Exception {
        try (BlackHole hole = new BlackHole();
                RawUpstream upstream = RawUpstream.ok("ok");
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("shop.internal", hole.server.getLocalPort())
                                .replace(
                                        "endpoints: [",
                                        "endpoints: [{address: 127.0.0.1, ports: {port: " + upstream.port() + "}}, ")
                        + Yaml.virtualService(
                                "shop.example",
                                "- route: [{destination: {host: shop.internal}}]\n"
                                        + "  retries: {attempts: 1, perTryTimeout: 500ms}"))) {
            for (int i = 0; i < 10; i++) {
                assertThat(answered(gateway, request, "HTTP/1.1 200 ")).isLessThan(SOON);
            }
        }
    }

    /// A gRPC service behind the gateway.
    private static final class Grpc implements AutoCloseable {
        final GrpcEcho upstream = GrpcEcho.start();
        final TestGateway gateway;
        final ManagedChannel channel;

        Grpc(String policy) {
            gateway = TestGateway.serving(Yaml.httpGateway("*").replace("protocol: HTTP}", "protocol: GRPC}")
                    + Yaml.service("shop.internal", "GRPC", upstream.port())
                    + Yaml.virtualService(
                            "shop.example", "- route: [{destination: {host: shop.internal}}]\n  " + policy));
            channel = NettyChannelBuilder.forAddress("127.0.0.1", gateway.port(80))
                    .usePlaintext()
                    .overrideAuthority("shop.example")
                    .build();
        }

        /// Sends this as `grpc-timeout`, and waits for longer itself.
        StatusRuntimeException hang(String timeout) {
            Metadata.Key<String> key = Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);
            var stating = ClientInterceptors.intercept(channel, new io.grpc.ClientInterceptor() {
                @Override
                public <Q, A> io.grpc.ClientCall<Q, A> interceptCall(
                        io.grpc.MethodDescriptor<Q, A> method, CallOptions options, io.grpc.Channel next) {
                    return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
                        @Override
                        public void start(Listener<A> listener, Metadata headers) {
                            headers.put(key, timeout);
                            super.start(listener, headers);
                        }
                    };
                }
            });
            return catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> ClientCalls.blockingUnaryCall(stating, GrpcEcho.UNARY, CallOptions.DEFAULT, "hang"));
        }

        @Override
        public void close() {
            channel.shutdownNow();
            gateway.close();
            upstream.close();
        }
    }

    @Test
    void theCallersDeadlineEndsTheCallOnBothSides() throws Exception {
        try (Grpc grpc = new Grpc("timeout: 30s")) {
            long start = System.nanoTime();
            StatusRuntimeException failure = grpc.hang("1000m");

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofMillis(900), SOON);
            assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(grpc.upstream.cancelled().await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theRoutesTimeShortensTheCallersDeadline() throws Exception {
        try (Grpc grpc = new Grpc("timeout: 1s")) {
            assertThat(grpc.hang("1H").getStatus().getCode())
                    .isIn(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED);
            assertThat(grpc.upstream.cancelled().await(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    /// Once there is a connection, `grpc-timeout` says what is left of the sooner of both.
    @ParameterizedTest
    @CsvSource({"timeout: 2s, 1H, 2000", "timeout: 30s, 1500m, 1500"})
    void theEndpointIsToldWhatIsLeftOfTheTime(String policy, String stated, long most) throws Exception {
        try (Grpc grpc = new Grpc(policy)) {
            grpc.hang(stated);

            assertThat(grpc.upstream.timeouts()).hasSize(1);
            String told = grpc.upstream.timeouts().getFirst();
            assertThat(told).endsWith("m");
            assertThat(Long.parseLong(told.substring(0, told.length() - 1))).isBetween(most / 10, most);
        }
    }
}
