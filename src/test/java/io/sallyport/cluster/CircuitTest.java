package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.ClosedPort;
import io.sallyport.upstream.Attempt;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.TestUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Limits on connections and requests, per cluster and over all event loops.
class CircuitTest extends CircuitFixture {
    @Test
    void oneDestinationTakesAtMostAShareOfTheDescriptors() {
        Circuit unlimited = new Circuit(ResilienceSpec.DEFAULT, System::nanoTime);
        int most = DescriptorLimit.ofProcess().share(DescriptorLimit.Use.ENDPOINTS);
        int taken = 0;
        while (taken < most && unlimited.connections.take()) {
            taken++;
        }
        assertThat(taken).isPositive().isLessThanOrEqualTo(most / 2 + 1);
    }

    @Test
    void theShareOfADestinationFollowsTheLimit() {
        AtomicLong most = new AtomicLong(260);
        Circuit circuit =
                new Circuit(ResilienceSpec.DEFAULT, new DescriptorLimit(most::get, () -> 100), System::nanoTime);
        for (int i = 0; i < 30; i++) {
            assertThat(circuit.connections.take()).isTrue();
        }
        assertThat(circuit.connections.take()).isFalse();

        most.set(1_700);
        assertThat(circuit.connections.take()).isTrue();
        most.set(200);
        assertThat(circuit.connections.take()).isFalse();
        assertThat(circuit.connections.isReached()).isTrue();
    }

    @Test
    void withoutLimitsTheCircuitIsClosed() {
        Cluster cluster = limited(CircuitLimits.NONE);
        Attempt attempt = loop.acquire(cluster).await();

        assertThat(cluster.status().circuit().isOpen()).isFalse();
        assertThat(cluster.status().circuit().connections().used()).isEqualTo(1);
        loop.run(attempt::finish);
        assertThat(cluster.status().circuit().overflows()).isZero();
    }

    @Test
    void requestsWaitWhereThereAreAsManyConnectionsAsThereMayBe() {
        Cluster cluster = limited(new CircuitLimits(2, NONE, NONE));
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            attempts.add(loop.acquire(cluster));
        }
        attempts.get(0).await();
        attempts.get(1).await();

        assertThat(loop.usage()).isEqualTo("0/0/2/0 2 3");
        assertThat(cluster.status().circuit().connections().isOpen()).isTrue();
        assertThat(cluster.status().circuit().connections().overflows()).isEqualTo(3);
        loop.run(attempts.get(0)::finish);
        assertThat(attempts.get(2).await().connection).isSameAs(attempts.get(0).connection);
        loop.run(attempts.get(1)::finish);
        loop.run(attempts.get(2)::finish);
        attempts.get(4).await();
        // The server may not have accepted yet what has been connected.
        await().untilAsserted(() -> assertThat(server.accepted).hasSize(2));
    }

    @Test
    void whatALimitRefusesIsNotCountedAsSent() {
        Cluster pending = limited(new CircuitLimits(1, 1, NONE));
        Attempt first = loop.acquire(pending).await();
        Attempt waiting = loop.acquire(pending);
        isOverflow(loop.acquire(pending).await(), Circuit.PENDING);
        assertThat(pending.status().requestsTotal()).isOne();
        assertThat(pending.endpoints().get(0).status().requestsTotal()).isOne();
        loop.run(first::finish);
        waiting.await();
        assertThat(pending.status().requestsTotal()).isEqualTo(2);

        Cluster requests = limited(new CircuitLimits(NONE, NONE, 1));
        loop.acquire(requests).await();
        for (int i = 0; i < 5; i++) {
            isOverflow(loop.acquire(requests).await(), Circuit.REQUESTS);
        }
        assertThat(requests.status().requestsTotal()).isOne();
        assertThat(requests.endpoints().get(0).status().requestsTotal()).isOne();
    }

    @Test
    void aConnectionThatEndsMakesRoomForAnother() {
        Cluster cluster = limited(new CircuitLimits(1, NONE, NONE));
        Attempt first = loop.acquire(cluster).await();
        Attempt second = loop.acquire(cluster);
        loop.run(() -> first.connection.close());

        assertThat(second.await().connection).isNotSameAs(first.connection);
        assertThat(cluster.status().circuit().connections().used()).isEqualTo(1);
    }

    @Test
    void aConnectionThatCannotBeMadeGivesItsPlaceBack() {
        Cluster cluster = limited(new CircuitLimits(1, NONE, NONE), new EndpointSpec("127.0.0.1", ClosedPort.number()));
        loop.acquire(cluster).await();
        loop.acquire(cluster).await();

        assertThat(cluster.status().circuit().connections().used()).isZero();
        assertThat(cluster.status().connectFailures()).isEqualTo(2);
    }

    @Test
    void anIdleConnectionToAnotherEndpointIsGivenUp() {
        try (TestUpstream other = new TestUpstream()) {
            Cluster cluster = limited(new CircuitLimits(1, NONE, NONE), server.endpoint(), other.endpoint());
            Attempt first = loop.acquire(cluster).await();
            loop.run(first::finish);
            TestRequest elsewhere = new TestRequest();
            elsewhere.excluded.add(first.endpoint);

            Attempt second = loop.acquire(cluster, elsewhere).await();

            assertThat(second.endpoint).isNotSameAs(first.endpoint);
            assertThat(cluster.status().circuit().connections().used()).isEqualTo(1);
        }
    }

    @Test
    void theOnlyConnectionGoesFromLoopToLoop() throws Exception {
        try (LoopFixture second = new LoopFixture(true)) {
            Cluster cluster = limited(new CircuitLimits(1, NONE, NONE));
            List<CompletableFuture<Integer>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(new OneAfterTheOther(loop, cluster, 50).start());
                all.add(new OneAfterTheOther(second, cluster, 50).start());
            }
            for (CompletableFuture<Integer> done : all) {
                assertThat(done.get(30, TimeUnit.SECONDS)).isEqualTo(50);
            }
            await().until(() -> cluster.status().circuit().connections().used() <= 1);
            assertThat(cluster.status().requestsActive()).isZero();
            assertThat(cluster.status().circuit().pendingRequests().used()).isZero();
        }
    }

    @Test
    void noMoreRequestsWaitThanMay() {
        Cluster cluster = limited(new CircuitLimits(NONE, 1, NONE));
        Attempt first = new Attempt();
        Attempt second = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), first);
            loop.upstream.acquire(cluster, new TestRequest(), second);
        });

        isOverflow(second.await(), "upstream_max_pending_requests_reached");
        first.await();
        assertThat(cluster.status().requestsActive()).isEqualTo(1);
        assertThat(cluster.status().circuit().pendingRequests()).isEqualTo(new CircuitStatus.LimitStatus(1, 0, 1));
    }

    @Test
    void whoLeavesTheQueueMakesRoomInIt() {
        Cluster cluster = limited(new CircuitLimits(1, 1, NONE));
        loop.acquire(cluster).await();
        Attempt leaving = loop.acquire(cluster);
        loop.run(leaving::cancel);
        Attempt waiting = loop.acquire(cluster);
        loop.run(() -> assertThat(waiting.isWaiting()).isTrue());

        assertThat(cluster.status().circuit().pendingRequests().isOpen()).isTrue();
    }

    @Test
    void whoGivesUpBecauseOfALimitDoesNotBlameTheEndpoint() {
        Cluster cluster = limited(new CircuitLimits(1, NONE, 1));
        Attempt first = loop.acquire(cluster).await();
        Attempt late = loop.acquire(cluster);
        loop.run(() -> late.giveUp(ResponseFlag.UT));

        assertThat(first.endpoint.status().failuresTotal()).isZero();
        assertThat(cluster.status().requestsActive()).isEqualTo(1);
        assertThat(cluster.status().circuit().requests().used()).isEqualTo(1);
    }

    @Test
    void whoGivesUpWhileTheEndpointIsDialledDoes() {
        ClusterSpec spec = LoopFixture.spec(new EndpointSpec("192.0.2.1", 80));
        Cluster cluster = loop.cluster(spec.withResilience(Resilience.with(new CircuitLimits(NONE, NONE, 1))));
        Attempt late = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), late);
            late.giveUp(ResponseFlag.UT);
        });

        assertThat(cluster.endpoints().get(0).status().failuresTotal()).isEqualTo(1);
        assertThat(cluster.status().requestsActive()).isZero();
        assertThat(cluster.status().circuit().requests().used()).isZero();
    }

    @Test
    void noMoreRequestsAreUnderWayThanMay() {
        Cluster cluster = limited(new CircuitLimits(NONE, NONE, 1));
        Attempt first = loop.acquire(cluster).await();
        isOverflow(loop.acquire(cluster).await(), "upstream_max_requests_reached");
        loop.run(first::finish);
        Attempt third = loop.acquire(cluster).await();

        assertThat(third.failure).isNull();
        loop.run(() -> {
            third.endpoint.failed(ResponseFlag.UC);
            third.connection.close();
        });
        Attempt fourth = loop.acquire(cluster).await();
        assertThat(fourth.failure).isNull();
        loop.run(() -> fourth.endpoint.released());
        assertThat(cluster.status().circuit().requests()).isEqualTo(new CircuitStatus.LimitStatus(1, 0, 1));
    }

    @Test
    void aRequestRefusedAtAFreshConnectionLeavesItForTheNext() {
        Cluster cluster = limited(new CircuitLimits(NONE, NONE, 1));
        Attempt first = new Attempt();
        Attempt second = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), first);
            loop.upstream.acquire(cluster, new TestRequest(), second);
        });
        first.await();
        isOverflow(second.await(), "upstream_max_requests_reached");
        await().until(() -> loop.usage().equals("0/1/1/0 1 0"));
    }
}
