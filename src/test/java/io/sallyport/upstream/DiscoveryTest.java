package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.sallyport.telemetry.ResponseFlag;
import io.sallyport.testing.TestDns;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clusters whose endpoints are names, against a name server of the test.
class DiscoveryTest {
    private final TestDns names = new TestDns();
    private final LoopFixture loop = new LoopFixture(false, TestDns.settings(names));
    private final TestUpstream server = new TestUpstream();

    @AfterEach
    void stop() {
        loop.close();
        server.close();
        names.close();
    }

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
        await().until(() -> loop.books().equals("0/1/0/0 0 0"));
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
        await().until(() -> loop.books().equals("0/0/1/0 1 0"));
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
        Cluster cluster = new Cluster(spec, new DynamicHosts(spec, loop.names, 16), null);
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
        Cluster cluster = new Cluster(spec, new StrictDns(spec, loop.names), null);
        cluster.endpointsFound(new EndpointSet(List.of(endpoint)));
        Attempt attempt = loop.acquire(cluster).await();

        assertThat(attempt.failure.details()).isEqualTo("egress_address_guarded");
        assertThat(attempt.failure.retryable()).isFalse();
        assertThat(endpoint.failuresTotal()).isZero();
        assertThat(endpoint.activeRequests()).isZero();
        assertThat(server.accepted).isEmpty();
    }

    @Test
    void passthroughBalancingGoesToTheHostThatTheRequestNamesToo() {
        Cluster cluster = loop.cluster(LoopFixture.spec(server.endpoint())
                .withLoadBalancing(LoadBalancing.PASSTHROUGH)
                .withGuard(LoopFixture.LOOPBACK_ALLOWED));
        Attempt attempt = loop.acquire(cluster, new TestRequest("127.0.0.2")).await();

        assertThat(attempt.failure.details()).isEqualTo("upstream_connect_refused");
        assertThat(attempt.failed.spec()).isEqualTo(new EndpointSpec("127.0.0.2", 80));
    }

    private Cluster ready(ClusterSpec spec) {
        Cluster cluster = loop.cluster(spec);
        cluster.ready().toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
        return cluster;
    }

    private ClusterSpec strict(String... hosts) {
        return ClusterSpec.of(
                        "service.example",
                        80,
                        Discovery.STRICT_DNS,
                        Arrays.stream(hosts)
                                .map(host -> new EndpointSpec(host, server.port()))
                                .toList())
                .withGuard(LoopFixture.LOOPBACK_ALLOWED);
    }

    private ClusterSpec logical() {
        return ClusterSpec.of(
                        "a.example", 80, Discovery.LOGICAL_DNS, List.of(new EndpointSpec("a.example", server.port())))
                .withGuard(LoopFixture.LOOPBACK_ALLOWED);
    }

    private ClusterSpec dynamic() {
        return ClusterSpec.of("*.example", server.port(), Discovery.DYNAMIC, List.of())
                .withGuard(LoopFixture.LOOPBACK_ALLOWED);
    }

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
        Cluster cluster = new Cluster(dynamic(), new DynamicHosts(dynamic(), loop.names, most), null);
        cluster.start();
        return cluster;
    }

    private static List<String> hosts(Cluster cluster) {
        return cluster.endpoints().asList().stream()
                .map(endpoint -> ((InetSocketAddress) endpoint.addresses().getFirst()).getHostString())
                .toList();
    }
}
