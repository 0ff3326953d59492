package io.sallyport.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalityPickerTest {
    private static final double LIMIT = 50;

    private final PickerFixture fixture = new PickerFixture(
            LoadBalancing.RANDOM, new Balancing(null, Map.of("a", 80.0, "b", 15.0, "c", 5.0), null));
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
    void aRetryMayGoElsewhere() {
        fixture.request.excluded.add(endpoints.get(0));
        fixture.request.excluded.add(endpoints.get(1));
        Map<Endpoint, Integer> counts = fixture.picks(picker);
        int again = counts.getOrDefault(endpoints.get(0), 0) + counts.getOrDefault(endpoints.get(1), 0);
        // Five draws, each of which leads to the tried ones in 80 of 100 cases.
        assertThat(again / (double) PickerFixture.PICKS).isBetween(0.30, 0.35);
    }

    @Test
    void nobodyIsPickedWhereNobodyIsAvailable() {
        endpoints.forEach(endpoint -> endpoint.available(false));
        assertThat(picker.pick(fixture.request)).isNull();
    }
}
