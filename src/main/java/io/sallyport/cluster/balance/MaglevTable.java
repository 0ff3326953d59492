package io.sallyport.cluster.balance;

import java.util.Arrays;
import java.util.List;

/// Maglev hashing (Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", NSDI 2016, 3.4): each
/// member has a preference among the slots, a permutation of its own, and the members take turns at filling the table.
/// Looking up is one access; shares are even to one slot; a member that leaves moves few keys besides its own.
public final class MaglevTable implements HashTable {
    private final int[] owners;

    private MaglevTable(int[] owners) {
        this.owners = owners;
    }

    /// @param names of the members
    /// @param weights in any unit, each above 0
    /// @param size in slots, a prime
    public static MaglevTable of(List<String> names, double[] weights, int size) {
        int[] offsets = new int[weights.length];
        int[] skips = new int[weights.length];
        for (int i = 0; i < weights.length; i++) {
            offsets[i] = (int) Long.remainderUnsigned(XxHash64.hash(names.get(i), 0), size);
            skips[i] = (int) Long.remainderUnsigned(XxHash64.hash(names.get(i), 1), size - 1) + 1;
        }
        return filled(offsets, skips, weights, size);
    }

    /// The paper's `Populate`. Member i prefers the slots `(offset + j * skip) mod size`, j = 0, 1, ….
    ///
    /// Members lighter than the heaviest sit out turns: each is due again when the rounds have brought it another
    /// turn's worth of weight (as in Envoy's `maglev`).
    static MaglevTable filled(int[] offsets, int[] skips, double[] weights, int size) {
        int members = weights.length;
        if (members == 0) {
            return new MaglevTable(new int[0]);
        }
        int[] owners = new int[size];
        Arrays.fill(owners, -1);
        int[] next = offsets.clone();
        double heaviest = Arrays.stream(weights).max().orElseThrow();
        double[] due = new double[members];
        int filled = 0;
        for (long round = 1; ; round++) {
            for (int i = 0; i < members; i++) {
                if (round * weights[i] < due[i]) {
                    continue;
                }
                due[i] += heaviest;
                int slot = next[i];
                while (owners[slot] >= 0) {
                    slot = step(slot, skips[i], size);
                }
                owners[slot] = i;
                next[i] = step(slot, skips[i], size);
                if (++filled == size) {
                    return new MaglevTable(owners);
                }
            }
        }
    }

    private static int step(int slot, int skip, int size) {
        long sum = (long) slot + skip;
        return (int) (sum < size ? sum : sum - size);
    }

    @Override
    public int slot(long hash) {
        return (int) Long.remainderUnsigned(hash, owners.length);
    }

    @Override
    public int owner(int slot) {
        return owners[slot];
    }

    @Override
    public int slots() {
        return owners.length;
    }
}
