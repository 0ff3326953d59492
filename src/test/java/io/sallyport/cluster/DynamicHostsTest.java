package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.net.AddressGuard;
import io.sallyport.outcome.ResponseFlag;
import io.sallyport.upstream.Attempt;
import io.sallyport.upstream.LoopFixture;
import io.sallyport.upstream.TestUpstream;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clusters that go to the host that each request names.
class DynamicHostsTest extends DiscoveryFixture {
    private static ClusterSpec catchAll() {
        return ClusterSpec.catchAll(ClusterSpec.PASSTHROUGH, LoopFixture.LOOPBACK_ALLOWED);
    }

    private String connected(Cluster cluster, String host, int port) {
        TestRequest request = new TestRequest(host);
        request.port = port;
        return loop.acquire(cluster, request)
                .await()
                .connection
                .channel()
                .remoteAddress()
                .toString();
    }

    private Cluster few(int most) {
        Cluster cluster =
                new Cluster(dynamic(), new DynamicHosts(dynamic(), loop.names, most), null, System::nanoTime, null);
        cluster.start();
        return cluster;
    }

    @Test
    void aDynamicClusterGoesToTheHostThatTheRequestNames() {
        names.addresses("one.example", 60, "127.0.0.1").addresses("two.example", 60, "127.0.0.2");
        Cluster cluster = loop.cluster(dynamic());
        Attempt one = loop.acquire(cluster, new TestRequest("one.example")).await();
        Attempt two = loop.acquire(cluster, new TestRequest("two.example")).await();

        assertThat(one.connection.channel().remoteAddress()).hasToString("/127.0.0.1:" + server.port());
        assertThat(two.connection.channel().remoteAddress()).hasToString("/127.0.0.2:" + server.port());
        loop.run(one::finish);
        Attempt again = loop.acquire(cluster, new TestRequest("one.example")).await();
        assertThat(again.connection).isSameAs(one.connection);
    }

    @Test
    void theFirstRequestsOfADynamicHostWaitForOneLookUp() {
        names.addresses("one.example", 60, "127.0.0.1");
        Cluster cluster = loop.cluster(dynamic());
        List<Attempt> attempts = java.util.stream.IntStream.range(0, 20)
                .mapToObj(i -> loop.acquire(cluster, new TestRequest("one.example")))
                .toList();

        assertThat(attempts)
                .allSatisfy(attempt -> assertThat(attempt.await().connection).isNotNull());
        assertThat(names.questions().stream().filter("one.example A"::equals)).hasSize(1);
    }

    @Test
    void aDynamicHostThatDoesNotExistIsNoHealthyUpstream() {
        Cluster cluster = loop.cluster(dynamic());
        Attempt attempt = loop.acquire(cluster, new TestRequest("gone.example")).await();

        assertThat(attempt.failure.flag()).isEqualTo(ResponseFlag.UH);
        assertThat(attempt.failure.details()).isEqualTo("upstream_name_not_resolved");
        assertThat(cluster.status().requestsActive()).isZero();
    }

    @Test
    void manyMadeUpHostsDoNotGrowWithoutBound() {
        Cluster cluster = few(16);
        for (int i = 0; i < 50; i++) {
            loop.acquire(cluster, new TestRequest("made-up-" + i + ".example")).await();
            assertThat(cluster.endpoints().size()).isLessThanOrEqualTo(16);
        }

        names.addresses("one.example", 60, "127.0.0.1");
        assertThat(loop.acquire(cluster, new TestRequest("one.example")).await().connection)
                .isNotNull();
        await().atMost(15, TimeUnit.SECONDS).until(() -> cluster.endpoints().size() == 1);
    }

    @Test
    void aHostWithRequestsInFlightDoesNotGiveWayToANewOne() {
        names.addresses("one.example", 60, "127.0.0.1").addresses("two.example", 60, "127.0.0.1");
        Cluster cluster = few(1);
        Attempt busy = loop.acquire(cluster, new TestRequest("one.example")).await();

        assertThat(loop.acquire(cluster, new TestRequest("two.example"))
                        .await()
                        .failure
                        .flag())
                .isEqualTo(ResponseFlag.UH);
        loop.run(busy::finish);
        assertThat(loop.acquire(cluster, new TestRequest("two.example")).await().connection)
                .isNotNull();
        await().until(() -> loop.usage().equals("0/0/1/0 1 0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a..example", "[", "%", "x y"})
    void aHostThatIsNoNameIsNoHealthyUpstream(String host) {
        assertThat(loop.acquire(loop.cluster(catchAll()), new TestRequest(host))
                        .await()
                        .failure
                        .flag())
                .isEqualTo(ResponseFlag.UH);
    }

    @Test
    void aCatchAllGoesToTheHostAndPortThatTheRequestNames() {
        names.addresses("one.example", 60, "127.0.0.1");
        try (TestUpstream other = new TestUpstream()) {
            Cluster cluster = loop.cluster(catchAll());
            assertThat(connected(cluster, "one.example", server.port())).isEqualTo("/127.0.0.1:" + server.port());
            assertThat(connected(cluster, "one.example", other.port())).isEqualTo("/127.0.0.1:" + other.port());
            assertThat(connected(cluster, "127.0.0.3", server.port())).isEqualTo("/127.0.0.3:" + server.port());
            assertThat(cluster.endpoints().size()).isEqualTo(3);
            assertThat(names.questions()).doesNotContain("127.0.0.3 A");
        }
    }

    @Test
    void aTargetPortIsTakenInPlaceOfTheOneThatTheRequestNames() {
        Cluster cluster = loop.cluster(catchAll().withTargetPort(server.port()));

        assertThat(connected(cluster, "127.0.0.1", 1)).isEqualTo("/127.0.0.1:" + server.port());
        assertThat(connected(cluster, "127.0.0.1", 2)).isEqualTo("/127.0.0.1:" + server.port());
        assertThat(cluster.endpoints().size()).isEqualTo(1);
    }

    @Test
    void manyPortsOfOneHostDoNotGrowWithoutBound() {
        ClusterSpec spec = catchAll();
        Cluster cluster = new Cluster(spec, new DynamicHosts(spec, loop.names, 16), null, System::nanoTime, null);
        cluster.start();
        for (int port = 1; port <= 50; port++) {
            TestRequest request = new TestRequest("127.0.0.1");
            request.port = port;
            loop.acquire(cluster, request).await();
            assertThat(cluster.endpoints().size()).isLessThanOrEqualTo(16);
        }
    }

    @Test
    void refusedAddressesTakeNoPlaceAmongTheHosts() {
        Cluster cluster = loop.cluster(ClusterSpec.catchAll(ClusterSpec.PASSTHROUGH, AddressGuard.EXTERNAL));
        for (String host : List.of("127.0.0.1", "10.0.0.1", "::1", "2130706433", "0x7f.1")) {
            assertThat(loop.acquire(cluster, new TestRequest(host))
                            .await()
                            .failure
                            .flag())
                    .isEqualTo(ResponseFlag.RBAC);
        }
        assertThat(cluster.endpoints().isEmpty()).isTrue();
        assertThat(names.questions()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.test", "up.example.evil.test", "evil-example", "example", ".example", "127.0.0.1"})
    void aHostOutsideTheWildcardIsNeverLookedUp(String host) {
        Attempt attempt =
                loop.acquire(loop.cluster(dynamic()), new TestRequest(host)).await();

        assertThat(attempt.failure.flag()).isEqualTo(ResponseFlag.RBAC);
        assertThat(attempt.failure.details()).isEqualTo("egress_host_not_listed");
        assertThat(names.questions()).isEmpty();
    }

    /// The last door: even an endpoint that somehow has the address is not dialled.
    @Test
    void theVeryAddressIsJudgedAgainAsItIsDialled() {
        ClusterSpec spec = ClusterSpec.of("a.example", 80, Discovery.STRICT_DNS, List.of());
        EndpointSpec named = new EndpointSpec("a.example", server.port());
        Endpoint endpoint = new Endpoint(named, new InetSocketAddress("127.0.0.1", server.port()), false);
        Cluster cluster = new Cluster(spec, new StrictDns(spec, loop.names), null, System::nanoTime, null);
        cluster.endpointsFound(new EndpointSet(List.of(endpoint)));
        Attempt attempt = loop.acquire(cluster).await();

        assertThat(attempt.failure.details()).isEqualTo("egress_address_guarded");
        assertThat(attempt.failure.retryable()).isFalse();
        assertThat(endpoint.status().failuresTotal()).isZero();
        assertThat(endpoint.activeRequests()).isZero();
        assertThat(server.accepted).isEmpty();
    }

    /// As bytes do that name no host.
    @Test
    void theWildcardItselfIsNoHost() {
        Attempt attempt = loop.acquire(loop.cluster(dynamic()), new TestRequest("*.example"))
                .await();

        assertThat(attempt.failure.details()).isEqualTo("egress_host_not_listed");
        assertThat(names.questions()).isEmpty();
    }
}
