package io.sallyport.e2e.hostile.egress;

import static io.sallyport.testing.TestGateway.MESH_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import io.sallyport.testing.TestDns;
import io.sallyport.testing.TestGateway;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The gateway as its own destination: a request that comes back in would go round for ever.
class OwnPortTest {
    @RegisterExtension
    final LogWatch log = new LogWatch();

    /// This machine's address that others know it by; the loopback where it has none.
    private static String ownAddress() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst()
                .orElse("127.0.0.1");
    }

    private static final String NAME = "sallyport.istio-system.svc.cluster.local";

    @Test
    void aMeshServiceThatIsTheMeshListenerItself() throws Exception {
        try (TestDns dns = new TestDns();
                TestGateway gateway = TestGateway.builder()
                        .mesh(EgressMode.REGISTRY_ONLY)
                        .dns(dns)
                        .allowedCidrs("127.0.0.0/8", ownAddress())
                        .start(Fortress.listed("api.example.com", 1))) {
            for (String address : List.of(ownAddress(), "127.0.0.1", "127.0.0.9")) {
                dns.addresses(NAME, 1, address);
                int port = gateway.port(MESH_PORT);
                String authority = NAME + ":" + port;
                for (Way way : List.of(Way.ABSOLUTE_FORM, Way.ORIGIN_FORM, Way.CONNECT, Way.HTTP2)) {
                    int before = gateway.facts().size();
                    assertThat(way.ask(gateway, authority))
                            .as("%s %s", way, address)
                            .contains("403");
                    await().until(() -> gateway.facts().size() > before);
                    assertThat(gateway.facts()).hasSize(before + 1);
                }
            }
        }
    }

    /// An address of the list, and every address where everything may leave.
    @Test
    void theMeshListenerByItsAddress() throws Exception {
        for (EgressMode mode : EgressMode.values()) {
            try (TestGateway gateway = TestGateway.builder()
                    .mesh(mode)
                    .allowedCidrs("127.0.0.0/8", "::1", ownAddress())
                    .start(Fortress.listed("api.example.com", 1))) {
                for (String host : List.of(ownAddress(), "127.0.0.1", "127.0.0.2", "[::1]", "[::ffff:127.0.0.1]")) {
                    for (Way way : List.of(Way.ABSOLUTE_FORM, Way.CONNECT, Way.HTTP2)) {
                        int before = gateway.facts().size();
                        assertThat(way.ask(gateway, host + ":" + gateway.port(MESH_PORT)))
                                .contains("403");
                        await().until(() -> gateway.facts().size() > before);
                        assertThat(gateway.facts()).hasSize(before + 1);
                    }
                }
            }
        }
    }
}
