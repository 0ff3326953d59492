package io.sallyport.cluster;

import io.sallyport.testing.TestDns;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.TestUpstream;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/// Clusters whose endpoints are names, against a name server of the test.
abstract class DiscoveryFixture {
    final TestDns names = new TestDns();
    final LoopFixture loop = new LoopFixture(false, TestDns.impatient(names));
    final TestUpstream server = new TestUpstream();

    @AfterEach
    void stop() {
        loop.close();
        server.close();
        names.close();
    }

    Cluster ready(ClusterSpec spec) {
        Cluster cluster = loop.cluster(spec);
        cluster.ready().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
        return cluster;
    }

    ClusterSpec strict(String... hosts) {
        return ClusterSpec.of(
                        "service.example",
                        80,
                        Discovery.STRICT_DNS,
                        Arrays.stream(hosts)
                                .map(host -> new EndpointSpec(host, server.port()))
                                .toList())
                .withGuard(LoopFixture.LOOPBACK_ALLOWED);
    }

    ClusterSpec logical() {
        return ClusterSpec.of(
                        "a.example", 80, Discovery.LOGICAL_DNS, List.of(new EndpointSpec("a.example", server.port())))
                .withGuard(LoopFixture.LOOPBACK_ALLOWED);
    }

    ClusterSpec dynamic() {
        return ClusterSpec.of("*.example", server.port(), Discovery.DYNAMIC, List.of())
                .withGuard(LoopFixture.LOOPBACK_ALLOWED);
    }

    static List<String> hosts(Cluster cluster) {
        return cluster.endpoints().asList().stream()
                .map(endpoint -> ((InetSocketAddress) endpoint.addresses().getFirst()).getHostString())
                .toList();
    }
}
