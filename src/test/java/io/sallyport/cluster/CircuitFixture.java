package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.Acquisition;
import io.sallyport.upstream.Attempt;
import io.sallyport.upstream.FakeConnections;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.TestUpstream;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/// Clusters with limits.
abstract class CircuitFixture {
    static final int NONE = CircuitLimits.UNLIMITED;

    final LoopFixture loop = new LoopFixture();
    final TestUpstream server = new TestUpstream();

    @AfterEach
    void stop() {
        loop.close();
        server.close();
    }

    Cluster limited(CircuitLimits limits, EndpointSpec... endpoints) {
        return loop.cluster(LoopFixture.spec(endpoints).withResilience(Resilience.with(limits)));
    }

    Cluster limited(CircuitLimits limits) {
        return limited(limits, server.endpoint());
    }

    static void isOverflow(Attempt refused, String limit) {
        assertThat(refused.failure.flag()).isEqualTo(ResponseFlag.UO);
        assertThat(refused.failure.status()).isEqualTo(503);
        assertThat(refused.failure.details()).isEqualTo(limit);
        assertThat(refused.failure.retryable()).isFalse();
    }

    /// A client that sends its next request when the last has been answered.
    static final class OneAfterTheOther extends Acquisition {
        private final LoopFixture loop;
        private final Cluster cluster;
        private final TestRequest request = new TestRequest();
        private final CompletableFuture<Integer> served = new CompletableFuture<>();
        private final int wanted;
        private int count;

        OneAfterTheOther(LoopFixture loop, Cluster cluster, int wanted) {
            this.loop = loop;
            this.cluster = cluster;
            this.wanted = wanted;
        }

        CompletableFuture<Integer> start() {
            loop.loop.execute(() -> loop.upstream.acquire(cluster, request, this));
            return served;
        }

        @Override
        protected void onReady(
                io.sallyport.http.ClientConnection connection, Endpoint endpoint, EndpointFacts facts, boolean reused) {
            FakeConnections.Fake fake = (FakeConnections.Fake) connection;
            fake.begin();
            if (cluster.status().circuit().connections().used() > 1) {
                served.completeExceptionally(new AssertionError("more than one connection"));
            }
            loop.loop.execute(() -> {
                endpoint.finished(200);
                fake.end();
                if (++count == wanted) {
                    served.complete(count);
                } else {
                    loop.upstream.acquire(cluster, request, this);
                }
            });
        }

        @Override
        protected void onFailure(ProxyException failure, @Nullable Endpoint endpoint) {
            served.completeExceptionally(failure);
        }
    }
}
