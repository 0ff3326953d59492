package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.http.ClientConnection;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.upstream.Acquisition;
import io.sallyport.upstream.FakeConnections;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.PoolUsage;
import io.sallyport.upstream.TestUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// One cluster under several event loops, while its endpoints come and go.
class SharedClusterTest {
    private static final int REQUESTS = 20_000;

    @Test
    void noRequestAndNoSlotIsLostWhileEndpointsChange() throws Exception {
        try (TestUpstream one = new TestUpstream();
                TestUpstream two = new TestUpstream();
                LoopFixture first = new LoopFixture(true);
                LoopFixture second = new LoopFixture(false)) {
            Cluster cluster = first.cluster(LoopFixture.spec(one.endpoint(), two.endpoint()));
            List<Endpoint> both = cluster.endpoints().asList();
            List<LoopFixture> loops = List.of(first, second);
            CountDownLatch done = new CountDownLatch(2);
            List<Client> clients = new ArrayList<>();
            for (LoopFixture loop : loops) {
                Client client = new Client(loop, cluster, done);
                clients.add(client);
                loop.loop.execute(client::next);
            }
            for (int i = 0; done.getCount() > 0; i++) {
                cluster.endpointsFound(new EndpointSet(i % 3 == 0 ? both : List.of(both.get(i % 2))));
                Thread.onSpinWait();
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            cluster.endpointsFound(new EndpointSet(both));

            assertThat(clients).allMatch(client -> client.failures.get() == 0);
            await().untilAsserted(() -> assertThat(loops).allSatisfy(loop -> assertThat(
                            loop.upstream.usage().toCompletableFuture().join())
                    .allMatch(PoolUsage::isQuiet)));
            assertThat(cluster.status().requestsActive()).isZero();
            assertThat(cluster.status().requestsTotal()).isEqualTo(2L * REQUESTS);
            assertThat(both).allMatch(endpoint -> endpoint.status().requestsTotal() > 0);
        }
    }

    /// One request after the other on one loop.
    private static final class Client extends Acquisition {
        private final LoopFixture loop;
        private final Cluster cluster;
        private final CountDownLatch done;
        private final TestRequest request = new TestRequest();
        final AtomicInteger failures = new AtomicInteger();
        private int left = REQUESTS;

        Client(LoopFixture loop, Cluster cluster, CountDownLatch done) {
            this.loop = loop;
            this.cluster = cluster;
            this.done = done;
        }

        void next() {
            if (left-- > 0) {
                loop.upstream.acquire(cluster, request, this);
            } else {
                done.countDown();
            }
        }

        @Override
        protected void onReady(ClientConnection connection, Endpoint endpoint, EndpointFacts facts, boolean reused) {
            FakeConnections.Fake fake = (FakeConnections.Fake) connection;
            fake.begin();
            loop.loop.execute(() -> {
                endpoint.finished(200);
                fake.end();
                next();
            });
        }

        @Override
        protected void onFailure(ProxyException failure, Endpoint endpoint) {
            failures.incrementAndGet();
            next();
        }
    }
}
