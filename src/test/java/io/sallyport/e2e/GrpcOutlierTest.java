package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.sallyport.cluster.ClusterSpec;
import io.sallyport.cluster.ClusterStatus;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// gRPC's failures come with the status 200: their own status tells whether an endpoint is an outlier.
class GrpcOutlierTest {
    private static final String ANY_ERROR = "consecutive5xxErrors: 2";
    private static final String GATEWAY_ERRORS = "consecutive5xxErrors: 0, consecutiveGatewayErrors: 2";

    private final GrpcEcho upstream = GrpcEcho.start();

    @AfterEach
    void close() {
        upstream.close();
    }

    private TestGateway gateway(String thresholds) {
        return TestGateway.serving(Yaml.httpGateway("*").replace("protocol: HTTP", "protocol: GRPC")
                + Yaml.service("echo.internal", "GRPC", upstream.port())
                + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: echo}
                spec:
                  host: echo.internal
                  trafficPolicy: {outlierDetection: {maxEjectionPercent: 100, %s}}
                ---
                """.formatted(thresholds)
                + Yaml.virtualService(
                        "grpc.example", "- route: [{destination: {host: echo.internal}}]\n  retries: {attempts: 0}"));
    }

    /// @return endpoints that are ejected after the request was sent three times, or until one is
    private static int ejected(TestGateway gateway, String request) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", gateway.port(80))
                .overrideAuthority("grpc.example")
                .usePlaintext()
                .build();
        try {
            for (int i = 1; i <= 3 && status(gateway).outliers().ejected() == 0; i++) {
                StatusRuntimeException failure = catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, CallOptions.DEFAULT, request));
                assertThat(failure.getStatus().getCode()).isNotEqualTo(Status.Code.OK);
                int ended = i;
                await().until(() -> gateway.facts().size() == ended);
            }
            return status(gateway).outliers().ejected();
        } finally {
            channel.shutdownNow();
        }
    }

    private static ClusterStatus status(TestGateway gateway) {
        return gateway.dataPlane()
                .current()
                .clusters()
                .cluster(ClusterSpec.name("echo.internal", null, 80))
                .status();
    }

    /// UNKNOWN, INTERNAL, UNAVAILABLE; without and with a message before.
    @ParameterizedTest
    @ValueSource(strings = {"status 2", "status 13", "status 14", "late 13", "late 14"})
    void whatIsTheServersFaultEjects(String request) {
        try (TestGateway gateway = gateway(ANY_ERROR)) {
            assertThat(ejected(gateway, request)).isOne();
            assertThat(gateway.facts()).hasSize(2);
        }
    }

    /// INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, UNAUTHENTICATED.
    @ParameterizedTest
    @ValueSource(strings = {"status 3", "status 5", "status 8", "late 16"})
    void whatIsNotDoesNot(String request) {
        try (TestGateway gateway = gateway(ANY_ERROR)) {
            assertThat(ejected(gateway, request)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status 14", "late 4"})
    void unavailableAndLateAreGatewayErrors(String request) {
        try (TestGateway gateway = gateway(GATEWAY_ERRORS)) {
            assertThat(ejected(gateway, request)).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status 13", "late 2"})
    void othersAreNot(String request) {
        try (TestGateway gateway = gateway(GATEWAY_ERRORS)) {
            assertThat(ejected(gateway, request)).isZero();
        }
    }
}
