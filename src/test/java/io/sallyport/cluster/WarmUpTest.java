package io.sallyport.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.balance.BalancingSpec;
import io.sallyport.cluster.balance.EndpointPicker;
import io.sallyport.cluster.balance.LoadBalancing;
import io.sallyport.cluster.balance.PickerFixture;
import io.sallyport.cluster.balance.TestRequest;
import io.sallyport.upstream.ClusterFactory;
import io.sallyport.upstream.LoopFixture;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WarmUpTest {
    private static final double LIMIT = 50;
    private static final Duration WINDOW = Duration.ofSeconds(100);

    private static PickerFixture fixture(LoadBalancing kind, double minimum, double aggression) {
        return new PickerFixture(
                kind, new BalancingSpec(null, Map.of(), new BalancingSpec.SlowStart(WINDOW, minimum, aggression)));
    }

    /// Envoy, "Slow start": weight × max(min_weight_percent, (age / window)^(1 / aggression)).
    @ParameterizedTest
    @CsvSource({
        "ROUND_ROBIN, 0.1, 1, 0, 0.1",
        "ROUND_ROBIN, 0, 1, 0, 0.01",
        "ROUND_ROBIN, 0.1, 1, 50, 0.5",
        "ROUND_ROBIN, 0.1, 2, 25, 0.5",
        "ROUND_ROBIN, 0.1, 1, 100, 1",
        "LEAST_REQUEST, 0.1, 1, 0, 0.1",
        "LEAST_REQUEST, 0.1, 1, 50, 0.5",
        "LEAST_REQUEST, 0.1, 2, 25, 0.5",
        "LEAST_REQUEST, 0.1, 1, 101, 1",
        "RANDOM, 0.1, 1, 0, 1"
    })
    void aNewEndpointsShareGrowsWithItsAge(
            LoadBalancing kind, double minimum, double aggression, int seconds, double share) {
        PickerFixture fixture = fixture(kind, minimum, aggression);
        List<Endpoint> endpoints = PickerFixture.endpoints("1 2 3 4");
        fixture.picker(endpoints.subList(0, 3));
        fixture.clock.addAndGet(Duration.ofHours(1).toNanos());
        EndpointPicker picker = fixture.picker(endpoints);
        fixture.clock.addAndGet(Duration.ofSeconds(seconds).toNanos());

        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 1, 2, 3, 4 * share))
                .isLessThan(LIMIT);
    }

    @ParameterizedTest
    @EnumSource(
            value = LoadBalancing.class,
            names = {"ROUND_ROBIN", "LEAST_REQUEST"})
    void whereAllAreNewEachHasItsShare(LoadBalancing kind) {
        PickerFixture fixture = fixture(kind, 0.1, 1);
        List<Endpoint> endpoints = PickerFixture.endpoints("1 2 3 4");
        assertThat(PickerFixture.chiSquare(fixture.picks(fixture.picker(endpoints)), endpoints, 1, 2, 3, 4))
                .isLessThan(LIMIT);
    }

    @Test
    void anEndpointThatStaysIsNotNewAgain() {
        PickerFixture fixture = fixture(LoadBalancing.ROUND_ROBIN, 0.1, 1);
        List<Endpoint> endpoints = PickerFixture.endpoints("1 1");
        fixture.picker(endpoints);
        fixture.clock.addAndGet(WINDOW.toNanos());
        assertThat(PickerFixture.chiSquare(fixture.picks(fixture.picker(endpoints)), endpoints, 1, 1))
                .isLessThan(LIMIT);
    }

    /// An idle newcomer must not get every second request just because nobody is less loaded.
    @Test
    void theLoadThatANewEndpointIsTakenToBearIsOneOfItsShare() {
        PickerFixture fixture = fixture(LoadBalancing.LEAST_REQUEST, 0.1, 1);
        List<Endpoint> endpoints = PickerFixture.endpoints("1 1");
        fixture.picker(endpoints.subList(0, 1));
        fixture.clock.addAndGet(WINDOW.toNanos());
        EndpointPicker picker = fixture.picker(endpoints);
        for (int i = 0; i < 5; i++) {
            endpoints.get(0).requestStarted();
        }
        endpoints.get(1).requestStarted();
        assertThat(fixture.picks(picker)).containsOnlyKeys(endpoints.get(0));
    }

    @Test
    void whatAReloadAddsIsNewAndTheOthersAreNot() throws Exception {
        AtomicLong clock = new AtomicLong();
        try (LoopFixture loop = new LoopFixture()) {
            ClusterFactory factory = new ClusterFactory(loop.names, EndpointFeed.NONE, clock::get);
            EndpointSpec one = new EndpointSpec("10.0.0.1", 80);
            EndpointSpec two = new EndpointSpec("10.0.0.2", 80);
            EndpointSpec three = new EndpointSpec("10.0.0.3", 80);
            Cluster plain = factory.create(LoopFixture.spec(one), null);
            Cluster first = factory.create(warming(one, two), plain);
            clock.addAndGet(WINDOW.toNanos() / 2);
            Cluster second = factory.create(warming(one, two, three), first);

            double[] counts = new double[3];
            for (int i = 0; i < PickerFixture.PICKS; i++) {
                Endpoint picked = second.pick(new TestRequest());
                picked.released();
                counts[second.endpoints().asList().indexOf(picked)]++;
            }
            assertThat(counts[0] / PickerFixture.PICKS).isBetween(0.61, 0.64);
            assertThat(counts[1] / PickerFixture.PICKS).isBetween(0.30, 0.325);
            assertThat(counts[2] / PickerFixture.PICKS).isBetween(0.055, 0.07);
        }
    }

    private static ClusterSpec warming(EndpointSpec... endpoints) {
        return LoopFixture.spec(endpoints)
                .withLoadBalancing(LoadBalancing.ROUND_ROBIN)
                .withBalancing(new BalancingSpec(null, Map.of(), new BalancingSpec.SlowStart(WINDOW, 0.1, 1)));
    }
}
