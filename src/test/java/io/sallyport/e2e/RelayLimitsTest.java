package io.sallyport.e2e;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.ClusterSpec;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import io.sallyport.testing.Yaml;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A DestinationRule's TCP settings, on a Gateway's TCP port and through CONNECT.
class RelayLimitsTest {
    private static final String HOST = "db.example.com";

    private static TestGateway gateway(int upstreamPort, String tcp) {
        return TestGateway.builder()
                .mesh(EgressMode.REGISTRY_ONLY)
                .start(Yaml.relay(HOST, 5432, upstreamPort) + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: db}
                spec:
                  host: db.example.com
                  trafficPolicy: {connectionPool: {tcp: %s}}
                """.formatted(tcp));
    }

    private static RawUpstream echo() {
        return RawUpstream.start(connection -> {
            for (int b = connection.read(); b >= 0; b = connection.read()) {
                connection.write(new byte[] {(byte) b});
            }
        });
    }

    private static RawClient connect(TestGateway gateway) throws IOException {
        return new RawClient(gateway.port(MESH_PORT))
                .send("CONNECT %1$s:5432 HTTP/1.1\r\nHost: %1$s:5432\r\n\r\n".formatted(HOST));
    }

    private static int openConnections(TestGateway gateway) {
        return gateway.dataPlane()
                .current()
                .clusters()
                .cluster(ClusterSpec.name(HOST, null, 5432))
                .status()
                .circuit()
                .connections()
                .used();
    }

    @Test
    void aConnectionBeyondTheLimitIsClosedAndATunnelIs503Uo() throws Exception {
        try (RawUpstream db = echo();
                TestGateway gateway = gateway(db.port(), "{maxConnections: 1}")) {
            try (RawClient first = new RawClient(gateway.port(9000))) {
                first.send("one");
                assertThat(first.readBytes(3)).isEqualTo("one");
                try (RawClient second = new RawClient(gateway.port(9000));
                        RawClient third = connect(gateway)) {
                    assertThat(second.readToEnd()).isEmpty();
                    assertThat(third.readToEnd()).startsWith("HTTP/1.1 503 ").contains("x-envoy-overloaded: true");
                }
                await().untilAsserted(() -> assertThat(gateway.facts())
                        .extracting(facts -> String.valueOf(facts.flag))
                        .containsExactly("UO", "UO"));
            }
            await().until(() -> openConnections(gateway) == 0);
            try (RawClient tunnel = connect(gateway)) {
                assertThat(tunnel.readHead()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void aRelayThatCarriesNothingIsClosedAfterTheClustersIdleTime() throws Exception {
        try (RawUpstream db = echo();
                TestGateway gateway = gateway(db.port(), "{idleTimeout: 100ms}");
                RawClient client = new RawClient(gateway.port(9000));
                RawClient tunnel = connect(gateway)) {
            client.send("one");
            assertThat(client.readToEnd()).isEqualTo("one");
            assertThat(tunnel.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(tunnel.readToEnd()).isEmpty();
            await().untilAsserted(() -> assertThat(gateway.facts())
                    .extracting(facts -> facts.details)
                    .containsExactlyInAnyOrder("tcp_idle_timeout", "tunnel_idle_timeout"));
        }
    }

    @Test
    void aRelayEndsAtItsLongestDuration() throws Exception {
        try (RawUpstream db = echo();
                TestGateway gateway = gateway(db.port(), "{maxConnectionDuration: 100ms, idleTimeout: 0s}");
                RawClient client = new RawClient(gateway.port(9000));
                RawClient tunnel = connect(gateway)) {
            client.send("one");
            assertThat(client.readToEnd()).isEqualTo("one");
            assertThat(tunnel.readHead()).startsWith("HTTP/1.1 200 ");
            assertThat(tunnel.readToEnd()).isEmpty();
            await().until(() -> db.openConnections() == 0 && openConnections(gateway) == 0);
        }
    }

    /// Bytes that wait for an endpoint that does not read do not prolong it.
    @Test
    void aRelayEndsAtItsLongestDurationThoughItsEndpointDoesNotRead() throws Exception {
        Semaphore end = new Semaphore(0);
        try (RawUpstream db = RawUpstream.start(_ -> end.acquireUninterruptibly());
                TestGateway gateway = gateway(db.port(), "{maxConnectionDuration: 1s, idleTimeout: 0s}");
                RawClient client = new RawClient(gateway.port(9000))) {
            byte[] much = new byte[1 << 20];
            assertThatThrownBy(() -> {
                        while (true) {
                            client.send(much);
                        }
                    })
                    .isInstanceOf(IOException.class);
            await().until(() -> openConnections(gateway) == 0);
            end.release();
        }
    }

    /// Its FIN was read, and its system answers what still arrives with a reset, of which nothing is to be read.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatIsGoneLeavesNoRelayToASilentService(boolean tunnel) throws Exception {
        Semaphore gone = new Semaphore(0);
        Semaphore end = new Semaphore(0);
        RawUpstream.Script silent = connection -> {
            connection.readBytes(3);
            connection.write("one");
            gone.acquireUninterruptibly();
            connection.write("more");
            end.acquireUninterruptibly();
        };
        try (RawUpstream db = RawUpstream.start(silent);
                TestGateway gateway = gateway(db.port(), "{idleTimeout: 0s}")) {
            try (RawClient client = tunnel ? connect(gateway) : new RawClient(gateway.port(9000))) {
                if (tunnel) {
                    client.readHead();
                }
                client.send("one");
                assertThat(client.readBytes(3)).isEqualTo("one");
            }
            gone.release();
            await().atMost(Duration.ofSeconds(20)).until(() -> openConnections(gateway) == 0);
            end.release();
        }
    }
}
