package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.ClusterStatus;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Active health checks, by annotation of the ServiceEntry.
class HealthCheckTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n";
    private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood";
    private static final String BROKEN = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 3\r\n\r\nbad";

    private static String config(String check, int... ports) {
        StringBuilder endpoints = new StringBuilder();
        for (int port : ports) {
            endpoints.append("  - {address: 127.0.0.1, ports: {http: %d}}\n".formatted(port));
        }
        return Yaml.httpGateway("*")
                + """
                apiVersion: networking.istio.io/v1
                kind: ServiceEntry
                metadata:
                  name: shop
                  annotations:
                    sallyport.io/health-check: |
                      {%s, interval: 20ms, timeout: 5s, healthyThreshold: 2, unhealthyThreshold: 2}
                spec:
                  hosts: [shop.internal]
                  location: MESH_INTERNAL
                  resolution: STATIC
                  ports: [{number: 80, name: http, protocol: HTTP}]
                  endpoints:
                %s---
                """.formatted(check, endpoints)
                + Yaml.forwardAll("shop.example", "shop.internal");
    }

    private static ClusterStatus status(TestGateway gateway) {
        return gateway.dataPlane()
                .current()
                .clusters()
                .cluster(ClusterSpec.name("shop.internal", null, 80))
                .status();
    }

    private static void awaitAvailable(TestGateway gateway, boolean... expected) {
        await().untilAsserted(() -> {
            for (int i = 0; i < expected.length; i++) {
                assertThat(status(gateway).endpoints().get(i).available()).isEqualTo(expected[i]);
            }
        });
    }

    /// Answers `/health` as it is told to, and everything else with 200.
    private static RawUpstream endpoint(AtomicBoolean well) {
        return RawUpstream.start(connection -> {
            for (String request = connection.readRequest(); request != null; request = connection.readRequest()) {
                connection.write(request.startsWith("GET /health ") && !well.get() ? BROKEN : OK);
            }
        });
    }

    @Test
    void anEndpointThatFailsItsChecksIsNotUsedUntilItPassesThem() throws Exception {
        AtomicBoolean well = new AtomicBoolean(false);
        try (RawUpstream sick = endpoint(well);
                RawUpstream fit = endpoint(new AtomicBoolean(true));
                TestGateway gateway =
                        TestGateway.serving(config("type: http, path: /health", sick.port(), fit.port()))) {
            awaitAvailable(gateway, false, true);
            for (int i = 0; i < 20; i++) {
                assertThat(RawClient.exchange(gateway.port(80), GET)).endsWith("good");
            }
            assertThat(sick.received())
                    .contains("host: shop.internal", "user-agent: sallyport-health-check")
                    .doesNotContain("GET / ");
            assertThat(status(gateway).endpoints().getFirst().health().checkFailed())
                    .isTrue();
            assertThat(status(gateway).requestsTotal()).isEqualTo(20);

            well.set(true);
            awaitAvailable(gateway, true, true);
        }
    }

    @Test
    void whereAllFailThereIsNoHealthyUpstream() throws Exception {
        try (RawUpstream sick = endpoint(new AtomicBoolean(false));
                TestGateway gateway = TestGateway.serving(config("type: http, path: /health", sick.port()))) {
            awaitAvailable(gateway, false);

            assertThat(RawClient.exchange(gateway.port(80), GET))
                    .startsWith("HTTP/1.1 503 ")
                    .endsWith("no healthy upstream");
        }
    }

    @Test
    void aPortThatNobodyListensOnFailsATcpCheck() throws Exception {
        RawUpstream gone = RawUpstream.ok("x");
        gone.close();
        try (RawUpstream fit = RawUpstream.ok("good");
                TestGateway gateway = TestGateway.serving(config("type: tcp", gone.port(), fit.port()))) {
            awaitAvailable(gateway, false, true);
        }
    }

    @Test
    void theChecksCanGoToAnotherPort() throws Exception {
        try (RawUpstream sick = endpoint(new AtomicBoolean(false));
                RawUpstream fit = RawUpstream.ok("good");
                TestGateway gateway =
                        TestGateway.serving(config("type: http, path: /health, port: " + sick.port(), fit.port()))) {
            awaitAvailable(gateway, false);
            assertThat(fit.connectionCount()).isZero();
        }
    }

    @Test
    void aGrpcServiceIsAskedByItsHealthProtocol() throws Exception {
        AtomicReference<byte[]> answer = new AtomicReference<>(new byte[] {8, 2});
        AtomicReference<byte[]> asked = new AtomicReference<>();
        Server server = health(answer, asked);
        try (TestGateway gateway = TestGateway.serving(config("type: grpc, service: shop.v1.Shop", server.getPort()))) {
            awaitAvailable(gateway, false);
            assertThat(asked.get()).startsWith(10, 12).endsWith("shop.v1.Shop".getBytes("US-ASCII"));

            answer.set(new byte[] {8, 1});
            awaitAvailable(gateway, true);
        } finally {
            server.shutdownNow();
        }
    }

    /// `grpc.health.v1.Health` whose messages are bytes: field 1 is 1 for SERVING, 2 for NOT_SERVING.
    private static Server health(AtomicReference<byte[]> answer, AtomicReference<byte[]> asked) throws IOException {
        io.grpc.MethodDescriptor<byte[], byte[]> check = io.grpc.MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("grpc.health.v1.Health/Check")
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(io.grpc.ServerServiceDefinition.builder("grpc.health.v1.Health")
                        .addMethod(check, ServerCalls.asyncUnaryCall((question, observer) -> {
                            asked.set(question);
                            observer.onNext(answer.get());
                            observer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
    }

    private static final class Bytes implements io.grpc.MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}
