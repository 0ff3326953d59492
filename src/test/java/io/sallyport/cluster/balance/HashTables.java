package io.sallyport.cluster.balance;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// What tests ask of hash tables.
final class HashTables {
    private static final int KEYS = 100_000;

    private HashTables() {}

    static List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "10.0.0." + i + ":8080").toList();
    }

    static List<String> without(List<String> names, int gone) {
        List<String> left = new ArrayList<>(names);
        left.remove(gone);
        return left;
    }

    /// Slots by owner.
    static long[] counts(HashTable table, int members) {
        long[] counts = new long[members];
        for (int slot = 0; slot < table.slots(); slot++) {
            counts[table.owner(slot)]++;
        }
        return counts;
    }

    /// Keys by owner.
    static long[] keys(HashTable table, int members) {
        long[] counts = new long[members];
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < KEYS; i++) {
            counts[table.owner(table.slot(random.nextLong()))]++;
        }
        return counts;
    }

    /// The part of the keys that have another owner in the table without one member, 0.0 to 1.0.
    static double moved(HashTable before, HashTable after, int members, int gone) {
        SplittableRandom random = new SplittableRandom(3);
        int moved = 0;
        for (int i = 0; i < KEYS; i++) {
            long hash = random.nextLong();
            int old = before.owner(before.slot(hash));
            int now = after.owner(after.slot(hash));
            int expected = old > gone ? old - 1 : old;
            moved += old == gone || now != expected ? 1 : 0;
        }
        return (double) moved / KEYS;
    }
}
