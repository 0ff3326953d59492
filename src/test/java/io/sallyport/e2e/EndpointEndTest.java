package io.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.egress.EgressMode;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// An endpoint that ends its side of the connection before it has come to serve fails at once, whatever it would have
/// carried: the connect timeout of these tests is longer than their clients' patience.
@Timeout(120)
class EndpointEndTest {
    /// How far the endpoint comes.
    private enum End {
        AT_ONCE {
            @Override
            void send(RawUpstream.Connection connection) {
                // Nothing.
            }
        },
        AFTER_CLIENT_HELLO {
            @Override
            void send(RawUpstream.Connection connection) throws IOException {
                readHello(connection);
            }
        },
        WITHIN_SERVER_HELLO {
            @Override
            void send(RawUpstream.Connection connection) throws IOException {
                readHello(connection);
                connection.write(new byte[] {22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3});
            }
        };

        abstract void send(RawUpstream.Connection connection) throws IOException;

        private static void readHello(RawUpstream.Connection connection) throws IOException {
            for (int i = 0; i < 3; i++) {
                connection.read();
            }
            int length = connection.read() << 8 | connection.read();
            for (int i = 0; i < length; i++) {
                connection.read();
            }
        }
    }

    /// Reads on until the gateway has closed its side as well, so that no reset says what the end has to say.
    private static RawUpstream endpoint(End end) {
        return RawUpstream.start(connection -> {
            end.send(connection);
            connection.shutdownOutput();
            while (connection.read() >= 0) {
                // Whatever it is.
            }
        });
    }

    private static final String PATIENT = """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: up}
            spec:
              host: up.internal
              trafficPolicy:
                connectionPool: {tcp: {connectTimeout: 60s}}
                %s
            ---
            """;
    private static final String TLS = PATIENT.formatted("tls: {mode: SIMPLE, insecureSkipVerify: true}");
    private static final String TUNNEL =
            PATIENT.formatted("tunnel: {protocol: CONNECT, targetHost: db.example.com, targetPort: 5432}");

    private static String bytes(int port, String policy) {
        return Yaml.forwardBytes("up.internal") + Yaml.service("up.internal", "TCP", port) + policy;
    }

    private static void assertFailed(TestGateway gateway) {
        assertThat(gateway.firstFacts().flag).isEqualTo(ResponseFlag.UF);
    }

    private static Stream<Object[]> everyRequest() {
        return Arrays.stream(End.values())
                .flatMap(end -> Stream.of("HTTP", "HTTP2").map(protocol -> new Object[] {end, protocol}));
    }

    @ParameterizedTest
    @MethodSource("everyRequest")
    void requestsAreAnswered(End end, String protocol) throws Exception {
        try (RawUpstream endpoint = endpoint(end);
                TestGateway gateway = TestGateway.serving(Yaml.httpGateway("*")
                        + Yaml.service("up.internal", protocol, endpoint.port())
                        + TLS
                        + Yaml.virtualService("a.example", """
                                - route: [{destination: {host: up.internal, port: {number: 80}}}]
                                  retries: {attempts: 0}
                                """));
                RawClient client = new RawClient(gateway.port(80))) {
            assertThat(client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n").readResponse())
                    .startsWith("HTTP/1.1 503 ");
            assertFailed(gateway);
        }
    }

    @ParameterizedTest
    @EnumSource
    void byteStreamsAreClosed(End end) throws Exception {
        try (RawUpstream endpoint = endpoint(end);
                TestGateway gateway = TestGateway.serving(bytes(endpoint.port(), TLS));
                RawClient client = new RawClient(gateway.port(9000))) {
            assertThat(client.send("ping").readToEnd()).isEmpty();
            assertFailed(gateway);
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectIsAnswered(End end) throws Exception {
        try (RawUpstream endpoint = endpoint(end);
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .start(Yaml.service("up.internal", "TCP", endpoint.port()) + TLS);
                RawClient client = new RawClient(gateway.port(TestGateway.MESH_PORT))) {
            client.send("CONNECT up.internal:80 HTTP/1.1\r\nHost: up.internal:80\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 503 ");
            assertFailed(gateway);
        }
    }

    /// An upstream proxy that is asked for a tunnel, and has no handshake of its own.
    @ParameterizedTest
    @EnumSource(names = "AT_ONCE")
    void aProxyThatEndsBeforeItsAnswerClosesTheByteStream(End end) throws Exception {
        try (RawUpstream endpoint = endpoint(end);
                TestGateway gateway = TestGateway.serving(bytes(endpoint.port(), TUNNEL));
                RawClient client = new RawClient(gateway.port(9000))) {
            assertThat(client.send("ping").readToEnd()).isEmpty();
            assertFailed(gateway);
        }
    }
}
