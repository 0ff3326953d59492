package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.sallyport.cluster.CircuitLimits;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Resilience;
import io.sallyport.cluster.balance.TestRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Pools of one client each, whose connections a header names it in: none outlives its client's requests by much.
class ClientPoolsTest {
    private static final int CLIENTS = 1_000;

    private final LoopFixture loop = new LoopFixture();
    private final TestUpstream server = new TestUpstream();

    @AfterEach
    void stop() {
        loop.close();
        server.close();
    }

    private Cluster cluster(int pending) {
        return loop.cluster(LoopFixture.spec(server.endpoint())
                .withProxyProtocol(HAProxyProtocolVersion.V1)
                .withResilience(Resilience.with(new CircuitLimits(1, pending, CircuitLimits.UNLIMITED))));
    }

    private static TestRequest from(int port) {
        TestRequest request = new TestRequest();
        request.client = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), port);
        return request;
    }

    private int pools() {
        return loop.upstream.usage().toCompletableFuture().join().size();
    }

    @Test
    void aClientThatIsRefusedLeavesNone() {
        Cluster cluster = cluster(1);
        Attempt first = loop.acquire(cluster, from(1)).await();
        Attempt waiting = loop.acquire(cluster, from(2));
        for (int i = 3; i < CLIENTS; i++) {
            assertThat(loop.acquire(cluster, from(i)).await().failure).isNotNull();
        }
        await().until(() -> pools() == 2);
        loop.run(first::finish);
        loop.run(waiting.await()::finish);
    }

    @Test
    void aClientThatGoesAwayLeavesNone() {
        Cluster cluster = cluster(10);
        Attempt first = loop.acquire(cluster, from(1)).await();
        for (int i = 2; i < CLIENTS; i++) {
            Attempt waiting = loop.acquire(cluster, from(i));
            loop.run(waiting::cancel);
        }
        await().until(() -> pools() == 1);
        assertThat(cluster.circuit().connections.isContended())
                .as("nobody waits for a connection to end")
                .isFalse();
        loop.run(first::finish);
    }
}
