package io.sallyport.e2e.hostile.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.Cluster;
import io.sallyport.e2e.hostile.LogWatch;
import io.sallyport.egress.EgressMode;
import io.sallyport.egress.EgressUsage;
import io.sallyport.testing.RawClient;
import io.sallyport.testing.TestGateway;
import java.io.IOException;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A client that makes up names: what is kept of them is bounded, whether they are denied or let out.
class NameFloodTest {
    private static final int NAMES = 1_200;
    private static final int MOST_DENIED = 200;
    /// Hosts that a cluster of no host in particular keeps.
    private static final int MOST_HOSTS = 1_024;

    @RegisterExtension
    final LogWatch log = new LogWatch();

    private static void ask(TestGateway gateway, String status) throws IOException {
        try (RawClient client = new RawClient(gateway.port(TestGateway.MESH_PORT))) {
            for (int i = 0; i < NAMES; i++) {
                String host = "host-" + i + ".example";
                client.send("GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
                assertThat(client.readResponse()).startsWith("HTTP/1.1 " + status);
            }
        }
    }

    @Test
    void deniedNamesAreCountedTogetherWhenTheyAreTooMany() throws Exception {
        try (Fortress fortress = new Fortress(EgressMode.REGISTRY_ONLY)) {
            ask(fortress.gateway, "403 ");
            EgressUsage usage = new EgressUsage(Clock.systemUTC(), MOST_DENIED);
            fortress.gateway.facts().forEach(usage::onRequestEnd);
            assertThat(usage.denied()).hasSizeLessThanOrEqualTo(MOST_DENIED + 1);
            assertThat(fortress.dns.questions()).isEmpty();
        }
    }

    @Test
    void namesThatAreLetOutAreForgotten() throws Exception {
        try (Fortress fortress = new Fortress(EgressMode.ALLOW_ANY)) {
            ask(fortress.gateway, "503 ");
            for (Cluster cluster :
                    fortress.gateway.dataPlane().current().clusters().clusters()) {
                assertThat(cluster.status().endpoints()).hasSizeLessThanOrEqualTo(MOST_HOSTS);
                assertThat(cluster.status().requestsActive()).isZero();
            }
            fortress.isServing();
        }
    }
}
