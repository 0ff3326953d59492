package io.sallyport.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HashRingTest {
    @Test
    void theLightestMemberHasAsManyPointsAsTheRingMustHave() {
        assertThat(HashTables.counts(HashRing.of(HashTables.names(3), equal(3), 1024), 3))
                .containsExactly(1024, 1024, 1024);
        assertThat(HashTables.counts(HashRing.of(HashTables.names(3), new double[] {0.3, 0.6, 1.5}, 100), 3))
                .containsExactly(100, 200, 500);
    }

    @Test
    void aLargeRingIsNotLargerThanItMustBe() {
        assertThat(HashTables.counts(HashRing.of(HashTables.names(4), equal(4), 2_000_000), 4))
                .containsExactly(500_000, 500_000, 500_000, 500_000);
        assertThat(HashRing.of(HashTables.names(5_000), equal(5_000), 1024).slots())
                .isEqualTo(256 * 1024);
    }

    @Test
    void weightsThatDifferMuchMakeNoHugeRing() {
        HashRing ring = HashRing.of(HashTables.names(2), new double[] {1, 2_000_000_000}, 1024);
        assertThat(ring.slots()).isEqualTo(64 * 1024);
        assertThat(HashTables.counts(HashRing.of(HashTables.names(2), new double[] {1, 2_000}, 1024), 2))
                .containsExactly(33, 65_503);
    }

    /// Karger's definition, by a sorted map: the first point clockwise from the key.
    @Test
    void aKeyBelongsToTheFirstPointAtOrAfterIt() {
        List<String> names = HashTables.names(5);
        NavigableMap<Long, Integer> circle = new TreeMap<>(Long::compareUnsigned);
        for (int member = 0; member < 5; member++) {
            for (int i = 0; i < 1024; i++) {
                circle.put(XxHash64.hash(names.get(member) + "_" + i, 0), member);
            }
        }
        HashRing ring = HashRing.of(names, equal(5), 1024);
        assertThat(ring.slots()).isEqualTo(circle.size());
        SplittableRandom random = new SplittableRandom(9);
        List<Long> points = List.copyOf(circle.keySet());
        for (int i = 0; i < 100_000; i++) {
            long hash = i < points.size() ? points.get(i) : random.nextLong();
            var next = circle.ceilingEntry(hash);
            int expected = (next == null ? circle.firstEntry() : next).getValue();
            assertThat(ring.owner(ring.slot(hash))).isEqualTo(expected);
        }
    }

    @Test
    void onlyTheKeysOfAMemberThatLeavesMove() {
        for (int n = 2; n <= 20; n++) {
            List<String> names = HashTables.names(n);
            HashTable before = HashRing.of(names, equal(n), 1024);
            HashTable after = HashRing.of(HashTables.without(names, n / 2), equal(n - 1), 1024);
            double moved = HashTables.moved(before, after, n, n / 2);
            assertThat(moved).isLessThanOrEqualTo(1.0 / n + 0.05);
            assertThat(moved).isEqualTo(HashTables.keys(before, n)[n / 2] / 100_000.0);
        }
    }

    @Test
    void sharesOfEqualMembersAreEvenToAFewPercent() {
        long[] keys = HashTables.keys(HashRing.of(HashTables.names(8), equal(8), 1024), 8);
        assertThat(Arrays.stream(keys)).allSatisfy(count -> assertThat(count).isBetween(11_250L, 13_750L));
    }

    @Test
    void aMemberThatIsListedTwiceDoesNoHarm() {
        HashRing ring = HashRing.of(List.of("a:1", "a:1", "b:1"), equal(3), 1024);
        assertThat(HashTables.counts(ring, 3)).containsExactly(1024, 1024, 1024);
    }

    @Test
    void aRingOfNobodyHasNoPoints() {
        assertThat(HashRing.of(List.of(), new double[0], 1024).slots()).isZero();
    }

    private static double[] equal(int members) {
        double[] weights = new double[members];
        Arrays.fill(weights, 1);
        return weights;
    }
}
