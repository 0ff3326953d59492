package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.balance.LoadBalancing;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.identity.CredentialException;
import io.sallyport.testing.TestDns;
import io.sallyport.tls.UpstreamTlsSpec;
import io.sallyport.upstream.Attempt;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.TestUpstream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Reloads.
class ClusterRegistryTest {
    private final TestDns names = new TestDns();
    private final LoopFixture loop = new LoopFixture(false, TestDns.settings(names));
    private final TestUpstream server = new TestUpstream();
    private final ClusterSpec payments = spec("payments");
    private final ClusterSpec billing = spec("billing");

    @AfterEach
    void stop() {
        loop.close();
        server.close();
        names.close();
    }

    @Test
    void anEqualSpecKeepsTheClusterAndItsConnections() throws Exception {
        ClusterRegistry first = ClusterRegistry.EMPTY.next(List.of(payments, billing), loop.clusters);
        Cluster before = first.cluster(payments.name());
        Attempt attempt = loop.acquire(before).await();
        loop.run(attempt::finish);

        ClusterRegistry second = first.next(List.of(spec("payments"), spec("new")), loop.clusters);
        first.closeAllBut(second);

        assertThat(second.cluster(payments.name())).isSameAs(before);
        assertThat(second.cluster(billing.name())).isNull();
        assertThat(first.cluster(billing.name()).isClosed()).isTrue();
        Attempt after = loop.acquire(second.cluster(payments.name())).await();
        assertThat(after.connection).isSameAs(attempt.connection);
        assertThat(after.reused).isTrue();
    }

    @Test
    void aChangedSpecIsAnotherClusterAndTheOldOneDrains() throws Exception {
        ClusterRegistry first = ClusterRegistry.EMPTY.next(List.of(payments), loop.clusters);
        Attempt idle = loop.acquire(first.cluster(payments.name())).await();
        Attempt busy = loop.acquire(first.cluster(payments.name())).await();
        loop.run(idle::finish);

        ClusterRegistry second = first.next(List.of(payments.withLoadBalancing(LoadBalancing.RANDOM)), loop.clusters);
        first.closeAllBut(second);

        await().until(() -> loop.usage().equals("0/0/0/1 1 0"));
        assertThat(idle.connection.channel().isActive()).isFalse();
        assertThat(busy.connection.channel().isActive()).isTrue();
        loop.run(busy::finish);
        await().until(() -> loop.upstream.usage().toCompletableFuture().join().isEmpty());
    }

    private static ResilienceSpec limited(int requests) {
        return Resilience.with(new CircuitLimits(CircuitLimits.UNLIMITED, CircuitLimits.UNLIMITED, requests));
    }

    /// What is under way is a burden to the service and to its endpoints, whichever generation has sent it there.
    @Test
    void whatIsUnderWayCountsOnAfterAReload() throws Exception {
        ClusterSpec limited = payments.withResilience(limited(2));
        ClusterRegistry first = ClusterRegistry.EMPTY.next(List.of(limited), loop.clusters);
        Attempt one = loop.acquire(first.cluster(limited.name())).await();
        Attempt two = loop.acquire(first.cluster(limited.name())).await();
        try (TestUpstream added = new TestUpstream()) {
            ClusterSpec more = limited.withSubset(null, List.of(added.endpoint(), server.endpoint()));
            ClusterRegistry second = first.next(List.of(more), loop.clusters);
            first.closeAllBut(second);
            Cluster now = second.cluster(limited.name());

            assertThat(now.endpoints().asList())
                    .extracting(Endpoint::activeRequests)
                    .containsExactly(0, 2);
            assertThat(loop.acquire(now).await().failure.details()).isEqualTo(Circuit.REQUESTS);
            loop.run(one::finish);
            Attempt third = loop.acquire(now).await();
            assertThat(third.endpoint)
                    .as("the one of fewer requests")
                    .isSameAs(now.endpoints().get(0));
            loop.run(two::finish);
            loop.run(third::finish);
            assertThat(now.status().requestsActive()).isZero();

            ClusterRegistry other = second.next(List.of(more.withResilience(limited(3))), loop.clusters);
            second.closeAllBut(other);
            assertThat(other.cluster(limited.name()).circuit())
                    .as("another limit begins anew")
                    .isNotSameAs(now.circuit());
        }
    }

    @Test
    void aRequestThatBeganBeforeTheReloadIsStillServedAndItsConnectionNotKept() throws Exception {
        ClusterRegistry first = ClusterRegistry.EMPTY.next(List.of(payments), loop.clusters);
        first.closeAllBut(ClusterRegistry.EMPTY);
        Attempt late = loop.acquire(first.cluster(payments.name())).await();

        assertThat(late.connection).isNotNull();
        loop.run(late::finish);
        await().until(() -> loop.upstream.usage().toCompletableFuture().join().isEmpty());
    }

    @Test
    void thoseWhoWaitWhenTheirClusterClosesAreServed() throws Exception {
        ClusterRegistry first = ClusterRegistry.EMPTY.next(List.of(payments), loop.clusters);
        Attempt waiting = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(first.cluster(payments.name()), new TestRequest(), waiting);
            first.closeAllBut(ClusterRegistry.EMPTY);
        });

        assertThat(waiting.await().connection).isNotNull();
        loop.run(waiting::finish);
        await().until(() -> loop.upstream.usage().toCompletableFuture().join().isEmpty());
    }

    @Test
    void aThousandReloadsLoseNoRequestOfAnUnchangedCluster() throws Exception {
        ClusterRegistry current = ClusterRegistry.EMPTY.next(List.of(payments, billing), loop.clusters);
        Attempt first = loop.acquire(current.cluster(payments.name())).await();
        loop.run(first::finish);
        for (int i = 0; i < 1_000; i++) {
            ClusterSpec changing = billing.withConnections(Duration.ofSeconds(5), Duration.ofSeconds(i + 1), 0, null);
            ClusterRegistry next = current.next(List.of(payments, changing), loop.clusters);
            current.closeAllBut(next);
            current = next;
            Attempt attempt = loop.acquire(current.cluster(payments.name())).await();
            assertThat(attempt.connection).isSameAs(first.connection);
            Attempt other = loop.acquire(current.cluster(billing.name())).await();
            loop.run(attempt::finish);
            loop.run(other::finish);
        }
        await().until(() -> loop.usage().equals("0/2/0/0 0 0"));
    }

    @Test
    void aReloadThatFailsLeavesNothingNewRunning() throws Exception {
        names.addresses("a.example", 1, "127.0.0.1");
        ClusterRegistry first = ClusterRegistry.EMPTY.next(List.of(payments), loop.clusters);
        ClusterSpec named =
                ClusterSpec.of("a.example", 80, Discovery.STRICT_DNS, List.of(new EndpointSpec("a.example", 80)));
        ClusterSpec broken = spec("broken")
                .withProtocol(
                        UpstreamProtocol.HTTP1,
                        new UpstreamTlsSpec(
                                UpstreamTlsSpec.Mode.MUTUAL, null, null, null, List.of(), false, List.of()));

        assertThatThrownBy(() -> first.next(List.of(payments, named, broken), loop.clusters))
                .isInstanceOf(CredentialException.class);
        assertThat(first.cluster(payments.name()).isClosed()).isFalse();
        // Time enough for two more look-ups of a name with a TTL of a second.
        await().pollDelay(2_500, TimeUnit.MILLISECONDS).until(() -> true);
        assertThat(names.questions().stream().filter("a.example A"::equals).count())
                .isLessThanOrEqualTo(1);
    }

    @Test
    void twoClustersOfOneNameAreRefused() {
        assertThatThrownBy(() -> ClusterRegistry.EMPTY.next(List.of(payments, payments), loop.clusters))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(payments.name());
    }

    @Test
    void itIsReadyWhenEveryNameWasLookedUp() throws Exception {
        names.addresses("a.example", 60, "127.0.0.1");
        ClusterRegistry registry = ClusterRegistry.EMPTY.next(
                List.of(
                        payments,
                        ClusterSpec.of(
                                        "a.example",
                                        80,
                                        Discovery.STRICT_DNS,
                                        List.of(new EndpointSpec("a.example", 80)))
                                .withGuard(LoopFixture.LOOPBACK_ALLOWED),
                        ClusterSpec.of(
                                "gone.example",
                                80,
                                Discovery.LOGICAL_DNS,
                                List.of(new EndpointSpec("gone.example", 80)))),
                loop.clusters);
        registry.ready(Duration.ofSeconds(10)).toCompletableFuture().get(5, TimeUnit.SECONDS);

        assertThat(registry.cluster(ClusterSpec.name("a.example", null, 80))
                        .endpoints()
                        .size())
                .isEqualTo(1);
    }

    @Test
    void aSilentNameServerHoldsUpAReloadForTheGivenTimeOnly() throws Exception {
        names.silent("a.example");
        ClusterRegistry registry = ClusterRegistry.EMPTY.next(
                List.of(ClusterSpec.of(
                        "a.example", 80, Discovery.STRICT_DNS, List.of(new EndpointSpec("a.example", 80)))),
                loop.clusters);
        long since = System.nanoTime();
        registry.ready(Duration.ofMillis(300)).toCompletableFuture().get(10, TimeUnit.SECONDS);

        assertThat(System.nanoTime() - since).isGreaterThan(290_000_000);
    }

    private ClusterSpec spec(String host) {
        return ClusterSpec.of(host, 80, Discovery.STATIC, List.of(server.endpoint()));
    }
}
