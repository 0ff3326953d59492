package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.CircuitLimits;
import io.sallyport.cluster.Cluster;
import io.sallyport.cluster.ConnectFailure;
import io.sallyport.cluster.Resilience;
import io.sallyport.cluster.UpstreamProtocol;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http2PoolTest {
    private final LoopFixture loop = new LoopFixture();
    private final TestUpstream server = new TestUpstream();
    private final Cluster cluster =
            loop.cluster(LoopFixture.spec(server.endpoint()).withProtocol(UpstreamProtocol.HTTP2, null));

    @AfterEach
    void stop() {
        loop.close();
        server.close();
    }

    @Test
    void requestsThatComeWhileConnectingShareTheConnection() {
        List<Attempt> attempts = acquireAtOnce(50);

        assertThat(loop.connections.made).hasSize(1);
        assertThat(attempts).allMatch(attempt -> attempt.connection == loop.connections.made.getFirst());
        assertThat(loop.usage()).isEqualTo("0/0/1/0 50 0");
    }

    @Test
    void thePeersLimitOfStreamsIsKept() {
        loop.connections.room = 10;
        List<Attempt> attempts = acquireAtOnce(35);

        assertThat(loop.connections.made).hasSizeGreaterThanOrEqualTo(4);
        assertThat(loop.connections.made).allMatch(fake -> fake.activeStreams() <= 10);
        loop.run(() -> attempts.forEach(Attempt::finish));
        assertThat(cluster.status().requestsActive()).isZero();
    }

    @Test
    void aStreamThatEndsMakesRoomForOneThatWaits() {
        loop.connections.room = 1;
        Attempt first = loop.acquire(cluster).await();
        Attempt second = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), second);
            first.finish();
        });

        assertThat(second.await().connection).isSameAs(first.connection);
    }

    @Test
    void aRaisedLimitServesThoseWhoWait() {
        loop.connections.room = 1;
        Attempt first = loop.acquire(cluster).await();
        Attempt second = new Attempt();
        loop.run(() -> {
            loop.upstream.acquire(cluster, new TestRequest(), second);
            first.connection.settings(2);
        });

        assertThat(second.await().connection).isSameAs(first.connection);
        assertThat(second.reused).isTrue();
    }

    @Test
    void aLoweredLimitIsSeenAtTheNextRequest() {
        Attempt first = loop.acquire(cluster).await();
        loop.run(() -> first.connection.settings(1));
        Attempt second = loop.acquire(cluster).await();

        assertThat(second.connection).isNotSameAs(first.connection);
        loop.run(first::finish);
        assertThat(loop.acquire(cluster).await().connection).isSameAs(first.connection);
    }

    @Test
    void whileAPeerAllowsNoStreamTheConnectionIsStillBeingMade() {
        loop.connections.room = 0;
        Attempt attempt = loop.acquire(cluster);
        await().until(() -> !loop.connections.made.isEmpty());
        assertThat(loop.usage()).isEqualTo("1/0/0/0 0 1");

        loop.run(() -> loop.connections.made.getFirst().settings(1));
        assertThat(attempt.await().connection).isNotNull();
    }

    @Test
    void aPeerThatAllowsNoStreamInTimeFailsThoseWhoWait() {
        loop.connections.room = 0;
        Cluster impatient =
                loop.cluster(cluster.spec().withConnections(Duration.ofMillis(200), Duration.ofHours(1), 0, null));
        List<Attempt> attempts = List.of(loop.acquire(impatient), loop.acquire(impatient));

        assertThat(attempts)
                .allSatisfy(attempt -> assertThat(attempt.await().failure).hasMessage(ConnectFailure.TIMEOUT));
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
        assertThat(impatient.status().connectTimeouts()).isEqualTo(1);
    }

    @Test
    void aPeerThatTakesBackAllItsRoomDoesNotCauseAFloodOfConnections() {
        Attempt first = loop.acquire(cluster).await();
        loop.run(first::finish);
        loop.run(() -> first.connection.settings(0));
        loop.run(() -> first.connection.tell());
        List<Attempt> attempts = acquireAtOnce(3);

        assertThat(attempts).allMatch(attempt -> attempt.connection != first.connection);
        assertThat(loop.connections.made).hasSizeLessThanOrEqualTo(4);
    }

    /// Where no other may be made, it would be in the way for as long as it lasts.
    @Test
    void anIdleConnectionWhosePeerTakesBackAllItsRoomGivesWay() {
        Cluster one = loop.cluster(cluster.spec()
                .withConnections(Duration.ofMillis(500), Duration.ofHours(1), 0, null)
                .withResilience(
                        Resilience.with(new CircuitLimits(1, CircuitLimits.UNLIMITED, CircuitLimits.UNLIMITED))));
        Attempt first = loop.acquire(one).await();
        loop.run(first::finish);
        loop.connections.room = 0;
        loop.run(() -> first.connection.settings(0));

        assertThat(loop.acquire(one).await().failure).hasMessage(ConnectFailure.TIMEOUT);
        assertThat(first.connection.channel().isActive()).isFalse();
        loop.connections.room = 1;
        assertThat(loop.acquire(one).await().connection).isNotNull();
    }

    @Test
    void aNewConnectionIsTrustedWithNoMoreThanOthersAllowed() {
        loop.connections.room = 5;
        Attempt first = loop.acquire(cluster).await();
        loop.run(first.connection::tell);
        loop.connections.room = 100;
        acquireAtOnce(24);

        assertThat(loop.connections.made).hasSize(5).allMatch(fake -> fake.activeStreams() <= 5);
    }

    @Test
    void afterGoAwayNewRequestsTakeANewConnectionAndOldOnesEndOnTheOld() {
        Attempt first = loop.acquire(cluster).await();
        loop.run(() -> first.connection.goAway());
        Attempt second = loop.acquire(cluster).await();

        assertThat(second.connection).isNotSameAs(first.connection);
        assertThat(first.connection.channel().isActive()).isTrue();
        assertThat(loop.usage()).isEqualTo("0/0/1/1 2 0");
        loop.run(first::finish);
        await().until(() -> loop.usage().equals("0/0/1/0 1 0"));
    }

    @Test
    void aConnectionWithStreamsIsNotIdle() {
        Cluster impatient =
                loop.cluster(cluster.spec().withConnections(LoopFixture.TIMEOUT, Duration.ofMillis(100), 0, null));
        Attempt first = loop.acquire(impatient).await();
        Attempt second = loop.acquire(impatient).await();
        loop.run(first::finish);
        long since = System.nanoTime();
        await().pollDelay(Duration.ofMillis(300)).until(() -> loop.usage().equals("0/0/1/0 1 0"));

        loop.run(second::finish);
        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
        assertThat(System.nanoTime() - since).isGreaterThan(300_000_000);
    }

    @Test
    void requestsPerConnectionAreCountedOverItsStreams() {
        Cluster limited =
                loop.cluster(cluster.spec().withConnections(LoopFixture.TIMEOUT, Duration.ofHours(1), 3, null));
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            attempts.add(loop.acquire(limited).await());
        }
        assertThat(attempts.stream().map(attempt -> attempt.connection).distinct())
                .hasSize(3);
        loop.run(() -> attempts.forEach(Attempt::finish));
        await().until(() -> loop.usage().equals("0/1/0/0 0 0"));
    }

    @Test
    void theClientsVersionDecidesWhereTheClusterSaysSo() {
        Cluster mirrored =
                loop.cluster(LoopFixture.spec(server.endpoint()).withProtocol(UpstreamProtocol.CLIENT, null));
        Attempt one = loop.acquire(mirrored, new TestRequest("a.example", HttpVersion.HTTP_1_0))
                .await();
        Attempt two = loop.acquire(mirrored, new TestRequest("a.example", HttpVersion.HTTP_2))
                .await();

        assertThat(one.connection.version()).isEqualTo(HttpVersion.HTTP_1_1);
        assertThat(two.connection.version()).isEqualTo(HttpVersion.HTTP_2);
    }

    @Test
    void grpcTakesHttp2AndTheRestHttp1WhereOnlyTheNameIsKnown() {
        Cluster aware =
                loop.cluster(LoopFixture.spec(server.endpoint()).withProtocol(UpstreamProtocol.GRPC_AWARE, null));
        TestRequest call = new TestRequest();
        call.grpc = true;

        assertThat(loop.acquire(aware, call).await().connection.version()).isEqualTo(HttpVersion.HTTP_2);
        assertThat(loop.acquire(aware).await().connection.version()).isEqualTo(HttpVersion.HTTP_1_1);
    }

    @Test
    void anUpgradeWaitsForTheSettingsOfAnHttp2Endpoint() {
        TestRequest upgrade = new TestRequest();
        upgrade.upgrade = true;
        Attempt waiting = loop.acquire(cluster, upgrade);
        await().until(() -> !loop.connections.made.isEmpty());
        assertThat(loop.usage()).isEqualTo("1/0/0/0 0 1");

        loop.run(() -> loop.connections.made.getFirst().settings(100));
        assertThat(waiting.await().connection.version()).isEqualTo(HttpVersion.HTTP_2);
    }

    @Test
    void anUpgradeTakesHttp1WhereTheEndpointMayChoose() {
        TestRequest upgrade = new TestRequest();
        upgrade.upgrade = true;
        upgrade.grpc = true;
        Cluster aware =
                loop.cluster(LoopFixture.spec(server.endpoint()).withProtocol(UpstreamProtocol.GRPC_AWARE, null));
        Cluster mirrored =
                loop.cluster(LoopFixture.spec(server.endpoint()).withProtocol(UpstreamProtocol.CLIENT, null));

        assertThat(loop.acquire(aware, upgrade).await().connection.version()).isEqualTo(HttpVersion.HTTP_1_1);
        assertThat(loop.acquire(mirrored, upgrade).await().connection.version()).isEqualTo(HttpVersion.HTTP_1_1);
    }

    private List<Attempt> acquireAtOnce(int count) {
        List<Attempt> attempts = new ArrayList<>();
        loop.run(() -> {
            for (int i = 0; i < count; i++) {
                Attempt attempt = new Attempt();
                attempts.add(attempt);
                loop.upstream.acquire(cluster, new TestRequest(), attempt);
            }
        });
        attempts.forEach(Attempt::await);
        return attempts;
    }
}
