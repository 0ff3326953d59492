package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.Attempt;
import io.sallyport.upstream.LoopFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Clusters with endpoints of one name each.
class DiscoveryTest extends DiscoveryFixture {
    @Test
    void eachAddressOfAStrictNameIsAnEndpoint() {
        names.addresses("a.example", 60, "127.0.0.1", "127.0.0.2").addresses("b.example", 60, "127.0.0.3");
        Cluster cluster = ready(strict("a.example", "b.example", "127.0.0.9"));

        assertThat(hosts(cluster)).containsExactly("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.9");
    }

    @Test
    void anAddressThatTwoNamesShareIsOneEndpoint() {
        names.addresses("a.example", 60, "127.0.0.1").addresses("b.example", 60, "127.0.0.1");

        assertThat(hosts(ready(strict("a.example", "b.example")))).containsExactly("127.0.0.1");
    }

    @Test
    void aChangedAnswerKeepsTheEndpointsAndConnectionsThatItStillHas() {
        names.addresses("a.example", 1, "127.0.0.1", "127.0.0.2");
        Cluster cluster = ready(strict("a.example"));
        Endpoint kept = cluster.endpoints().get(0);
        TestRequest request = new TestRequest();
        request.excluded.add(cluster.endpoints().get(1));
        Attempt stays = loop.acquire(cluster, request).await();
        request.excluded.clear();
        request.excluded.add(kept);
        Attempt goes = loop.acquire(cluster, request).await();
        loop.run(stays::finish);
        loop.run(goes::finish);
        names.addresses("a.example", 1, "127.0.0.3", "127.0.0.1");

        await().until(() -> hosts(cluster).equals(List.of("127.0.0.1", "127.0.0.3")));
        assertThat(cluster.endpoints().get(0)).isSameAs(kept);
        await().until(() -> loop.usage().equals("0/1/0/0 0 0"));
        assertThat(stays.connection.channel().isActive()).isTrue();
    }

    @Test
    void aNameThatCeasesToExistLeavesNoHealthyEndpointUntilItIsBack() {
        names.addresses("a.example", 1, "127.0.0.1");
        Cluster cluster = ready(strict("a.example"));
        names.unknown("a.example");
        await().until(() -> cluster.endpoints().isEmpty());

        assertThat(loop.acquire(cluster).await().failure.flag()).isEqualTo(ResponseFlag.UH);
        names.addresses("a.example", 1, "127.0.0.1");
        await().atMost(15, TimeUnit.SECONDS).until(() -> !cluster.endpoints().isEmpty());
    }

    @Test
    void whileTheNameServersFailTheOldAddressesServe() {
        names.addresses("a.example", 1, "127.0.0.1");
        Cluster cluster = ready(strict("a.example"));
        names.code("a.example", DnsResponseCode.SERVFAIL);
        int asked = names.questions().size();

        await().until(() -> names.questions().size() > asked + 2);
        assertThat(hosts(cluster)).containsExactly("127.0.0.1");
        assertThat(loop.acquire(cluster).await().connection).isNotNull();
    }

    @Test
    void aLogicalNameIsOneEndpointWhoseAddressesTakeTurns() {
        names.addresses("a.example", 60, "127.0.0.1", "127.0.0.2", "127.0.0.3");
        Cluster cluster = ready(logical());

        assertThat(cluster.endpoints().size()).isEqualTo(1);
        for (int i = 0; i < 6; i++) {
            loop.acquire(cluster).await();
        }
        assertThat(loop.connections.made.stream()
                        .map(made -> ((InetSocketAddress) made.channel().remoteAddress()).getHostString())
                        .toList())
                .containsExactly("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.2", "127.0.0.3");
    }

    @Test
    void aLogicalNameIsReachedWhileOneOfItsAddressesIs() throws IOException {
        names.addresses("a.example", 60, "127.0.0.1", "127.0.0.2", "127.0.0.3");
        try (ServerSocket second = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.2"))) {
            Cluster cluster = ready(ClusterSpec.of(
                            "a.example",
                            80,
                            Discovery.LOGICAL_DNS,
                            List.of(new EndpointSpec("a.example", second.getLocalPort())))
                    .withGuard(LoopFixture.LOOPBACK_ALLOWED));
            for (int i = 0; i < 4; i++) {
                assertThat(loop.acquire(cluster).await().connection).isNotNull();
            }
            second.close();
            assertThat(loop.acquire(cluster).await().failure).hasMessage("upstream_connect_refused");
        }
    }

    @Test
    void aLogicalNameThatMovesKeepsItsOldConnections() {
        names.addresses("a.example", 1, "127.0.0.1");
        Cluster cluster = ready(logical());
        Attempt first = loop.acquire(cluster).await();
        loop.run(first::finish);
        names.addresses("a.example", 1, "127.0.0.2");
        await().until(() -> cluster.endpoints().get(0).addresses().toString().contains("127.0.0.2"));

        Attempt second = loop.acquire(cluster).await();
        assertThat(second.connection).isSameAs(first.connection);
    }

    @Test
    void aLogicalNameThatIsGoneKeepsItsLastAddresses() {
        names.addresses("a.example", 1, "127.0.0.1");
        Cluster cluster = ready(logical());
        int asked = names.questions().size();
        names.unknown("a.example");
        await().until(() -> names.questions().size() > asked + 2);

        assertThat(loop.acquire(cluster).await().connection).isNotNull();
        names.addresses("a.example", 1, "127.0.0.2");
        await().until(() -> cluster.endpoints().get(0).addresses().toString().contains("127.0.0.2"));
    }

    @Test
    void aLogicalNameThatWasNeverThereHasNoEndpoint() {
        Cluster cluster = ready(logical());
        assertThat(loop.acquire(cluster).await().failure.flag()).isEqualTo(ResponseFlag.UH);
    }
}
