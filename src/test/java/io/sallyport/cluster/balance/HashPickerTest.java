package io.sallyport.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.util.AsciiString;
import io.sallyport.cluster.Endpoint;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashPickerTest {
    private static final HashKey KEY = new HashKey.SourceAddress();

    private static PickerFixture fixture(String algorithm) {
        return fixture(algorithm, Map.of());
    }

    private static PickerFixture fixture(String algorithm, Map<String, Double> localities) {
        HashPolicy policy = new HashPolicy(
                KEY, algorithm.equals("ring") ? new HashPolicy.Ring(1024) : new HashPolicy.Maglev(65537));
        return new PickerFixture(LoadBalancing.LEAST_REQUEST, new BalancingSpec(policy, localities, null));
    }

    private static List<Endpoint> pickAll(PickerFixture fixture, EndpointPicker picker, int keys) {
        List<Endpoint> picked = new ArrayList<>();
        for (int i = 0; i < keys; i++) {
            fixture.request.key = new AsciiString("client-" + i);
            picked.add(picker.pick(fixture.request));
        }
        return picked;
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "maglev"})
    void oneKeyGoesToOneEndpointAndKeysSpread(String algorithm) {
        PickerFixture fixture = fixture(algorithm);
        List<Endpoint> endpoints = PickerFixture.endpoints("1 1 1 1 1");
        List<Endpoint> picked = pickAll(fixture, fixture.picker(endpoints), 10_000);

        assertThat(pickAll(fixture, fixture.picker(endpoints), 10_000)).isEqualTo(picked);
        assertThat(endpoints).allSatisfy(endpoint -> assertThat(picked.stream().filter(endpoint::equals))
                .hasSizeBetween(1_700, 2_300));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "maglev"})
    void onlyTheKeysOfAnUnavailableEndpointMoveAndTheyComeBack(String algorithm) {
        PickerFixture fixture = fixture(algorithm);
        List<Endpoint> endpoints = PickerFixture.endpoints("1 1 1 1 1");
        EndpointPicker picker = fixture.picker(endpoints);
        List<Endpoint> before = pickAll(fixture, picker, 10_000);
        endpoints.get(2).available(false);
        List<Endpoint> meanwhile = pickAll(fixture, picker, 10_000);
        endpoints.get(2).available(true);

        assertThat(meanwhile).doesNotContain(endpoints.get(2)).containsAll(List.of(endpoints.get(0), endpoints.get(4)));
        for (int i = 0; i < before.size(); i++) {
            assertThat(meanwhile.get(i) == before.get(i) || before.get(i) == endpoints.get(2))
                    .isTrue();
        }
        assertThat(pickAll(fixture, picker, 10_000)).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "maglev"})
    void aRetryGoesToTheNextEndpointInLineWhichIsAlwaysTheSame(String algorithm) {
        PickerFixture fixture = fixture(algorithm);
        EndpointPicker picker = fixture.picker(PickerFixture.endpoints("1 1 1"));
        fixture.request.key = "somebody";
        Endpoint first = picker.pick(fixture.request);
        fixture.request.excluded.add(first);
        Endpoint second = picker.pick(fixture.request);
        assertThat(second).isNotSameAs(first);
        assertThat(picker.pick(fixture.request)).isSameAs(second);
        fixture.request.excluded.add(second);
        Endpoint third = picker.pick(fixture.request);
        assertThat(third).isNotIn(first, second);
        fixture.request.excluded.add(third);
        assertThat(picker.pick(fixture.request)).isSameAs(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "maglev"})
    void anEndpointWithHardlyAnySlotsIsFoundWhereItIsTheOnlyOneLeft(String algorithm) {
        PickerFixture fixture = fixture(algorithm);
        List<Endpoint> endpoints = PickerFixture.endpoints("1 100000 100000");
        EndpointPicker picker = fixture.picker(endpoints);
        endpoints.get(1).available(false);
        endpoints.get(2).available(false);
        assertThat(pickAll(fixture, picker, 1_000)).containsOnly(endpoints.get(0));
        endpoints.get(0).available(false);
        assertThat(picker.pick(fixture.request)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "maglev"})
    void requestsWithoutAKeyGoAnywhere(String algorithm) {
        PickerFixture fixture = fixture(algorithm);
        List<Endpoint> endpoints = PickerFixture.endpoints("1 1 1 1");
        Map<Endpoint, Integer> counts = fixture.picks(fixture.picker(endpoints));
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(22_000, 28_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "maglev"})
    void localitiesShareTheTable(String algorithm) {
        PickerFixture fixture = fixture(algorithm, Map.of("here", 80.0, "there", 20.0));
        List<Endpoint> endpoints = PickerFixture.endpoints("1@here 1@there 1@there 2@there");
        Map<Endpoint, Integer> counts = fixture.picks(fixture.picker(endpoints));
        assertThat(counts.get(endpoints.get(0))).isBetween(77_000, 83_000);
        assertThat(counts.get(endpoints.get(3))).isBetween(8_500, 11_500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "maglev"})
    void nobodyIsPickedOfNone(String algorithm) {
        PickerFixture fixture = fixture(algorithm);
        assertThat(fixture.picker(List.of()).pick(fixture.request)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ring", "maglev"})
    void pickingAllocatesNothing(String algorithm) {
        PickerFixture fixture = fixture(algorithm);
        EndpointPicker picker = fixture.picker(PickerFixture.endpoints("1 2 3 4 90"));
        fixture.request.key = new AsciiString("0123456789abcdef0123456789abcdef0123456789");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 20_000; i++) {
            picker.pick(fixture.request);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        fixture.picks(picker);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20L * PickerFixture.PICKS);
    }
}
