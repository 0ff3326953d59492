package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.http.HttpVersion;
import io.sallyport.outcome.ProxyException;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.Attempt;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.OwnTraffic;
import io.sallyport.upstream.TcpConnector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// How long connections last, and how much one carries.
class ConnectionLifeTest extends CircuitFixture {
    private static final class Relay implements TcpConnector.Callback {
        final CompletableFuture<Channel> connected = new CompletableFuture<>();
        Endpoint endpoint;
        ProxyException failure;

        @Override
        public void onConnected(Channel channel, Endpoint of) {
            endpoint = of;
            connected.complete(channel);
        }

        @Override
        public void onFailure(ProxyException why, @Nullable Endpoint of) {
            failure = why;
        }
    }

    @Test
    void anHttp2ConnectionCarriesNoMoreStreamsThanMay() {
        ConnectionLife life = new ConnectionLife(Duration.ZERO, null, 2, null);
        Cluster cluster = loop.cluster(LoopFixture.spec(server.endpoint())
                .withProtocol(UpstreamProtocol.HTTP2, null)
                .withResilience(Resilience.with(life)));
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            attempts.add(loop.acquire(cluster, new TestRequest("a", HttpVersion.HTTP_2))
                    .await());
        }

        assertThat(attempts.stream().map(attempt -> attempt.connection).distinct())
                .hasSize(3);
    }

    @Test
    void aConnectionEndsWhenItHasLastedLongEnough() {
        ConnectionLife life = new ConnectionLife(Duration.ofMillis(50), null, NONE, null);
        Cluster cluster = loop.cluster(LoopFixture.spec(server.endpoint()).withResilience(Resilience.with(life)));
        Attempt busy = loop.acquire(cluster).await();
        await().until(() -> loop.usage().equals("0/0/0/1 1 0"));
        assertThat(server.accepted(0).isActive()).isTrue();
        loop.run(busy::finish);

        await().until(() -> loop.usage().equals("0/0/0/0 0 0"));
        assertThat(cluster.status().circuit().connections().used()).isZero();
    }

    @Test
    void aRelayedConnectionBeyondTheLimitIsRefused() {
        Cluster cluster = limited(new CircuitLimits(1, NONE, 1));
        TcpConnector connector = new TcpConnector(loop.loop, new OwnTraffic());
        Relay first = new Relay();
        Relay second = new Relay();
        loop.run(() -> connector.connect(cluster, new TestRequest(), null, first));
        Channel open = first.connected.orTimeout(5, TimeUnit.SECONDS).join();
        loop.run(() -> connector.connect(cluster, new TestRequest(), null, second));

        assertThat(second.failure.flag()).isEqualTo(ResponseFlag.UO);
        assertThat(second.failure.details()).isEqualTo("upstream_max_connections_reached");
        open.close().syncUninterruptibly();
        loop.run(first.endpoint::released);
        Relay third = new Relay();
        await().until(() -> cluster.status().circuit().connections().used() == 0);
        loop.run(() -> connector.connect(cluster, new TestRequest(), null, third));
        third.connected.orTimeout(5, TimeUnit.SECONDS).join();
        assertThat(cluster.status().circuit().requests().used()).isEqualTo(1);
    }

    @Test
    void aRelayedConnectionIsClosedWhenItHasLastedLongEnough() {
        ConnectionLife life = new ConnectionLife(Duration.ofMillis(50), null, NONE, null);
        Cluster cluster = loop.cluster(LoopFixture.spec(server.endpoint()).withResilience(Resilience.with(life)));
        Relay relay = new Relay();
        loop.run(() -> new TcpConnector(loop.loop, new OwnTraffic()).connect(cluster, new TestRequest(), null, relay));

        assertThat(relay.connected
                        .orTimeout(5, TimeUnit.SECONDS)
                        .join()
                        .closeFuture()
                        .awaitUninterruptibly(5, TimeUnit.SECONDS))
                .isTrue();
    }
}
