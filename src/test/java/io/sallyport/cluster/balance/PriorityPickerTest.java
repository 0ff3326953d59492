package io.sallyport.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import io.sallyport.cluster.Endpoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriorityPickerTest {
    private static final double LIMIT = 50;

    private final PickerFixture fixture = new PickerFixture(LoadBalancing.ROUND_ROBIN, BalancingSpec.NONE);

    /// From Envoy's documentation, "Priority levels": healthy endpoints of P0, P1 and P2 in per cent, and the traffic.
    @ParameterizedTest
    @CsvSource({
        "100, 100, 100, 100, 0, 0",
        "72, 72, 100, 100, 0, 0",
        "71, 71, 100, 99.4, 0.6, 0",
        "50, 60, 100, 70, 30, 0",
        "50, 20, 100, 70, 28, 2",
        "25, 25, 0, 50, 50, 0",
        "25, 25, 20, 35.714, 35.714, 28.571",
        "0, 0, 10, 0, 0, 100",
        "5, 0, 0, 100, 0, 0"
    })
    void eachLevelGetsTheTrafficThatItIsHealthyEnoughFor(
            int healthy0, int healthy1, int healthy2, double share0, double share1, double share2) {
        List<Endpoint> endpoints =
                PickerFixture.endpoints("1@a#0 ".repeat(100) + "1@a#1 ".repeat(100) + "1@a#2 ".repeat(99) + "1@a#2");
        EndpointPicker picker = fixture.picker(endpoints);
        int[] healthy = {healthy0, healthy1, healthy2};
        for (int i = 0; i < 300; i++) {
            endpoints.get(i).available(i % 100 < healthy[i / 100]);
        }
        double[] got = new double[3];
        fixture.picks(picker).forEach((endpoint, count) -> {
            assertThat(endpoint.isAvailable()).isTrue();
            got[endpoint.spec().priority()] += count;
        });
        double[] expected = {share0, share1, share2};
        double chiSquare = 0;
        for (int i = 0; i < 3; i++) {
            double mean = expected[i] * PickerFixture.PICKS / 100;
            assertThat(mean > 0 || got[i] == 0).isTrue();
            chiSquare += mean == 0 ? 0 : (got[i] - mean) * (got[i] - mean) / mean;
        }
        assertThat(chiSquare).isLessThan(LIMIT);
    }

    @Test
    void nobodyIsPickedWhereNoLevelHasAnAvailableEndpoint() {
        List<Endpoint> endpoints = PickerFixture.endpoints("1@a#0 1@a#1");
        EndpointPicker picker = fixture.picker(endpoints);
        endpoints.forEach(endpoint -> endpoint.available(false));
        assertThat(picker.pick(fixture.request)).isNull();
    }

    @Test
    void aRetryStaysInAHealthyLevelUnlessItIsToLeave() {
        List<Endpoint> endpoints = PickerFixture.endpoints("1@a#0 1@a#0 1@b#1");
        EndpointPicker picker = fixture.picker(endpoints);
        fixture.request.excluded.add(endpoints.get(0));
        assertThat(fixture.picks(picker)).containsOnlyKeys(endpoints.get(1));
        fixture.request.excluded.add(endpoints.get(1));
        assertThat(fixture.picks(picker)).containsOnlyKeys(endpoints.get(0), endpoints.get(1));
        fixture.request.leavesTriedPriorities = true;
        assertThat(fixture.picks(picker)).containsOnlyKeys(endpoints.get(2));
        fixture.request.excluded.add(endpoints.get(2));
        assertThat(fixture.picks(picker)).containsOnlyKeys(endpoints.get(0), endpoints.get(1));
    }

    @Test
    void aKeyKeepsItsLevel() {
        HashPolicy policy = new HashPolicy(new HashKey.SourceAddress(), new HashPolicy.Ring(1024));
        PickerFixture hashing =
                new PickerFixture(LoadBalancing.LEAST_REQUEST, new BalancingSpec(policy, Map.of(), null));
        List<Endpoint> endpoints = PickerFixture.endpoints("1@a#0 1@a#0 1@b#1 1@b#1");
        EndpointPicker picker = hashing.picker(endpoints);
        endpoints.get(0).available(false);
        int inFirst = 0;
        for (int i = 0; i < 10_000; i++) {
            hashing.request.key = new AsciiString("client-" + i);
            Endpoint picked = picker.pick(hashing.request);
            assertThat(picker.pick(hashing.request)).isSameAs(picked);
            inFirst += picked == endpoints.get(1) ? 1 : 0;
        }
        assertThat(inFirst).isBetween(6_800, 7_200);
    }

    /// Envoy, `recalculateLoadInTotalPanic`.
    @Test
    void inPanicEachLevelGetsTheNumberOfItsEndpoints() {
        List<Endpoint> endpoints = PickerFixture.endpoints("1@a#0 1@a#0 1@a#0 1@b#1");
        EndpointPicker picker = fixture.picker(endpoints);
        endpoints.forEach(endpoint -> endpoint.available(true, true));
        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 1, 1, 1, 1))
                .isLessThan(LIMIT);
    }

    @Test
    void alsoInPanicARetryLeavesWhatItHasTried() {
        List<Endpoint> endpoints = PickerFixture.endpoints("1@a#0 ".repeat(9) + "1@b#1");
        EndpointPicker picker = fixture.picker(endpoints);
        endpoints.forEach(endpoint -> endpoint.available(true, true));
        fixture.request.excluded.addAll(endpoints.subList(0, 9));
        fixture.request.leavesTriedPriorities = true;
        assertThat(fixture.picks(picker)).containsOnlyKeys(endpoints.get(9));
        fixture.request.excluded.add(endpoints.get(9));
        assertThat(fixture.picks(picker)).hasSize(10);
    }

    /// One that is not in panic keeps its health's part, and one that is in panic has only that of its well ones.
    @Test
    void panicOfOneLevelDoesNotTakeRequestsFromAnother() {
        List<Endpoint> endpoints = PickerFixture.endpoints("1@a#0 1@a#0 1@a#0 1@a#0 1@b#1 1@b#1");
        EndpointPicker picker = fixture.picker(endpoints);
        endpoints.subList(0, 4).forEach(endpoint -> endpoint.available(true, true));
        endpoints.get(4).available(false);
        assertThat(fixture.picks(picker)).containsOnlyKeys(endpoints.get(5));
    }
}
