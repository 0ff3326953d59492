package io.sallyport.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.sallyport.cluster.Endpoint;
import io.sallyport.cluster.EndpointSet;
import io.sallyport.cluster.EndpointSpec;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LoadBalancerTest {
    private static final int PICKS = 100_000;

    /// Chi-square of 4 degrees of freedom is above this once in ten million draws.
    private static final double LIMIT = 38.2;

    private final TestRequest request = new TestRequest();

    @ParameterizedTest
    @CsvSource({
        "RANDOM, 1 1 1 1 1",
        "RANDOM, 1 2 3 4 90",
        "LEAST_REQUEST, 1 1 1 1 1",
        "LEAST_REQUEST, 1 2 3 4 90",
        "ROUND_ROBIN, 1 1 1 1 1",
        "ROUND_ROBIN, 1 2 3 4 90",
        "ROUND_ROBIN, 1000000007 1 500000000 2000000000 7"
    })
    void sharesOfAnIdleClusterFollowTheWeights(LoadBalancing kind, String weights) {
        EndpointSet set = set(weights);
        Map<Endpoint, Integer> counts = picks(PickerFactory.balancer(kind, null), set, PICKS);

        double chiSquare = 0;
        for (Endpoint endpoint : set.asList()) {
            double expected = (double) PICKS * endpoint.weight() / set.totalWeight();
            if (expected >= 5) {
                double off = counts.getOrDefault(endpoint, 0) - expected;
                chiSquare += off * off / expected;
            }
        }
        assertThat(chiSquare).isLessThan(LIMIT);
    }

    @Test
    void roundRobinOfEqualsTakesEachInTurn() {
        EndpointSet set = set("1 1 1");
        LoadBalancer balancer = PickerFactory.balancer(LoadBalancing.ROUND_ROBIN, null);
        List<Endpoint> seen = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            seen.add(balancer.pick(set, request));
        }
        assertThat(seen.subList(0, 3)).doesNotHaveDuplicates();
        assertThat(seen.subList(3, 6)).isEqualTo(seen.subList(0, 3));
        assertThat(seen.subList(6, 9)).isEqualTo(seen.subList(0, 3));
    }

    /// Smooth: in any ten picks of 9:1 the light one has its turn, not ninety of the heavy one and then ten.
    @Test
    void weightedRoundRobinSpreadsTheTurnsOfALightEndpoint() {
        EndpointSet set = set("9 1");
        LoadBalancer balancer = PickerFactory.balancer(LoadBalancing.ROUND_ROBIN, null);
        int run = 0;
        int longest = 0;
        for (int i = 0; i < 10_000; i++) {
            run = balancer.pick(set, request) == set.get(0) ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
        assertThat(longest).isBetween(9, 15);
    }

    @Test
    void leastRequestAvoidsTheBusy() {
        EndpointSet set = set("1 1 1 1 1");
        for (int i = 0; i < 100; i++) {
            set.get(2).requestStarted();
        }
        assertThat(picks(PickerFactory.balancer(LoadBalancing.LEAST_REQUEST, null), set, 10_000))
                .doesNotContainKey(set.get(2));
    }

    @Test
    void leastRequestWeighsLoadByWeight() {
        EndpointSet set = set("10 1");
        start(set.get(0), 15);
        start(set.get(1), 2);
        assertThat(picks(PickerFactory.balancer(LoadBalancing.LEAST_REQUEST, null), set, 1_000))
                .containsOnlyKeys(set.get(0));
        start(set.get(0), 6);
        assertThat(picks(PickerFactory.balancer(LoadBalancing.LEAST_REQUEST, null), set, 1_000))
                .containsOnlyKeys(set.get(1));
    }

    @ParameterizedTest
    @EnumSource(LoadBalancing.class)
    void whatARequestHasTriedIsAvoidedWhileThereIsAnother(LoadBalancing kind) {
        EndpointSet set = set("1 1000 1 1 1");
        request.excluded.add(set.get(1));
        request.excluded.add(set.get(3));
        assertThat(picks(PickerFactory.balancer(kind, null), set, 10_000))
                .containsOnlyKeys(set.get(0), set.get(2), set.get(4));
    }

    @ParameterizedTest
    @CsvSource({
        "RANDOM, 1 2 3 4 90",
        "RANDOM, 1 1 1 1 1",
        "LEAST_REQUEST, 1 2 3 4 90",
        "LEAST_REQUEST, 1 1 1 1 1",
        "ROUND_ROBIN, 1 2 3 4 90",
        "ROUND_ROBIN, 1 1 1 1 1"
    })
    void theOthersKeepTheirSharesWhileSomeAreUnavailable(LoadBalancing kind, String weights) {
        EndpointSet set = set(weights);
        set.get(1).available(false);
        set.get(4).available(false);
        Map<Endpoint, Integer> counts = picks(PickerFactory.balancer(kind, null), set, PICKS);

        double total = set.get(0).weight() + set.get(2).weight() + set.get(3).weight();
        double chiSquare = 0;
        for (int i : new int[] {0, 2, 3}) {
            double expected = PICKS * set.get(i).weight() / total;
            double off = counts.getOrDefault(set.get(i), 0) - expected;
            chiSquare += off * off / expected;
        }
        assertThat(counts).doesNotContainKeys(set.get(1), set.get(4));
        assertThat(chiSquare).isLessThan(LIMIT);
    }

    @ParameterizedTest
    @EnumSource(LoadBalancing.class)
    void anUnavailableEndpointIsNoRefugeFromATriedOne(LoadBalancing kind) {
        EndpointSet set = set("1 1 1");
        set.get(0).available(false);
        set.get(1).available(false);
        request.excluded.add(set.get(2));
        assertThat(picks(PickerFactory.balancer(kind, null), set, 1_000)).containsOnlyKeys(set.get(2));
        set.get(2).available(false);
        assertThat(PickerFactory.balancer(kind, null).pick(set, request)).isNull();
    }

    @ParameterizedTest
    @EnumSource(LoadBalancing.class)
    void whereAllWereTriedOneIsTriedAgain(LoadBalancing kind) {
        EndpointSet set = set("1 1 3");
        request.excluded.addAll(set.asList());
        assertThat(picks(PickerFactory.balancer(kind, null), set, 1_000)).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(LoadBalancing.class)
    void nobodyIsPickedOfNone(LoadBalancing kind) {
        assertThat(PickerFactory.balancer(kind, null).pick(EndpointSet.EMPTY, request))
                .isNull();
    }

    @ParameterizedTest
    @EnumSource(LoadBalancing.class)
    void pickingAllocatesNothing(LoadBalancing kind) {
        EndpointSet set = set("1 2 3 4 90");
        LoadBalancer balancer = PickerFactory.balancer(kind, null);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            balancer.pick(set, request);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < PICKS; i++) {
            balancer.pick(set, request);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(PICKS);
    }

    @Test
    void threadsShareOneRoundWithoutLosingATurn() throws InterruptedException {
        EndpointSet set = set("1 1 1 1");
        LoadBalancer balancer = PickerFactory.balancer(LoadBalancing.ROUND_ROBIN, null);
        Map<Endpoint, LongAdder> counts = new IdentityHashMap<>();
        set.asList().forEach(endpoint -> counts.put(endpoint, new LongAdder()));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int j = 0; j < 10_000; j++) {
                    counts.get(balancer.pick(set, request)).increment();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(counts.values()).allSatisfy(count -> assertThat(count.sum()).isEqualTo(10_000));
    }

    private static void start(Endpoint endpoint, int requests) {
        for (int i = 0; i < requests; i++) {
            endpoint.requestStarted();
        }
    }

    private Map<Endpoint, Integer> picks(LoadBalancer balancer, EndpointSet set, int times) {
        Map<Endpoint, Integer> counts = new IdentityHashMap<>();
        for (int i = 0; i < times; i++) {
            counts.merge(balancer.pick(set, request), 1, Integer::sum);
        }
        return counts;
    }

    private static EndpointSet set(String weights) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String weight : weights.split(" ")) {
            int port = 8000 + endpoints.size();
            endpoints.add(new Endpoint(
                    new EndpointSpec("10.0.0.1", port, Map.of(), Integer.parseInt(weight), null, null, null),
                    new InetSocketAddress("10.0.0.1", port),
                    true));
        }
        return new EndpointSet(endpoints);
    }
}
