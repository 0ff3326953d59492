package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.http.ClientConnection;
import io.sallyport.outcome.EndpointFacts;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.testing.ClosedPort;
import io.sallyport.upstream.Acquisition;
import io.sallyport.upstream.Attempt;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.TestUpstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What requests hear where no connection comes about.
class ConnectFailureTest {
    private LoopFixture loop = new LoopFixture();

    @AfterEach
    void stop() {
        loop.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClosedPortIsRefusedAtOnce(boolean epoll) {
        loop.close();
        loop = new LoopFixture(epoll);
        Cluster cluster = loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", ClosedPort.number())));
        Attempt attempt = loop.acquire(cluster).await();

        assertThat(attempt.failure.flag()).isEqualTo(ResponseFlag.UF);
        assertThat(attempt.failure.status()).isEqualTo(503);
        assertThat(attempt.failure.details()).isEqualTo("upstream_connect_refused");
        assertThat(attempt.failure.retryable()).isTrue();
        assertThat(attempt.failed).isSameAs(cluster.endpoints().get(0));
        assertThat(loop.usage()).isEqualTo("0/0/0/0 0 0");
        assertThat(cluster.status().requestsActive()).isZero();
        assertThat(cluster.status().connectFailures()).isEqualTo(1);
    }

    @Test
    void eachOfManyWaitingHearsOfTheFailureOnce() {
        Cluster cluster = loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", ClosedPort.number())));
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            attempts.add(loop.acquire(cluster));
        }
        assertThat(attempts)
                .allSatisfy(attempt -> assertThat(attempt.await().failure).isNotNull());
        assertThat(cluster.status().requestsActive()).isZero();
        assertThat(cluster.status().endpoints().getFirst().failuresTotal()).isEqualTo(50);
    }

    @Test
    void aReceiverThatThrowsKeepsNobodyElseFromHearing() {
        Cluster cluster = loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", ClosedPort.number()))
                .withProtocol(UpstreamProtocol.HTTP2, null));
        Acquisition broken = new Acquisition() {
            @Override
            protected void onReady(
                    ClientConnection connection, Endpoint endpoint, EndpointFacts facts, boolean reused) {}

            @Override
            protected void onFailure(ProxyException failure, Endpoint endpoint) {
                throw new IllegalStateException("broken");
            }
        };
        Attempt second = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), broken);
            loop.upstream.acquire(cluster, new TestRequest(), second);
        });

        assertThat(second.await().failure).isNotNull();
        assertThat(loop.usage()).isEqualTo("0/0/0/0 0 0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aBlackHoleEndsAtTheConnectTimeout(boolean epoll) throws Exception {
        loop.close();
        loop = new LoopFixture(epoll);
        try (BlackHole hole = new BlackHole()) {
            Cluster cluster = loop.cluster(LoopFixture.spec(hole.endpoint())
                    .withConnections(Duration.ofMillis(400), Duration.ofHours(1), 0, null));
            long since = System.nanoTime();
            Attempt attempt = loop.acquire(cluster).await();
            long millis = (System.nanoTime() - since) / 1_000_000;

            assertThat(attempt.failure.details()).isEqualTo("upstream_connect_timeout");
            assertThat(attempt.failure.flag()).isEqualTo(ResponseFlag.UF);
            assertThat(millis).isBetween(395L, 5_000L);
            assertThat(loop.usage()).isEqualTo("0/0/0/0 0 0");
            assertThat(cluster.status().connectTimeouts()).isEqualTo(1);
        }
    }

    @Test
    void whoGivesUpOnABlackHoleLeavesNothingBehind() throws Exception {
        try (BlackHole hole = new BlackHole()) {
            Cluster cluster = loop.cluster(LoopFixture.spec(hole.endpoint())
                    .withConnections(Duration.ofMillis(300), Duration.ofHours(1), 0, null));
            Attempt attempt = loop.acquire(cluster);
            loop.run(attempt::cancel);

            await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
            assertThat(attempt.ended).isNotDone();
            assertThat(cluster.status().requestsActive()).isZero();
        }
    }

    @Test
    void aClusterWithoutEndpointsHasNoHealthyUpstream() {
        Attempt attempt = loop.acquire(loop.cluster(LoopFixture.spec())).await();

        assertThat(attempt.failure.flag()).isEqualTo(ResponseFlag.UH);
        assertThat(attempt.failure.status()).isEqualTo(503);
        assertThat(attempt.failure.retryable()).isFalse();
        assertThat(attempt.failed).isNull();
    }

    @Test
    void aUnixSocketThatIsNotThereIsAFailureAndNoCrash() {
        Cluster cluster = loop.cluster(LoopFixture.spec(new EndpointSpec("unix:///nowhere", 0)));

        assertThat(loop.acquire(cluster).await().failure.details()).isEqualTo("upstream_connect_failed");
    }

    @Test
    void aRetryAvoidsTheEndpointThatFailed() {
        try (TestUpstream server = new TestUpstream()) {
            Cluster cluster = loop.cluster(LoopFixture.spec(
                    new EndpointSpec("127.0.0.1", ClosedPort.number(), Map.of(), 1_000_000_000, null, null, null),
                    server.endpoint()));
            TestRequest request = new TestRequest();
            Attempt first = loop.acquire(cluster, request).await();
            request.excluded.add(first.failed);

            assertThat(loop.acquire(cluster, request).await().endpoint)
                    .isSameAs(cluster.endpoints().get(1));
        }
    }

    @Test
    void afterAFailureTheNextRequestTriesAgain() {
        int port = io.sallyport.testing.BuiltProgram.freePort();
        Cluster cluster = loop.cluster(LoopFixture.spec(new EndpointSpec("127.0.0.1", port)));
        assertThat(loop.acquire(cluster).await().failure).isNotNull();

        try (ServerSocket back = new ServerSocket()) {
            back.setReuseAddress(true);
            back.bind(new InetSocketAddress("127.0.0.1", port));
            assertThat(loop.acquire(cluster).await().connection).isNotNull();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    /// A port whose handshakes nobody answers: its queue of connections to accept is full.
    private static final class BlackHole implements AutoCloseable {
        private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        private final List<Socket> fillers = new ArrayList<>();

        BlackHole() throws Exception {
            for (int i = 0; i < 8; i++) {
                Socket filler = new Socket();
                fillers.add(filler);
                try {
                    filler.connect(listener.getLocalSocketAddress(), 100);
                } catch (java.net.SocketTimeoutException full) {
                    return;
                }
            }
            throw new IllegalStateException("the queue does not fill");
        }

        EndpointSpec endpoint() {
            return new EndpointSpec("127.0.0.1", listener.getLocalPort());
        }

        @Override
        public void close() throws Exception {
            for (Socket filler : fillers) {
                filler.close();
            }
            listener.close();
        }
    }
}
