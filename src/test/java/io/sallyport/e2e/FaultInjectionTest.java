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
import io.sallyport.outcome.RequestFacts;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.GrpcEcho;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaultInjectionTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n";

    private static final String GRPC_GATEWAY = """
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec:
              servers:
              - port: {number: 8080, name: grpc, protocol: GRPC}
                hosts: ["*"]
            ---
            """;

    private final RawUpstream upstream = RawUpstream.ok("hello");

    @AfterEach
    void close() {
        upstream.close();
    }

    /// A route to the upstream with these fields besides.
    private TestGateway serving(String... fields) {
        return TestGateway.serving(Yaml.httpGateway("*")
                + Yaml.service("shop.internal", upstream.port())
                + Yaml.virtualService("shop.example", route("shop.internal", fields)));
    }

    private static String route(String service, String... fields) {
        return "- route: [{destination: {host: %s, port: {number: 80}}}]\n  ".formatted(service)
                + String.join("\n  ", fields);
    }

    private static String get(TestGateway gateway) throws Exception {
        return RawClient.exchange(
                gateway.port(80), "GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
    }

    private static Duration lasted(RequestFacts facts) {
        return Duration.ofNanos(facts.durationNanos);
    }

    @Test
    void anAbortedRequestIsAnsweredAndNotSentUpstream() throws Exception {
        try (TestGateway gateway = serving("fault: {abort: {httpStatus: 418, percentage: {value: 100}}}")) {
            assertThat(get(gateway))
                    .startsWith("HTTP/1.1 418 ")
                    .contains("\r\ncontent-type: text/plain\r\n")
                    .endsWith("\r\n\r\nfault filter abort");

            assertThat(upstream.connectionCount()).isZero();
            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.flag).isEqualTo(ResponseFlag.FI);
            assertThat(facts.details).isEqualTo("fault_filter_abort");
            assertThat(facts.status).isEqualTo(418);
        }
    }

    /// Istio's default: a fault without a percentage, and one with an empty percentage, hits nobody.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{abort: {httpStatus: 503}}",
                "{abort: {httpStatus: 503, percentage: {}}}",
                "{abort: {httpStatus: 503, percentage: {value: 0}}, delay: {fixedDelay: 30s}}",
            })
    void aFaultWithoutAPercentageHitsNobody(String fault) throws Exception {
        try (TestGateway gateway = serving("fault: " + fault)) {
            for (int i = 0; i < 20; i++) {
                assertThat(get(gateway)).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void aShareOfTheRequestsIsAborted() throws Exception {
        int requests = 4000;
        int aborted = 0;
        try (TestGateway gateway = serving("fault: {abort: {httpStatus: 503, percentage: {value: 12.5}}}");
                RawClient client = new RawClient(gateway.port(80))) {
            for (int i = 0; i < requests; i++) {
                aborted += client.send(GET).readResponse().startsWith("HTTP/1.1 503 ") ? 1 : 0;
            }
        }

        // 500 expected, standard deviation 21.
        assertThat(aborted).isBetween(390, 610);
    }

    @Test
    void aDelayedRequestGoesOnLaterWithItsWholeBody() throws Exception {
        String body = "x".repeat(200_000);
        try (TestGateway gateway = serving("fault: {delay: {fixedDelay: 0.3s, percentage: {value: 100}}}");
                RawClient client = new RawClient(gateway.port(80))) {
            String response = client.send(
                            "POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 200000\r\n\r\n" + body)
                    .readResponse();

            assertThat(response).startsWith("HTTP/1.1 200 ").endsWith("hello");
            assertThat(upstream.received()).endsWith("\r\n\r\n" + body);
            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.flags()).isEqualTo("DI");
            assertThat(lasted(facts)).isBetween(Duration.ofMillis(300), Duration.ofSeconds(3));
        }
    }

    @Test
    void theOldPercentOfADelayHolds() throws Exception {
        try (TestGateway gateway = serving("fault: {delay: {fixedDelay: 0.1s, percent: 100}}")) {
            assertThat(get(gateway)).startsWith("HTTP/1.1 200 ");
            assertThat(gateway.firstFacts().flags()).isEqualTo("DI");
        }
    }

    @Test
    void anAbortComesAfterTheDelay() throws Exception {
        try (TestGateway gateway = serving("fault: {delay: {fixedDelay: 0.2s, percentage: {value: 100}},"
                + " abort: {httpStatus: 503, percentage: {value: 100}}}")) {
            assertThat(get(gateway)).startsWith("HTTP/1.1 503 ").endsWith("fault filter abort");

            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.flags()).isEqualTo("DI,FI");
            assertThat(lasted(facts)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    @Test
    void aDelayEndsWithTheClient() throws Exception {
        try (TestGateway gateway = serving("fault: {delay: {fixedDelay: 60s, percentage: {value: 100}}}")) {
            try (RawClient client = new RawClient(gateway.port(80))) {
                client.send(GET);
                client.endOutput();
            }
            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.flag).isEqualTo(ResponseFlag.DC);
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    @Test
    void aDelayEndsWithTheRoutesTimeout() throws Exception {
        try (TestGateway gateway =
                serving("timeout: 0.3s", "fault: {delay: {fixedDelay: 60s, percentage: {value: 100}}}")) {
            assertThat(get(gateway)).startsWith("HTTP/1.1 504 ");

            RequestFacts facts = gateway.firstFacts();
            assertThat(facts.flag).isEqualTo(ResponseFlag.UT);
            assertThat(lasted(facts)).isBetween(Duration.ofMillis(300), Duration.ofSeconds(3));
            assertThat(upstream.connectionCount()).isZero();
        }
    }

    @Test
    void requestsOfOneConnectionKeepTheirOrderThroughDelays() throws Exception {
        try (TestGateway gateway = serving("fault: {delay: {fixedDelay: 0.05s, percentage: {value: 50}}}");
                RawClient client = new RawClient(gateway.port(80))) {
            client.send(GET.repeat(20));
            for (int i = 0; i < 20; i++) {
                assertThat(client.readResponse()).endsWith("hello");
            }
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(20));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "grpcStatus: UNAVAILABLE, UNAVAILABLE",
        "grpcStatus: DATA_LOSS, DATA_LOSS",
        "httpStatus: 403, PERMISSION_DENIED"
    })
    void aGrpcClientGetsAStatusOfGrpc(String abort, Status.Code expected) {
        try (GrpcEcho echo = GrpcEcho.start();
                TestGateway gateway = TestGateway.serving(GRPC_GATEWAY
                        + Yaml.service("echo.internal", "GRPC", echo.port())
                        + Yaml.virtualService(
                                "grpc.example",
                                route(
                                        "echo.internal",
                                        "fault: {abort: {%s, percentage: {value: 100}}}".formatted(abort))))) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", gateway.port(8080))
                    .overrideAuthority("grpc.example")
                    .usePlaintext()
                    .build();
            try {
                StatusRuntimeException failure = catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> ClientCalls.blockingUnaryCall(
                                channel,
                                GrpcEcho.UNARY,
                                CallOptions.DEFAULT.withDeadlineAfter(15, TimeUnit.SECONDS),
                                "hello"));

                assertThat(failure.getStatus().getCode()).isEqualTo(expected);
                assertThat(failure.getStatus().getDescription()).isEqualTo("fault filter abort");
                assertThat(List.of(gateway.firstFacts()))
                        .allSatisfy(facts -> assertThat(facts.flag).isEqualTo(ResponseFlag.FI));
            } finally {
                channel.shutdownNow();
            }
        }
    }
}
