package io.sallyport.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.AsciiString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardTest {
    private static Forward forward(HeaderOps route, WeightedCluster... clusters) {
        return new Forward(
                Arrays.asList(clusters),
                null,
                null,
                route,
                route,
                Duration.ZERO,
                true,
                RetryPolicy.DEFAULT,
                SourceLine.NONE);
    }

    private static Forward weighted(int... weights) {
        List<WeightedCluster> clusters = new ArrayList<>();
        for (int weight : weights) {
            clusters.add(new WeightedCluster("c" + clusters.size(), weight));
        }
        return forward(HeaderOps.NONE, clusters.toArray(WeightedCluster[]::new));
    }

    private static Map<String, Integer> counts(Forward forward, int picks) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < picks; i++) {
            counts.merge(forward.pick(evenly(i, picks)).clusterName(), 1, Integer::sum);
        }
        return counts;
    }

    /// The i-th of that many ints that lie evenly in the range of all of them.
    private static int evenly(int i, int of) {
        return (int) ((((long) i << Integer.SIZE) + of - 1) / of);
    }

    @Test
    void trafficIsSplitByWeight() {
        assertThat(counts(weighted(90, 10), 100)).isEqualTo(Map.of("c0", 90, "c1", 10));
    }

    @Test
    void theSumOfTheWeightsNeedNotBeAHundred() {
        assertThat(counts(weighted(1, 2, 5), 80)).isEqualTo(Map.of("c0", 10, "c1", 20, "c2", 50));
    }

    @Test
    void aWeightOfZeroGetsNothing() {
        assertThat(counts(weighted(0, 3, 0, 1, 0), 400)).isEqualTo(Map.of("c1", 300, "c3", 100));
    }

    @Test
    void aSingleDestinationGetsEverythingWhateverItsWeight() {
        assertThat(counts(weighted(0), 10)).isEqualTo(Map.of("c0", 10));
        assertThat(counts(weighted(7), 10)).isEqualTo(Map.of("c0", 10));
    }

    /// Chi-square of at most 4 degrees of freedom is above 38.2 once in ten million draws.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1 1",
                "90 10",
                "1 2 3 4 90",
                "0 1 0 1 1",
                "2000000000 1000000000",
                "2147483647 2147483647 1000000"
            })
    void theShareOfEachDestinationFitsItsWeight(String weights) {
        int[] each = Stream.of(weights.split(" ")).mapToInt(Integer::parseInt).toArray();
        Forward split = weighted(each);
        SplittableRandom random = new SplittableRandom(7);
        Map<String, Integer> counts = new HashMap<>();
        int picks = 100_000;
        for (int i = 0; i < picks; i++) {
            counts.merge(split.pick(random.nextInt()).clusterName(), 1, Integer::sum);
        }
        double total = IntStream.of(each).asLongStream().sum();
        double chiSquare = 0;
        for (int i = 0; i < each.length; i++) {
            double expected = (double) picks * each[i] / total;
            double off = counts.getOrDefault("c" + i, 0) - expected;
            assertThat(expected > 0 || off == 0).isTrue();
            chiSquare += expected > 0 ? off * off / expected : 0;
        }
        assertThat(chiSquare).isLessThan(38.2);
    }

    @Test
    void weightsWhoseSumIsNoIntAreSplitToo() {
        Forward split = weighted(Integer.MAX_VALUE, 0, Integer.MAX_VALUE);
        Random random = new Random(1);
        int first = 0;
        for (int i = 0; i < 100_000; i++) {
            WeightedCluster picked = split.pick(random.nextInt());
            assertThat(picked.clusterName()).isNotEqualTo("c1");
            first += picked.clusterName().equals("c0") ? 1 : 0;
        }
        assertThat(first).isBetween(49_000, 51_000);
    }

    @Test
    void weightsThatSayNothingAreRefused() {
        assertThatThrownBy(() -> weighted()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> weighted(0, 0)).hasMessageContaining("sum to 0");
        assertThatThrownBy(() -> weighted(-1)).hasMessageContaining("negative weight");
    }

    @ParameterizedTest
    @CsvSource({
        "API.example.com:8443, api.example.com",
        "api.example.com., api.example.com",
        "[2001:DB8::1]:443, [2001:db8::1]",
        "not a host, ''"
    })
    void theHostOfARewrittenAuthorityIsParsedOnce(String authority, String host) {
        RewrittenAuthority byHeader =
                HeaderOps.of(Map.of("host", authority), Map.of(), List.of()).authority();

        assertThat(byHeader).isEqualTo(new RewrittenAuthority(authority, host));
        assertThat(RewrittenAuthority.of(authority)).isEqualTo(byHeader);
    }

    @Test
    void theAuthorityIsThatOfTheRewriteThenOfTheRouteThenOfTheDestination() {
        HeaderOps route = HeaderOps.of(Map.of("Host", "route.com"), Map.of(), List.of());
        HeaderOps destination = HeaderOps.of(Map.of(), Map.of(":authority", "destination.com"), List.of());
        WeightedCluster cluster = new WeightedCluster("c", 1, destination, HeaderOps.NONE);
        Forward all = new Forward(
                List.of(cluster),
                null,
                RewrittenAuthority.of("rewrite.com"),
                route,
                HeaderOps.NONE,
                Duration.ZERO,
                true,
                RetryPolicy.DEFAULT,
                SourceLine.NONE);

        assertThat(all.authorityFor(cluster)).isEqualTo(RewrittenAuthority.of("rewrite.com"));
        assertThat(forward(route, cluster).authorityFor(cluster)).isEqualTo(RewrittenAuthority.of("route.com"));
        assertThat(forward(HeaderOps.NONE, cluster).authorityFor(cluster))
                .isEqualTo(RewrittenAuthority.of("destination.com"));
        assertThat(Forward.to("c").authorityFor(new WeightedCluster("c", 1))).isNull();
    }

    @Test
    void headersAreRemovedThenSetThenAddedAndHostIsLeftOut() {
        HeaderOps ops = HeaderOps.of(
                Map.of("X-B", "1", "x-a", "2", "host", "h"),
                Map.of("x-b", "3", ":path", "/"),
                List.of("X-C", "Host", ":method"));

        List<String> log = new ArrayList<>();
        ops.apply(log, LOG);

        assertThat(log).containsExactly("- x-c", "= x-a: 2", "= x-b: 1", "+ x-b: 3");
        assertThat(ops.authority()).isEqualTo(RewrittenAuthority.of("h"));
    }

    @Test
    void whatIsSetWinsOverWhatIsAddedForTheAuthority() {
        HeaderOps ops = HeaderOps.of(Map.of("host", "set"), Map.of("host", "added"), List.of());

        assertThat(ops.authority()).isEqualTo(RewrittenAuthority.of("set"));
        assertThat(ops.isEmpty()).isTrue();
    }

    @Test
    void aSingleDestinationHasTheLastWordOverTheRoute() {
        WeightedCluster only = new WeightedCluster("c", 1, ops("destination"), ops("destination"));
        List<String> log = new ArrayList<>();

        forward(ops("route"), only).editRequest(only, log, LOG);

        assertThat(log).containsExactly("- route", "- destination", "= x: route", "= x: destination");
    }

    @Test
    void ofASingleDestinationAllIsSetBeforeAnythingIsAdded() {
        HeaderOps route = HeaderOps.of(Map.of("a", "route"), Map.of("x", "route"), List.of());
        HeaderOps destination = HeaderOps.of(Map.of("x", "destination"), Map.of("b", "destination"), List.of());
        WeightedCluster only = new WeightedCluster("c", 1, destination, destination);
        List<String> log = new ArrayList<>();

        forward(route, only).editRequest(only, log, LOG);

        assertThat(log).containsExactly("= a: route", "= x: destination", "+ x: route", "+ b: destination");
    }

    @Test
    void amongSeveralDestinationsTheRouteHasTheLastWord() {
        WeightedCluster one = new WeightedCluster("c", 1, ops("destination"), ops("destination"));
        List<String> log = new ArrayList<>();

        forward(ops("route"), one, new WeightedCluster("d", 1)).editResponse(one, log, LOG);

        assertThat(log).containsExactly("- destination", "= x: destination", "- route", "= x: route");
    }

    @Test
    void equalOperationsAreEqual() {
        assertThat(ops("a")).isEqualTo(ops("a")).hasSameHashCodeAs(ops("a")).isNotEqualTo(ops("b"));
        assertThat(HeaderOps.of(Map.of(), Map.of(), List.of())).isEqualTo(HeaderOps.NONE);
    }

    private static HeaderOps ops(String name) {
        return HeaderOps.of(Map.of("x", name), Map.of(), List.of(name));
    }

    private static final HeaderOps.Editor<List<String>> LOG = new HeaderOps.Editor<>() {
        @Override
        public void remove(List<String> log, AsciiString name) {
            log.add("- " + name);
        }

        @Override
        public void set(List<String> log, AsciiString name, AsciiString value) {
            log.add("= " + name + ": " + value);
        }

        @Override
        public void add(List<String> log, AsciiString name, AsciiString value) {
            log.add("+ " + name + ": " + value);
        }
    };
}
