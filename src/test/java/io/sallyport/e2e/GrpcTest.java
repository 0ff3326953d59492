package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.Issued;
import io.sallyport.testing.TestCertificates;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import io.sallyport.upstream.PoolUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// gRPC's own client and server, with the gateway between them: TLS or plain HTTP/2 outside, plain HTTP/2 inside.
class GrpcTest {
    private enum Edge {
        TLS,
        PRIOR_KNOWLEDGE
    }

    private static final int PATIENCE_SECONDS = 20;

    private final TestCertificates authority = TestCertificates.authority("test root");
    private final Issued certificate =
            authority.leaf("edge").dns("grpc.example").issue();
    private final GrpcEcho upstream = GrpcEcho.start();
    private final TestGateway gateway = TestGateway.builder()
            .secret("edge", certificate)
            .start(TlsForwardingTest.gateway(TlsForwardingTest.tlsServer("grpc.example", "edge", 443) + """
                      - port: {number: 8080, name: grpc, protocol: GRPC}
                        hosts: ["grpc.example"]
                    """)
                    + Yaml.service("echo.internal", "GRPC", upstream.port())
                    + Yaml.forwardAll("grpc.example", "echo.internal"));
    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        gateway.close();
        upstream.close();
    }

    private Channel channel(Edge edge) throws SSLException {
        int port = gateway.port(edge == Edge.TLS ? 443 : 8080);
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .overrideAuthority("grpc.example")
                .maxInboundMessageSize(16 << 20);
        ManagedChannel channel = edge == Edge.TLS
                ? builder.sslContext(GrpcSslContexts.forClient()
                                .trustManager(authority.certificate())
                                .build())
                        .build()
                : builder.usePlaintext().build();
        channels.add(channel);
        return channel;
    }

    private void awaitNothingInUse() {
        await().untilAsserted(() -> assertThat(gateway.usage()).allMatch(PoolUsage::isQuiet));
    }

    @ParameterizedTest
    @EnumSource(Edge.class)
    void aUnaryCallCarriesMetadataBothWays(Edge edge) throws Exception {
        Metadata sent = new Metadata();
        sent.put(GrpcEcho.BINARY, new byte[] {0, 1, (byte) 0xff});
        AtomicReference<Metadata> headers = new AtomicReference<>();
        AtomicReference<Metadata> trailers = new AtomicReference<>();
        Channel channel = ClientInterceptors.intercept(
                channel(edge),
                MetadataUtils.newAttachHeadersInterceptor(sent),
                MetadataUtils.newCaptureMetadataInterceptor(headers, trailers));

        assertThat(ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, "hello"))
                .isEqualTo("hello");

        assertThat(headers.get().get(GrpcEcho.SEEN_AUTHORITY)).isEqualTo("grpc.example");
        assertThat(headers.get().get(GrpcEcho.BINARY)).containsExactly(0, 1, 0xff);
        assertThat(trailers.get().get(GrpcEcho.TRAILER)).isEqualTo("of the success");
        assertThat(gateway.firstFacts().status).isEqualTo(200);
        awaitNothingInUse();
        assertThat(gateway.facts()).hasSize(1);
        gateway.assumeSeen("the status of gRPC, which the access log does not have");
        assertThat(gateway.firstFacts().grpcStatus).hasToString("0");
    }

    @ParameterizedTest
    @EnumSource(Edge.class)
    void theServerStreamsManyMessages(Edge edge) throws Exception {
        List<String> received = new ArrayList<>();
        ClientCalls.blockingServerStreamingCall(channel(edge), GrpcEcho.SERVER_STREAM, CallOptions.DEFAULT, "5000")
                .forEachRemaining(received::add);

        assertThat(received).hasSize(5000).startsWith("message 1").endsWith("message 5000");
        awaitNothingInUse();
    }

    @ParameterizedTest
    @EnumSource(Edge.class)
    void theClientStreamsMoreThanAnyWindow(Edge edge) throws Exception {
        Answers answers = new Answers();
        StreamObserver<String> requests = ClientCalls.asyncClientStreamingCall(
                channel(edge).newCall(GrpcEcho.CLIENT_STREAM, CallOptions.DEFAULT), answers);
        String part = "0123456789abcdef".repeat(1024);
        for (int i = 0; i < 256; i++) {
            requests.onNext(part);
        }
        requests.onCompleted();

        assertThat(answers.next()).isEqualTo(part.repeat(256));
        assertThat(answers.next()).isEqualTo(Status.Code.OK);
        awaitNothingInUse();
    }

    /// Each message is sent only when the answer to the one before is there: nothing may wait for an end.
    @ParameterizedTest
    @EnumSource(Edge.class)
    void bothSidesTakeTurns(Edge edge) throws Exception {
        Answers answers = new Answers();
        StreamObserver<String> requests = ClientCalls.asyncBidiStreamingCall(
                channel(edge).newCall(GrpcEcho.BOTH_WAYS, CallOptions.DEFAULT), answers);
        for (int i = 0; i < 100; i++) {
            requests.onNext("message " + i);
            assertThat(answers.next()).isEqualTo("re: message " + i);
        }
        requests.onCompleted();

        assertThat(answers.next()).isEqualTo(Status.Code.OK);
        awaitNothingInUse();
    }

    @ParameterizedTest
    @EnumSource(Edge.class)
    void aFailureKeepsItsStatusItsTextAndItsTrailers(Edge edge) throws Exception {
        Channel channel = channel(edge);

        StatusRuntimeException failure = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, "fail"));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(failure.getStatus().getDescription()).isEqualTo("no more, 100% über");
        assertThat(failure.getTrailers().get(GrpcEcho.TRAILER)).isEqualTo("of the failure");
        gateway.assumeSeen("the status of gRPC, which the access log does not have");
        assertThat(gateway.firstFacts().grpcStatus).hasToString("8");
    }

    @ParameterizedTest
    @EnumSource(Edge.class)
    void aCallThatIsGivenUpIsGivenUpUpstreamToo(Edge edge) throws Exception {
        Channel channel = channel(edge);
        // The first handshakes of a process may take longer than the call that is given up.
        assertThat(ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, "connected"))
                .isEqualTo("connected");

        StatusRuntimeException failure = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        channel,
                        GrpcEcho.UNARY,
                        CallOptions.DEFAULT.withDeadlineAfter(700, TimeUnit.MILLISECONDS),
                        "hang"));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(upstream.cancelled().await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .isTrue();
        awaitNothingInUse();
        assertThat(ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, "still there"))
                .isEqualTo("still there");
    }

    @Test
    void manyCallsShareTheConnections() throws Exception {
        Channel channel = channel(Edge.TLS);
        List<Answers> all = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            Answers answers = new Answers();
            all.add(answers);
            ClientCalls.asyncUnaryCall(channel.newCall(GrpcEcho.UNARY, CallOptions.DEFAULT), "call " + i, answers);
        }
        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).next()).isEqualTo("call " + i);
        }
        assertThat(gateway.usage()).singleElement().satisfies(usage -> assertThat(usage.idle() + usage.active())
                .isEqualTo(1));
    }

    /// RFC 9113 says nothing of gRPC, its own protocol does: a gateway's refusal comes as a status in a header.
    @Test
    void aRefusalOfTheGatewayIsAStatusThatTheClientUnderstands() throws Exception {
        upstream.close();
        Channel channel = channel(Edge.TLS);

        StatusRuntimeException failure = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, "hello"));

        assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    /// Messages as they come, then the code of the status.
    private static final class Answers implements StreamObserver<String> {
        private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();

        @Override
        public void onNext(String message) {
            received.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            received.add(Status.fromThrowable(failure).getCode());
        }

        @Override
        public void onCompleted() {
            received.add(Status.Code.OK);
        }

        Object next() throws InterruptedException {
            return received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
