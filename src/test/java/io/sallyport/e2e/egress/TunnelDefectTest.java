package io.sallyport.e2e.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.discovery.MeshEndpoint;
import io.sallyport.discovery.MeshPod;
import io.sallyport.discovery.MeshServices;
import io.sallyport.discovery.ServiceCatalog;
import io.sallyport.discovery.ServiceName;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.RawUpstream;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A defect met while a tunnel's way is decided ends that tunnel, visibly, and no other.
class TunnelDefectTest {
    private static final String ROUTED = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: any
            spec:
              hosts: [any.example.com]
              http:
              - route:
                - destination: {host: any.example.com}
            """;

    private final AtomicBoolean defective = new AtomicBoolean(true);
    private RawUpstream endpoint;
    private TestGateway gateway;

    /// The client's workload is looked up where the route of a tunnel is decided.
    private final ServiceCatalog catalog = new ServiceCatalog() {
        @Override
        public MeshServices services() {
            return MeshServices.UNKNOWN;
        }

        @Override
        public MeshPod pod(InetAddress address) {
            if (defective.get()) {
                throw new IllegalStateException("defect of the test");
            }
            return null;
        }

        @Override
        public Watch watch(ServiceName service, int port, Consumer<List<MeshEndpoint>> listener) {
            return () -> {};
        }
    };

    @BeforeEach
    void start() {
        endpoint = RawUpstream.start(connection -> {
            for (int b = connection.read(); b >= 0; b = connection.read()) {
                connection.write(new byte[] {(byte) b});
            }
        });
        gateway = TestGateway.builder()
                .mesh(EgressMode.REGISTRY_ONLY)
                .catalog(catalog)
                .start(Listed.host("db.example.com", 5432, "TCP", endpoint.port())
                        + Listed.host("any.example.com", 9000, "\"\"", endpoint.port())
                        + ROUTED);
    }

    @AfterEach
    void close() {
        // On the built program it does not start.
        if (gateway != null) {
            gateway.close();
        }
        endpoint.close();
    }

    private RawClient connect(String authority) throws IOException {
        return new RawClient(gateway.port(MESH_PORT))
                .send("CONNECT %1$s HTTP/1.1\r\nHost: %1$s\r\n\r\n".formatted(authority));
    }

    @Test
    void beforeTheAnswerItIs500AndTheNextTunnelOpens() throws Exception {
        try (RawClient client = connect("db.example.com:5432")) {
            assertThat(client.readToEnd()).startsWith("HTTP/1.1 500 ");
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(1));
            assertThat(gateway.firstFacts().details).isEqualTo("internal_error");
        }
        assertAnotherTunnelOpens();
    }

    @Test
    void afterTheAnswerTheTunnelIsResetAndTheNextOpens() throws Exception {
        try (RawClient client = connect("any.example.com:9000")) {
            assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
            client.send("\0\0\0\0");
            assertThatThrownBy(() -> client.socket().getInputStream().read()).isInstanceOf(SocketException.class);
            await().untilAsserted(() -> assertThat(gateway.facts()).hasSize(1));
            assertThat(gateway.firstFacts().details).isEqualTo("internal_error");
            assertThat(gateway.firstFacts().bytesReceived).isEqualTo(4);
        }
        assertAnotherTunnelOpens();
    }

    private void assertAnotherTunnelOpens() throws IOException {
        defective.set(false);
        try (RawClient next = connect("db.example.com:5432")) {
            assertThat(next.readHead()).startsWith("HTTP/1.1 200 ");
            next.send("select 1");
            assertThat(next.readBytes(8)).isEqualTo("select 1");
        }
    }
}
