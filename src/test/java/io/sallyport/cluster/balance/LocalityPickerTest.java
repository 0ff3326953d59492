package io.sallyport.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.cluster.Endpoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalityPickerTest {
    private static final double LIMIT = 50;

    private final PickerFixture fixture = new PickerFixture(
            LoadBalancing.RANDOM, new BalancingSpec(null, Map.of("a", 80.0, "b", 15.0, "c", 5.0), null));
    private final List<Endpoint> endpoints = PickerFixture.endpoints("1@a 3@a 1@b 1@b 1@c");
    private final EndpointPicker picker = fixture.picker(endpoints);

    @Test
    void localitiesHaveTheirSharesAndEndpointsTheirsOfThose() {
        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 20, 60, 7.5, 7.5, 5))
                .isLessThan(LIMIT);
    }

    /// Envoy, "Locality weighted load balancing": availability(L) = 140 × available / total, at most 100.
    @Test
    void aLocalitysShareShrinksWithItsHealth() {
        endpoints.get(3).available(false);
        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 20, 60, 15 * 0.7, 0, 5))
                .isLessThan(LIMIT);
        endpoints.get(4).available(false);
        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 20, 60, 15 * 0.7, 0, 0))
                .isLessThan(LIMIT);
    }

    @Test
    void aRetryGoesElsewhereWhereALocalityHasOnlyTriedEndpoints() {
        fixture.request.excluded.add(endpoints.get(0));
        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 0, 80, 7.5, 7.5, 5))
                .isLessThan(LIMIT);
        fixture.request.excluded.add(endpoints.get(1));
        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 0, 0, 7.5, 7.5, 5))
                .isLessThan(LIMIT);
        fixture.request.excluded.addAll(endpoints);
        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 40, 40, 7.5, 7.5, 5))
                .isLessThan(LIMIT);
    }

    @Test
    void nobodyIsPickedWhereNobodyIsAvailable() {
        endpoints.forEach(endpoint -> endpoint.available(false));
        assertThat(picker.pick(fixture.request)).isNull();
    }

    /// Envoy: all endpoints alike, whatever the localities' shares.
    @Test
    void inPanicLocalitiesDoNotCount() {
        endpoints.get(2).available(true, true);
        endpoints.get(3).available(true, true);
        endpoints.get(4).available(true, true);
        assertThat(PickerFixture.chiSquare(fixture.picks(picker), endpoints, 1, 3, 1, 1, 1))
                .isLessThan(LIMIT);
    }
}
