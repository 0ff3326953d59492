package io.sallyport.cluster.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaglevTableTest {
    private static final int SIZE = 65537;

    /// Table 1 of the paper: three backends, seven slots, (offset, skip) = (3, 4), (0, 2), (3, 1).
    @Test
    void theTableOfThePaperComesOut() {
        MaglevTable before = MaglevTable.filled(new int[] {3, 0, 3}, new int[] {4, 2, 1}, equal(3), 7);
        assertThat(owners(before)).containsExactly(1, 0, 1, 0, 2, 2, 0);

        MaglevTable withoutB1 = MaglevTable.filled(new int[] {3, 3}, new int[] {4, 1}, equal(2), 7);
        assertThat(owners(withoutB1)).containsExactly(0, 0, 0, 0, 1, 1, 1);
    }

    @Test
    void equalMembersHaveEqualSharesToOneSlot() {
        long[] counts = HashTables.counts(MaglevTable.of(HashTables.names(7), equal(7), SIZE), 7);
        assertThat(Arrays.stream(counts).max().orElseThrow()
                        - Arrays.stream(counts).min().orElseThrow())
                .isLessThanOrEqualTo(1);
    }

    @Test
    void sharesFollowTheWeights() {
        double[] weights = {1, 2, 3, 4, 90};
        long[] counts = HashTables.counts(MaglevTable.of(HashTables.names(5), weights, SIZE), 5);
        for (int i = 0; i < 5; i++) {
            assertThat(counts[i] / (double) SIZE * 100).isBetween(weights[i] * 0.99, weights[i] * 1.01);
        }
    }

    @Test
    void fewKeysMoveBesidesThoseOfAMemberThatLeaves() {
        for (int n = 2; n <= 20; n++) {
            List<String> names = HashTables.names(n);
            HashTable before = MaglevTable.of(names, equal(n), SIZE);
            HashTable after = MaglevTable.of(HashTables.without(names, n / 2), equal(n - 1), SIZE);
            assertThat(HashTables.moved(before, after, n, n / 2)).isLessThanOrEqualTo(1.0 / n + 0.05);
        }
    }

    @Test
    void theOrderOfTheMembersMattersLittle() {
        List<String> names = HashTables.names(5);
        HashTable one = MaglevTable.of(names, equal(5), SIZE);
        HashTable reversed = MaglevTable.of(names.reversed(), equal(5), SIZE);
        long same = IntStream.range(0, SIZE)
                .filter(slot -> one.owner(slot) == 4 - reversed.owner(slot))
                .count();
        assertThat(same).isGreaterThan(SIZE * 95L / 100);
    }

    @Test
    void aTableOfNobodyHasNoSlots() {
        assertThat(MaglevTable.of(List.of(), new double[0], SIZE).slots()).isZero();
    }

    private static double[] equal(int members) {
        double[] weights = new double[members];
        Arrays.fill(weights, 1);
        return weights;
    }

    private static int[] owners(HashTable table) {
        return IntStream.range(0, table.slots()).map(table::owner).toArray();
    }
}
