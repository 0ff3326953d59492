package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.http.ClientConnection;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http1PoolTest {
    private final LoopFixture loop = new LoopFixture();
    private final TestUpstream server = new TestUpstream();
    private final Cluster cluster = loop.cluster(LoopFixture.spec(server.endpoint()));

    @AfterEach
    void stop() {
        loop.close();
        server.close();
    }

    @Test
    void aConnectionServesOneRequestAfterTheOther() {
        Attempt first = loop.acquire(cluster).await();
        loop.run(first::finish);
        Attempt second = loop.acquire(cluster).await();

        assertThat(first.reused).isFalse();
        assertThat(second.reused).isTrue();
        assertThat(second.connection).isSameAs(first.connection);
        assertThat(loop.usage()).isEqualTo("0/0/1/0 1 0");
    }

    @Test
    void concurrentRequestsHaveAConnectionEach() {
        List<Attempt> attempts = acquireAll(5);

        assertThat(attempts.stream().map(attempt -> attempt.connection).distinct())
                .hasSize(5);
        assertThat(loop.usage()).isEqualTo("0/0/5/0 5 0");
        loop.run(() -> attempts.forEach(Attempt::finish));
        assertThat(loop.usage()).isEqualTo("0/5/0/0 0 0");
        assertThat(cluster.status().requestsActive()).isZero();
    }

    @Test
    void theConnectionUsedLastIsUsedNext() {
        List<Attempt> attempts = acquireAll(3);
        loop.run(() -> attempts.forEach(Attempt::finish));

        assertThat(loop.acquire(cluster).await().connection).isSameAs(attempts.get(2).connection);
        assertThat(loop.acquire(cluster).await().connection).isSameAs(attempts.get(1).connection);
    }

    @Test
    void thoseWhoWaitAreServedInTheirOrder() {
        List<Attempt> attempts = acquireAll(20);

        assertThat(attempts).isSortedAccordingTo((a, b) -> Integer.compare(a.order, b.order));
    }

    @Test
    void aConnectionThatComesFreeServesTheWaitingBeforeANewOneIsThere() {
        Attempt first = loop.acquire(cluster).await();
        Attempt second = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), second);
            first.finish();
        });

        assertThat(second.await().connection).isSameAs(first.connection);
        await().until(() -> loop.usage().equals("0/1/1/0 1 0"));
    }

    @Test
    void anIdleConnectionThatThePeerClosesIsGoneAtOnce() {
        Attempt first = loop.acquire(cluster).await();
        loop.run(first::finish);
        server.accepted(0).close().syncUninterruptibly();
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));

        Attempt second = loop.acquire(cluster).await();
        assertThat(second.connection).isNotSameAs(first.connection);
        assertThat(second.reused).isFalse();
    }

    @Test
    void aConnectionInTheMiddleOfTheIdleOnesLeavesTheOthersInOrder() {
        List<Attempt> attempts = acquireAll(3);
        loop.run(() -> attempts.forEach(Attempt::finish));
        loop.run(() -> attempts.get(1).connection.close());
        await().until(() -> loop.usage().equals("0/2/0/0 0 0"));

        assertThat(loop.acquire(cluster).await().connection).isSameAs(attempts.get(2).connection);
        assertThat(loop.acquire(cluster).await().connection).isSameAs(attempts.get(0).connection);
        assertThat(loop.acquire(cluster).await().reused).isFalse();
    }

    @Test
    void aConnectionThatEndsMidRequestIsRemovedFromThePool() {
        Attempt first = loop.acquire(cluster).await();
        server.accepted(0).close();

        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
        loop.run(() -> first.endpoint.failed(ResponseFlag.UC));
        assertThat(cluster.status().requestsActive()).isZero();
        assertThat(cluster.status().endpoints().getFirst().failuresTotal()).isEqualTo(1);
    }

    @Test
    void aConnectionEndsAfterItsLastAllowedRequest() {
        Cluster limited =
                loop.cluster(cluster.spec().withConnections(LoopFixture.TIMEOUT, Duration.ofHours(1), 2, null));
        Attempt first = loop.acquire(limited).await();
        loop.run(first::finish);
        Attempt second = loop.acquire(limited).await();
        assertThat(second.connection).isSameAs(first.connection);
        assertThat(loop.usage()).isEqualTo("0/0/0/1 1 0");

        loop.run(second::finish);
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
        assertThat(loop.acquire(limited).await().reused).isFalse();
    }

    @Test
    void idleConnectionsCloseWhenTheirTimeIsUpAndBusyOnesDoNot() {
        Cluster impatient =
                loop.cluster(cluster.spec().withConnections(LoopFixture.TIMEOUT, Duration.ofMillis(150), 0, null));
        Attempt idle = loop.acquire(impatient).await();
        Attempt busy = loop.acquire(impatient).await();
        long since = System.nanoTime();
        loop.run(idle::finish);

        await().until(() -> loop.usage().equals("0/0/1/0 1 0"));
        assertThat(System.nanoTime() - since).isGreaterThanOrEqualTo(150_000_000);
        assertThat(idle.connection.channel().isActive()).isFalse();
        loop.run(busy::finish);
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
    }

    @Test
    void tenThousandAbortedRequestsLeaveNothingBehind() {
        for (int round = 0; round < 100; round++) {
            List<Attempt> attempts = new ArrayList<>();
            loop.run(() -> {
                for (int i = 0; i < 100; i++) {
                    Attempt attempt = new Attempt();
                    attempts.add(attempt);
                    loop.upstream.acquire(cluster, new TestRequest(), attempt);
                }
                attempts.forEach(Acquisition::cancel);
                attempts.stream().filter(attempt -> attempt.connection != null).forEach(Attempt::finish);
            });
            assertThat(attempts).noneMatch(attempt -> attempt.isWaiting() || attempt.failure != null);
        }

        await().untilAsserted(() ->
                assertThat(loop.upstream.usage().toCompletableFuture().join()).allMatch(PoolUsage::isQuiet));
        assertThat(cluster.status().requestsActive()).isZero();
        assertThat(cluster.status().requestsTotal()).isEqualTo(10_000);
        assertThat(server.accepted).hasSizeLessThanOrEqualTo(100);
    }

    @Test
    void aRequestThatGaveUpIsNotServed() {
        Attempt attempt = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), attempt);
            attempt.cancel();
            attempt.cancel();
        });

        await().until(() -> loop.usage().equals("0/1/0/0 0 0"));
        assertThat(attempt.ended).isNotDone();
        assertThat(cluster.status().requestsActive()).isZero();
    }

    @Test
    void aReceiverThatThrowsCostsItsConnectionAndNothingElse() {
        Attempt warm = loop.acquire(cluster).await();
        loop.run(warm::finish);
        Acquisition broken = new Acquisition() {
            @Override
            protected void onReady(
                    ClientConnection connection, Endpoint endpoint, EndpointFacts facts, boolean reused) {
                endpoint.released();
                throw new IllegalStateException("broken");
            }

            @Override
            protected void onFailure(ProxyException failure, Endpoint endpoint) {}
        };
        loop.on(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), broken);
            return 0;
        });

        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
        assertThat(cluster.status().requestsActive()).isZero();
    }

    /// The least of several rounds: a class that is loaded within one is an allocation of this thread, of more than a
    /// megabyte where another test of this process has installed an agent that instruments it.
    @Test
    void reuseAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        TestRequest request = new TestRequest();
        Acquisition again = new Acquisition() {
            @Override
            protected void onReady(
                    ClientConnection connection, Endpoint endpoint, EndpointFacts facts, boolean reused) {
                FakeConnections.Fake fake = (FakeConnections.Fake) connection;
                fake.begin();
                endpoint.finished(200);
                fake.end();
            }

            @Override
            protected void onFailure(ProxyException failure, Endpoint endpoint) {}
        };
        loop.run(loop.acquire(cluster).await()::finish);

        long least = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            least = Math.min(least, loop.on(() -> {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int j = 0; j < 10_000; j++) {
                    loop.upstream.acquire(cluster, request, again);
                }
                return threads.getCurrentThreadAllocatedBytes() - before;
            }));
        }
        assertThat(least).isLessThan(10_000);
        assertThat(loop.connections.made).hasSize(1);
    }

    private List<Attempt> acquireAll(int count) {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            attempts.add(loop.acquire(cluster));
        }
        attempts.forEach(Attempt::await);
        return attempts;
    }
}
